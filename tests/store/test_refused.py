"""Refused frames: authentic ones kept up to a bound, others only as a few samples."""

from datetime import timedelta

from hydroalert.store import Connection
from hydroalert.store.refused import KEPT_PER_DEVICE, SAMPLES_PER_DEVICE, ToKeep, keep_refused, list_refused
from hydroalert.store.sealing import Sealer
from tests.store.planting import NOON, plant_device


def frame(device_id: int, number: int, *, authentic: bool = True, reason: str = "bad_body") -> ToKeep:
    """A refused frame with a tag of its own."""
    tag = number.to_bytes(16, "big")
    return ToKeep(device_id, "frames", reason if authentic else "bad_tag", authentic, tag, b"frame " + tag)


async def fill(connection: Connection, device_id: int, count: int) -> None:
    """As many kept frames."""
    await connection.execute(
        "INSERT INTO refused_frame (device_id, channel, reason, authentic, tag, frame, received_at) "
        "SELECT $1, 'frames', 'bad_body', true, decode(md5(n::text), 'hex'), '\\x00', $3 "
        "FROM generate_series(1, $2) AS n",
        device_id,
        count,
        NOON,
    )


async def test_an_authentic_frame_is_kept_once_by_its_tag(connection: Connection, sealer: Sealer) -> None:
    device_id = await plant_device(connection, sealer)
    for _ in range(2):
        kept = await keep_refused(connection, [frame(device_id, 1), frame(device_id, 1), frame(device_id, 2)], NOON)
        assert kept == {(device_id, frame(device_id, number).tag) for number in (1, 2)}
    assert [one.frame for one in await list_refused(connection)] == [frame(device_id, n).frame for n in (1, 2)]


async def test_beyond_the_bound_nothing_is_kept_and_nothing_claims_to_be(
    connection: Connection, sealer: Sealer
) -> None:
    device_id = await plant_device(connection, sealer)
    await fill(connection, device_id, KEPT_PER_DEVICE - 1)
    kept = await keep_refused(connection, [frame(device_id, number) for number in (1, 2, 3)], NOON)
    assert kept == {(device_id, frame(device_id, 1).tag)}
    assert await keep_refused(connection, [frame(device_id, 4)], NOON) == set()
    assert await connection.fetchval("SELECT count(*) FROM refused_frame") == KEPT_PER_DEVICE == 10_000


async def test_a_full_device_still_knows_what_it_has_kept(connection: Connection, sealer: Sealer) -> None:
    device_id = await plant_device(connection, sealer)
    await keep_refused(connection, [frame(device_id, 1)], NOON)
    await fill(connection, device_id, KEPT_PER_DEVICE - 1)
    assert await keep_refused(connection, [frame(device_id, 1)], NOON) == {(device_id, frame(device_id, 1).tag)}


async def test_a_full_device_takes_no_room_from_another(connection: Connection, sealer: Sealer) -> None:
    full, other = await plant_device(connection, sealer), await plant_device(connection, sealer, "gauge-2")
    await fill(connection, full, KEPT_PER_DEVICE)
    assert await keep_refused(connection, [frame(full, 1), frame(other, 1)], NOON) == {(other, frame(other, 1).tag)}


async def test_of_frames_without_a_good_tag_the_newest_few_are_kept_to_look_at(
    connection: Connection, sealer: Sealer
) -> None:
    device_id = await plant_device(connection, sealer)
    for number in range(SAMPLES_PER_DEVICE + 3):
        moment = NOON + timedelta(seconds=number)
        assert await keep_refused(connection, [frame(device_id, number, authentic=False)], moment) == set()
    samples = await list_refused(connection)
    assert [one.frame for one in samples] == [frame(device_id, n).frame for n in range(3, SAMPLES_PER_DEVICE + 3)]


async def test_samples_are_shown_but_not_offered_for_a_retry(connection: Connection, sealer: Sealer) -> None:
    device_id = await plant_device(connection, sealer)
    await keep_refused(connection, [frame(device_id, 1), frame(device_id, 2, authentic=False)], NOON)
    assert len(await list_refused(connection)) == 2
    assert [one.authentic for one in await list_refused(connection, with_samples=False)] == [True]


async def test_refused_frames_are_found_by_device_reason_and_id(connection: Connection, sealer: Sealer) -> None:
    one, other = await plant_device(connection, sealer), await plant_device(connection, sealer, "gauge-2")
    await keep_refused(connection, [frame(one, 1), frame(one, 2, reason="wrong_unit"), frame(other, 3)], NOON)
    by_device, by_reason = (
        await list_refused(connection, device="gauge-2"),
        await list_refused(connection, reason="wrong_unit"),
    )
    assert [found.frame for found in by_device] == [frame(other, 3).frame]
    assert [found.frame for found in by_reason] == [frame(one, 2).frame]
    assert await list_refused(connection, ids=[by_device[0].id]) == by_device
    assert len(await list_refused(connection, limit=2)) == 2
