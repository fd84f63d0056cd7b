"""Laws of the canary: its frame goes the whole way, and nobody else ever sees it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from hydroalert.alerting.canary import canary_frame, keep_canary
from hydroalert.alerting.pulse import Pulse
from hydroalert.domain.errors import Conflicting, NotFound, SecretsError
from hydroalert.embedded.mosquitto import Broker
from hydroalert.store import Pool
from hydroalert.store.canary import CODE, load_canary, note_echo
from hydroalert.store.devices import rotate_key
from hydroalert.store.digest import fold_settlements
from hydroalert.store.reading_devices import all_devices, device
from hydroalert.store.reading_health import vitals
from hydroalert.store.reading_stations import Box, Circle, all_stations, station, stations_near, stations_within
from hydroalert.store.sealing import Sealer
from hydroalert.wire.frame import has_good_tag, read_header
from tests.alerting.retained import until
from tests.bridge.river import MASTER_KEY, River

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
SEALER = Sealer(MASTER_KEY)


@asynccontextmanager
async def flying(pool: Pool, broker: Broker, pulse: Pulse) -> AsyncIterator[None]:
    """The canary of one process, on this loop."""
    running = asyncio.create_task(keep_canary(pool, SEALER, broker.url, pulse), name="canary")
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


@asynccontextmanager
async def beating(pulse: Pulse) -> AsyncIterator[None]:
    """Judging goes on."""

    async def beat() -> None:
        while True:
            pulse.beat(datetime.now(UTC))
            await asyncio.sleep(0.02)

    running = asyncio.create_task(beat(), name="judging")
    try:
        yield
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def test_an_echo_is_heard_once_the_frame_was_stored_and_judging_passed(
    database_url: str, pool: Pool, mosquitto: Broker
) -> None:
    river, pulse = River(database_url, pool, mosquitto), Pulse()
    async with river.bridge(), flying(pool, mosquitto, pulse):
        await until(lambda: _is_stored(pool))
        await asyncio.sleep(0.5)
        assert await pool.fetchval("SELECT echoed_at FROM canary") is None  # nothing judges yet
        async with beating(pulse):
            await until(lambda: _has_echo(pool))
    echo = await pool.fetchrow("SELECT sent_at, echoed_at, delay_s FROM canary")
    assert echo is not None
    assert echo["sent_at"] < echo["echoed_at"]
    assert 0 < echo["delay_s"] < 60
    await _assert_unseen(pool)


async def _assert_unseen(pool: Pool) -> None:
    """Neither as a station nor as a device, nor in any count, nor told to the public."""
    async with pool.acquire() as connection:
        async with connection.transaction():
            assert CODE not in {one.station for one in await fold_settlements(connection)}
        counts = (await vitals(connection)).counts
        seen = [
            *await all_stations(connection, "", 100),
            *await stations_within(connection, Box(-1, -1, 1, 1), "", 100),
            *await stations_near(connection, Circle(0, 0, 1000), (-1, ""), 100),
            *await all_devices(connection, "", 100),
        ]
        assert CODE not in {one.code for one in seen}
        assert await station(connection, CODE) is None
        assert await device(connection, CODE) is None
    others = await pool.fetchval("SELECT count(*) FROM device WHERE code::text <> $1", CODE)
    assert (counts.stations, counts.devices, counts.datastreams) == (others, others, others)


async def _is_stored(pool: Pool) -> bool:
    stored = "SELECT count(*) FROM observation JOIN canary USING (datastream_id)"
    return bool(await pool.fetchval(stored))


async def _has_echo(pool: Pool) -> bool:
    return await pool.fetchval("SELECT echoed_at FROM canary") is not None


async def test_the_canary_is_registered_once_and_each_process_has_a_boot_of_its_own(pool: Pool) -> None:
    async with pool.acquire() as one, pool.acquire() as other:
        first, second = await asyncio.gather(load_canary(one, SEALER, NOON), load_canary(other, SEALER, NOON))
    assert first.datastream_id == second.datastream_id
    assert {first.boot, second.boot} == {1, 2}
    assert await pool.fetchval("SELECT count(*) FROM station WHERE internal") == 1


async def test_the_canary_signs_as_any_device_does(pool: Pool) -> None:
    async with pool.acquire() as connection:
        canary = await load_canary(connection, SEALER, NOON)
    frame = canary_frame(canary, 7, NOON)
    header = read_header(frame)
    assert not isinstance(header, str)
    assert (header.boot, header.sequence, header.wants_receipt) == (canary.boot, 7, False)
    assert has_good_tag(canary.device.keys[0].secret, f"hydroalert/v1/devices/{CODE}/frames", frame)


async def test_nobody_takes_the_canarys_key_away(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await load_canary(connection, SEALER, NOON)
        with pytest.raises(NotFound):
            await rotate_key(connection, SEALER, CODE, NOON, timedelta(hours=1))
        canary = await load_canary(connection, SEALER, NOON)
    assert canary_frame(canary, 0, NOON)[3] == 0


async def test_a_canary_whose_password_does_not_open_is_a_fault_of_the_key(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await load_canary(connection, SEALER, NOON)
        with pytest.raises(SecretsError, match="master key"):
            await load_canary(connection, Sealer(bytes(32)), NOON)


async def test_a_station_of_that_name_is_not_taken_over(pool: Pool) -> None:
    await pool.execute(
        "INSERT INTO station (code, official_code, name, position) VALUES ($1::text, $1::text, 'Mine', "
        "'SRID=4326;POINT(1 2)')",
        CODE,
    )
    async with pool.acquire() as connection:
        with pytest.raises(Conflicting, match="keeps that name"):
            await load_canary(connection, SEALER, NOON)


async def test_an_echo_that_another_process_hears_late_does_not_set_the_time_back(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await note_echo(connection, NOON, 0.5)
        await note_echo(connection, NOON - timedelta(seconds=1), 9.0)
    assert await pool.fetchval("SELECT delay_s FROM canary") == 0.5
