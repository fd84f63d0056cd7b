"""Refused frames, tried again once their cause is mended."""

import json
from datetime import timedelta

from hydroalert.admission.decide import Rules
from hydroalert.admission.retry import Retried, retry_refused
from hydroalert.store import Connection
from hydroalert.store.devices import NewDatastream, revoke_device
from hydroalert.store.refused import list_refused
from hydroalert.store.sealing import Sealer
from tests.admission.conftest import Settle
from tests.admission.gauges import NOON, NOW_S, THIRTY_YEARS_MS, Gauge, registry_of, series

LATER = NOON + timedelta(days=3)
SPANS = Rules(0, -THIRTY_YEARS_MS, 300_000)
POISON = "ALTER TABLE observation ADD CONSTRAINT poison CHECK (result <> 666)"
RAINFALL = NewDatastream("rainfall", "mm")


async def retry(connection: Connection, sealer: Sealer) -> list[Retried]:
    """All of them, three days later."""
    frames = await list_refused(connection)
    return await retry_refused(connection, await registry_of(connection, sealer), frames, SPANS, LATER)


async def mend(connection: Connection) -> None:
    """Register `rainfall` to the device that has sent it all along."""
    await connection.execute(
        "WITH made AS (INSERT INTO datastream (station_id, code, unit, interval_s, live_for_s) "
        "SELECT id, 'rainfall', 'mm', 900, 2700 FROM station RETURNING id) "
        "INSERT INTO assignment SELECT made.id, device.id, tstzrange(NULL, NULL) FROM made, device"
    )


async def test_a_mended_frame_is_stored_as_received_now_and_forgotten(
    connection: Connection, gauge: Gauge, settle: Settle, sealer: Sealer
) -> None:
    await settle([gauge.levels((0, 4.0), name="rainfall")])
    await mend(connection)
    (retried,) = await retry(connection, sealer)
    assert retried.reason is None
    assert await series(connection) == [(0, 4.0)]
    assert await connection.fetchval("SELECT received_at FROM observation") == LATER
    assert await list_refused(connection) == []


async def test_what_is_not_mended_is_refused_again_and_kept(
    connection: Connection, gauge: Gauge, settle: Settle, sealer: Sealer
) -> None:
    frame = gauge.levels((0, 4.0), name="rainfall")
    await settle([frame])
    (retried,) = await retry(connection, sealer)
    assert retried.reason == "unknown_datastream"
    assert [one.frame for one in await list_refused(connection)] == [frame.frame]


async def test_time_is_judged_as_of_the_arrival_not_of_the_retry(
    connection: Connection, gauge: Gauge, settle: Settle, sealer: Sealer
) -> None:
    await settle([gauge.levels((3600, 4.0))])
    (retried,) = await retry(connection, sealer)
    assert (retried.reason, await series(connection)) == ("time_in_future", [])


async def test_the_rest_of_a_partly_refused_frame_is_not_stored_twice(
    connection: Connection, gauge: Gauge, settle: Settle, sealer: Sealer
) -> None:
    pack = [{"n": "level", "t": NOW_S, "v": 1}, {"n": "rainfall", "t": NOW_S, "v": 2}]
    await settle([gauge.frame(json.dumps(pack).encode())])
    await mend(connection)
    await retry(connection, sealer)
    assert await series(connection) == [(0, 1.0), (0, 2.0)]
    assert await list_refused(connection) == []


async def test_a_frame_without_a_good_tag_is_never_taken(
    connection: Connection, gauge: Gauge, settle: Settle, sealer: Sealer
) -> None:
    await settle([Gauge(gauge.code, bytes(32)).levels((0, 1.0))])
    assert await retry(connection, sealer) == []
    assert await series(connection) == []


async def test_a_frame_of_a_device_revoked_since_may_still_be_taken(
    connection: Connection, gauge: Gauge, settle: Settle, sealer: Sealer
) -> None:
    """It was authentic when it arrived; an operator asks for it by name."""
    await settle([gauge.levels((0, 4.0), name="rainfall")])
    await mend(connection)
    await revoke_device(connection, gauge.code, NOON)
    assert [one.reason for one in await retry(connection, sealer)] == [None]


async def test_a_frame_that_is_poison_still_is_reported_as_refused_and_stays_kept(
    connection: Connection, gauge: Gauge, settle: Settle, sealer: Sealer
) -> None:
    frame = gauge.levels((0, 666.0))
    await connection.execute(POISON)
    await settle([frame])
    for _ in range(2):
        assert [one.reason for one in await retry(connection, sealer)] == ["bad_body"]
        assert [one.frame for one in await list_refused(connection)] == [frame.frame]
    assert await series(connection) == []


async def test_what_was_poison_is_stored_and_forgotten_once_its_cause_is_mended(
    connection: Connection, gauge: Gauge, settle: Settle, sealer: Sealer
) -> None:
    await connection.execute(POISON)
    await settle([gauge.levels((0, 666.0))])
    await connection.execute("ALTER TABLE observation DROP CONSTRAINT poison")
    assert [one.reason for one in await retry(connection, sealer)] == [None]
    assert await series(connection) == [(0, 666.0)]
    assert await list_refused(connection) == []
