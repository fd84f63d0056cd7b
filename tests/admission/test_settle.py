"""One transaction a batch: exactly once, conflicts kept, poison isolated, and nothing forgotten that was not stored."""

import asyncio
import random
from datetime import timedelta

import pytest

from hydroalert.admission.settle import Settler
from hydroalert.store import TRANSIENT, Connection, Pool
from hydroalert.store.digest import fold_settlements
from hydroalert.store.refused import list_refused
from hydroalert.store.sealing import Sealer
from tests.admission.conftest import Settle
from tests.admission.gauges import NOON, NOW_MS, RULES, Gauge, judged, register, registry_of, series

DAY_S = 86_400
POISON = 666.0
ADD_POISON = f"ALTER TABLE observation ADD CONSTRAINT poison CHECK (result <> {POISON})"
TALLY = "SELECT frames, stored, duplicates, conflicts FROM device_tally"


async def tally(connection: Connection) -> tuple[int, ...]:
    """(frames, stored, duplicates, conflicts) of the only device, after a digest."""
    async with connection.transaction():
        await fold_settlements(connection)
    return tuple(await connection.fetchrow(TALLY) or ())


async def test_what_is_new_is_stored_with_its_time_value_and_arrival(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    (decision,) = await settle([gauge.levels((0, 1.25), (60, 1.5))])
    row = await connection.fetchrow("SELECT phenomenon_time, received_at, result, quality FROM observation LIMIT 1")
    assert decision.first_reason is None
    assert await series(connection) == [(0, 1.25), (60, 1.5)]
    assert tuple(row or ()) == (NOON, NOON, 1.25, 2)


async def test_a_replayed_batch_adds_nothing(connection: Connection, gauge: Gauge, settle: Settle) -> None:
    batch = [gauge.levels((0, 1.0), (60, 2.0)), gauge.levels((120, 3.0))]
    for _ in range(3):
        assert len(await settle(batch)) == 2
    assert await series(connection) == [(0, 1.0), (60, 2.0), (120, 3.0)]
    assert await tally(connection) == (6, 3, 6, 0)


async def test_the_arrival_of_a_replay_does_not_replace_the_first(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    frame = gauge.levels((0, 1.0))
    await settle([frame])
    await settle([frame], now_ms=NOW_MS + 60_000)
    assert await connection.fetchval("SELECT received_at FROM observation") == NOON


async def test_the_same_row_twice_in_one_batch_is_stored_once(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    assert len(await settle([gauge.levels((0, 1.0), (0, 1.0)), gauge.levels((0, 1.0))])) == 2
    assert await series(connection) == [(0, 1.0)]
    assert await tally(connection) == (2, 1, 2, 0)


async def test_of_two_values_in_one_batch_the_first_to_arrive_is_the_series(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    await settle([gauge.levels((0, 9.0)), gauge.levels((0, 2.0))])
    assert await series(connection) == [(0, 9.0)]
    assert await connection.fetchval("SELECT result FROM conflict") == 2.0


@pytest.mark.parametrize("merged", [False, True], ids=["as new", "among what was there"])
async def test_of_two_values_in_one_frame_the_first_stands_and_the_second_is_its_conflict(
    connection: Connection, gauge: Gauge, settle: Settle, merged: bool
) -> None:
    known, twofold = gauge.levels((-120, 1.0), (-60, 1.0)), gauge.levels((0, 9.0), (0, 2.0))
    await settle([known])
    settled = await settle([known, twofold] if merged else [twofold])
    assert [one.first_reason for one in settled] == [None] * len(settled)
    assert await series(connection) == [(-120, 1.0), (-60, 1.0), (0, 9.0)]
    conflicts = await connection.fetch("SELECT phenomenon_time, result, frame FROM conflict")
    assert [tuple(row) for row in conflicts] == [(NOON, 2.0, twofold.frame)]


async def test_a_different_value_is_kept_once_with_value_frame_and_arrival(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    contradicting = gauge.levels((0, 2.0))
    await settle([gauge.levels((0, 1.0))])
    for minute in (1, 2):
        (settled,) = await settle([contradicting], now_ms=NOW_MS + minute * 60_000)
        assert settled.first_reason is None
    rows = await connection.fetch("SELECT phenomenon_time, result, received_at, frame FROM conflict")
    assert [tuple(row) for row in rows] == [(NOON, 2.0, NOON + timedelta(minutes=1), contradicting.frame)]
    assert await series(connection) == [(0, 1.0)]
    assert await tally(connection) == (3, 1, 1, 1)


async def test_settlers_with_the_same_rows_in_opposite_order_store_them_once_without_deadlock(
    pool: Pool, gauge: Gauge, sealer: Sealer
) -> None:
    frames = [gauge.levels(*((-60 * n, float(n)) for n in range(first, first + 20))) for first in range(0, 200, 20)]
    async with pool.acquire() as connection:
        registry = await registry_of(connection, sealer)

    async def settle_all(seed: int) -> None:
        shuffled = random.Random(seed).sample(frames, len(frames))
        async with pool.acquire() as connection:
            settler = Settler()
            for part in (shuffled[:5], shuffled[5:]):
                assert len(await settler.settle(connection, judged(part, registry), NOW_MS)) == 5

    await asyncio.gather(*(settle_all(seed) for seed in range(4)))
    async with pool.acquire() as connection:
        assert len(await series(connection)) == 200
        assert await tally(connection) == (40, 200, 600, 0)


async def test_a_batch_across_many_months_and_years_is_stored_whole(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    days = [-30 * month for month in range(0, 120, 5)]
    await settle([gauge.levels(*((day * DAY_S, 1.0) for day in days))])
    assert len(await series(connection)) == len(days)


async def test_a_month_detached_behind_the_settlers_back_loses_nothing(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    await settle([gauge.levels((0, 1.0))])
    await connection.execute("ALTER TABLE observation DETACH PARTITION observation_2026_12")
    (settled,) = await settle([gauge.levels((60, 2.0))])
    assert settled.first_reason is None
    assert await series(connection) == [(0, 1.0), (60, 2.0)]


@pytest.mark.parametrize("place", [0, 3, 6])
async def test_a_poisonous_frame_is_parked_and_blocks_no_other(
    connection: Connection, gauge: Gauge, settle: Settle, place: int
) -> None:
    await connection.execute(ADD_POISON)
    batch = [gauge.levels((10 * n, POISON if n == place else float(n))) for n in range(7)]
    settled = await settle(batch)
    assert {one.header.sequence: one.first_reason for one in settled if one.header} == {
        n: "bad_body" if n == place else None for n in range(7)
    }
    assert await series(connection) == [(10 * n, float(n)) for n in range(7) if n != place]
    assert [one.frame for one in await list_refused(connection)] == [batch[place].frame]


async def test_a_batch_of_nothing_but_poison_is_parked_whole(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    await connection.execute(ADD_POISON)
    settled = await settle([gauge.levels((10 * n, POISON)) for n in range(5)])
    assert [one.first_reason for one in settled] == ["bad_body"] * 5
    assert len(await list_refused(connection)) == 5


async def test_a_refused_record_takes_no_other_with_it(connection: Connection, gauge: Gauge, settle: Settle) -> None:
    body = b'[{"n":"level","t":%d,"v":1},{"n":"level","t":%d,"u":"kg","v":2},{"n":"flow","t":%d,"v":3}]'
    frame = gauge.frame(body % (NOW_MS // 1000, NOW_MS // 1000, NOW_MS // 1000))
    (settled,) = await settle([frame])
    assert (settled.first_reason, len(settled.rows)) == ("wrong_unit", 2)
    assert await series(connection) == [(0, 1.0), (0, 3.0)]
    assert [(one.reason, one.frame) for one in await list_refused(connection)] == [("wrong_unit", frame.frame)]


async def test_a_device_over_its_quota_is_refused_and_its_frame_kept(
    connection: Connection, gauge: Gauge, other: Gauge, settle: Settle, sealer: Sealer
) -> None:
    spent = {(await registry_of(connection, sealer))[gauge.code].id}
    rules = type(RULES)(RULES.now_ms, RULES.earliest_ms, RULES.latest_ms, spent)
    settled = await settle([gauge.levels((0, 1.0)), other.levels((0, 2.0))], rules=rules)
    assert [one.first_reason for one in settled] == ["over_quota", None]
    assert await series(connection) == [(0, 2.0)]
    assert [one.reason for one in await list_refused(connection)] == ["over_quota"]


async def test_a_frame_that_there_is_no_room_to_keep_is_not_settled(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    await connection.execute(
        "INSERT INTO refused_frame (device_id, channel, reason, authentic, tag, frame, received_at) "
        "SELECT id, 'frames', 'bad_body', true, decode(md5(n::text), 'hex'), '\\x00', now() "
        "FROM device, generate_series(1, 10000) AS n"
    )
    settled = await settle([gauge.frame(b"nonsense"), gauge.levels((0, 1.0))])
    assert [one.first_reason for one in settled] == [None]


async def test_without_a_good_tag_nothing_is_settled_and_only_counted(
    connection: Connection, gauge: Gauge, settle: Settle
) -> None:
    forged = Gauge(gauge.code, bytes(32)).levels((0, 1.0))
    unknown = Gauge("nobody-1", bytes(32)).levels((0, 1.0))
    assert await settle([forged, unknown, unknown]) == []
    assert await series(connection) == []
    async with connection.transaction():
        await fold_settlements(connection)
    counted = await connection.fetch("SELECT reason, frames FROM refusal_tally ORDER BY reason")
    assert [tuple(row) for row in counted] == [("bad_tag", 1), ("unknown_device", 2)]
    assert [one.frame for one in await list_refused(connection)] == [forged.frame]


async def test_a_batch_of_a_lost_connection_is_committed_whole_by_a_later_call(
    pool: Pool, connection: Connection, gauge: Gauge, sealer: Sealer
) -> None:
    decisions = judged([gauge.levels((60 * n, 1.0)) for n in range(3)], await registry_of(connection, sealer))
    settler = Settler()
    async with pool.acquire() as dying:
        pid = await dying.fetchval("SELECT pg_backend_pid()")
        await connection.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        with pytest.raises(TRANSIENT):
            await settler.settle(dying, decisions, NOW_MS)
    assert await series(connection) == []
    assert len(await settler.settle(connection, decisions, NOW_MS)) == 3
    assert len(await series(connection)) == 3


async def test_two_devices_may_report_the_same_times(connection: Connection, sealer: Sealer, settle: Settle) -> None:
    one, other = await register(connection, sealer, "a"), await register(connection, sealer, "b")
    await settle([one.levels((0, 1.0)), other.levels((0, 2.0))])
    assert await series(connection) == [(0, 1.0), (0, 2.0)]
