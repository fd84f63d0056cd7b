"""The quality tests on what is stored: which flags are written, and what a test leaves alone."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
import pytest

from hydroalert.domain.clock import to_ms
from hydroalert.domain.quality import UNTESTED, Flag, QualitySettings, Test
from hydroalert.judging import testing
from hydroalert.store import Connection, Pool, open_pool
from hydroalert.store.copying import Stored
from hydroalert.store.digest import fold_settlements
from hydroalert.store.months import existing_months, make_months, month_of
from hydroalert.store.quality import MOST_POINTS
from hydroalert.store.settlements import merge_observations
from hydroalert.store.stations import NewStation, save_stations

NOW = datetime.now(UTC).replace(microsecond=0)
STEP = timedelta(minutes=15)
GOOD, OPEN = (1, 8), (2, 0)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """On a fresh, migrated database."""
    opened = await open_pool(database_url, size=3)
    yield opened
    opened.terminate()


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """One connection of it."""
    async with pool.acquire() as taken:
        yield taken


@pytest.fixture
async def level(connection: Connection) -> int:
    """The id of a water level in m that reports every quarter of an hour."""
    await save_stations(connection, [NewStation("avon", "Avon", -1.7, 52.2)])
    id_: int = await connection.fetchval(
        "INSERT INTO datastream (station_id, code, unit, interval_s, live_for_s) "
        "SELECT id, 'level', 'm', 900, 2700 FROM station RETURNING id"
    )
    return id_


async def store(connection: Connection, level: int, *results: float, until: datetime = NOW) -> None:
    """Values every quarter of an hour, the last at `until`, as admission stores them."""
    first = until - STEP * (len(results) - 1)
    rows: list[Stored] = [
        (level, to_ms(first + place * STEP), 0, result, UNTESTED) for place, result in enumerate(results)
    ]
    await make_months(connection, {month_of(first), month_of(until)} - await existing_months(connection))
    async with connection.transaction():
        await merge_observations(connection, rows, to_ms(NOW))


async def run(connection: Connection, level: int, since: datetime) -> list[tuple[int, int]]:
    """Test what is due, as alerting does; the flags of the series in order of time."""
    async with connection.transaction():
        await testing.test_due(connection, [(level, since)], NOW)
    return await flags(connection)


async def flags(connection: Connection) -> list[tuple[int, int]]:
    """(flag, test) in order of time."""
    return [
        tuple(row) for row in await connection.fetch("SELECT quality, test FROM observation ORDER BY phenomenon_time")
    ]


async def test_flags_are_written_and_values_and_arrivals_stay(connection: Connection, level: int) -> None:
    await store(connection, level, 1.0, 1.1, 3.0, 1.1, 1.2)
    kept = "SELECT phenomenon_time, received_at, result FROM observation ORDER BY 1"
    before = await connection.fetch(kept)
    said = await run(connection, level, NOW - 4 * STEP)
    assert said == [OPEN, (3, Test.SPIKE), (3, Test.SPIKE), (3, Test.SPIKE), OPEN]
    assert await connection.fetch(kept) == before


async def test_a_late_value_has_its_neighbours_judged_anew(connection: Connection, level: int) -> None:
    await store(connection, level, 1.0, 1.0)
    await store(connection, level, 1.0, 1.0, 1.0, until=NOW - 3 * STEP)
    assert await run(connection, level, NOW - 5 * STEP) == [OPEN, GOOD, GOOD, GOOD, OPEN]
    await store(connection, level, 9.0, until=NOW - 2 * STEP)
    said = await run(connection, level, NOW - 2 * STEP)
    assert said == [OPEN, GOOD, (3, Test.SPIKE), (3, Test.SPIKE), (3, Test.SPIKE), OPEN]


async def test_a_flat_line_is_found_however_long_before_it_began(connection: Connection, level: int) -> None:
    days = 6 * 96
    await store(connection, level, 2.0, *[1.0] * days)
    said = await run(connection, level, NOW)
    assert said[-1] == (Flag.SUSPECT, Test.FLAT_LINE)
    await store(connection, level, 1.1, until=NOW + timedelta(minutes=5))
    said = await run(connection, level, NOW + timedelta(minutes=5))
    assert said[-2:] == [(Flag.SUSPECT, Test.FLAT_LINE), OPEN]


@pytest.mark.parametrize("tolerance", [0, 0.25])
async def test_testing_value_by_value_says_the_same_as_testing_all_at_once(
    connection: Connection, level: int, tolerance: float
) -> None:
    settings = QualitySettings(sensor_max=5, flat_suspect_s=14_400, flat_fail_s=28_800, flat_tolerance=tolerance)
    await connection.execute("UPDATE datastream SET quality_settings = $1", msgspec.json.encode(settings).decode())
    results = [1.0] * 30 + [1.25, 1.0] * 12 + [9.0, 1.5, 1.75] + [1.5] * 40 + [3.5, 1.5, 1.5]
    for place, result in enumerate(results):
        time = NOW - STEP * (len(results) - 1 - place)
        await store(connection, level, result, until=time)
        one_by_one = await run(connection, level, time)
    await connection.execute("UPDATE observation SET quality = 2, test = 0")
    assert await run(connection, level, NOW - STEP * len(results)) == one_by_one
    assert {test for _, test in one_by_one} >= {Test.FLAT_LINE, Test.SENSOR_SPAN, Test.SPIKE, Test.ALL_PASSED}


@pytest.mark.parametrize("test", [Test.SOURCE, Test.PERSON])
async def test_what_a_person_or_the_source_said_is_never_overwritten(
    connection: Connection, level: int, test: Test
) -> None:
    await store(connection, level, 1.0, 9.0, 1.0)
    await connection.execute("UPDATE observation SET quality = 1, test = $1 WHERE result = 9", test)
    assert (await run(connection, level, NOW - 2 * STEP))[1] == (1, test)


async def test_the_flag_of_the_newest_goes_the_way_of_the_newest_value(connection: Connection, level: int) -> None:
    await store(connection, level, 1.0, 1.0, 9.0)
    await run(connection, level, NOW)
    async with connection.transaction():
        (newest,) = await fold_settlements(connection)
    assert (newest.result, newest.quality) == (9.0, Flag.SUSPECT)
    assert tuple(await connection.fetchrow("SELECT received_at, test FROM latest") or ()) == (NOW, Test.RISE)


async def test_a_test_that_changes_no_flag_writes_nothing(connection: Connection, level: int) -> None:
    await store(connection, level, 1.0, 1.0, 1.0)
    await run(connection, level, NOW - STEP)
    written = await connection.fetch("SELECT xmin FROM observation ORDER BY phenomenon_time")
    await connection.execute("DELETE FROM settlement")
    await run(connection, level, NOW - 2 * STEP)
    assert await connection.fetch("SELECT xmin FROM observation ORDER BY phenomenon_time") == written
    assert await connection.fetchval("SELECT count(*) FROM settlement") == 0


async def test_what_is_older_than_two_days_keeps_the_flag_of_its_admission(connection: Connection, level: int) -> None:
    await store(connection, level, 1.0, 1.0, 1.0, until=NOW - timedelta(days=3))
    assert await run(connection, level, NOW - timedelta(days=30)) == [OPEN] * 3


async def test_no_more_than_so_many_are_tested_at_a_time(connection: Connection, level: int) -> None:
    await connection.execute("UPDATE datastream SET interval_s = 60")
    count = MOST_POINTS + 500
    first = NOW - timedelta(minutes=count)
    await make_months(connection, {month_of(first), month_of(NOW)} - await existing_months(connection))
    await connection.execute(
        "INSERT INTO observation (phenomenon_time, received_at, result, datastream_id, quality) "
        "SELECT $1::timestamptz + n * interval '1 minute', $2, n % 3 * 0.01, $3, 2 FROM generate_series(1, $4) AS n",
        first, NOW, level, count,
    )  # fmt: skip
    said = await run(connection, level, first)
    assert sum(flag == GOOD for flag in said) in range(MOST_POINTS - 2, MOST_POINTS + 6)


async def test_of_two_that_test_one_datastream_the_second_waits_for_the_first(
    pool: Pool, connection: Connection, level: int
) -> None:
    await store(connection, level, 1.0, 1.0, 1.0)
    async with pool.acquire() as other:
        first = connection.transaction()
        await first.start()
        await testing.test_due(connection, [(level, NOW - STEP)], NOW)
        await other.execute("SET lock_timeout = '100ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await testing.test_due(other, [(level, NOW - STEP)], NOW)
        await first.commit()
    assert (await flags(connection))[1] == GOOD
