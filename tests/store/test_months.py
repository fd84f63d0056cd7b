"""Observations lie in the month of their phenomenon time, and only whole months are ever put away."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from hydroalert.store import Connection, Pool
from hydroalert.store.months import detach_expired, existing_months, following, make_months, month_of, start_of
from hydroalert.store.sealing import Sealer
from tests.store.planting import NOON, level_of, plant_device, settle_values

JULY, AUGUST, SEPTEMBER = (2027, 7), (2027, 8), (2027, 9)


def test_december_is_followed_by_january() -> None:
    assert (following((2027, 12)), following(JULY)) == ((2028, 1), AUGUST)


def test_a_month_begins_with_its_first_utc_moment() -> None:
    start = start_of(AUGUST)
    assert (month_of(start), month_of(start - timedelta(milliseconds=1))) == (AUGUST, JULY)


async def test_a_month_is_made_once_however_often_it_is_asked_for(connection: Connection) -> None:
    before = await existing_months(connection)
    for _ in range(2):
        await make_months(connection, [JULY, AUGUST])
    assert await existing_months(connection) == before | {JULY, AUGUST}


async def test_many_may_make_the_same_months_at_once(pool: Pool) -> None:
    async def make(months: list[tuple[int, int]]) -> None:
        async with pool.acquire() as connection:
            await make_months(connection, months)

    await asyncio.gather(*(make([JULY, AUGUST, SEPTEMBER][::step]) for step in (1, -1, 1, -1, 1)))
    async with pool.acquire() as connection:
        assert await existing_months(connection) >= {JULY, AUGUST, SEPTEMBER}


async def test_making_a_month_does_not_wait_for_an_open_insert(pool: Pool, sealer: Sealer) -> None:
    async with pool.acquire() as writing, pool.acquire() as making:
        await make_months(writing, [JULY])
        async with writing.transaction():
            await writing.execute("INSERT INTO observation VALUES ($1, $1, 1, 1, 2)", start_of(JULY))
            await making.execute("SET lock_timeout = '2s'")
            await make_months(making, [AUGUST])
    async with pool.acquire() as connection:
        assert await existing_months(connection) >= {JULY, AUGUST}


@pytest.mark.parametrize(
    ("moment", "table"),
    [
        (datetime(2027, 7, 31, 23, 59, 59, 999_999, tzinfo=UTC), "observation_2027_07"),
        (datetime(2027, 8, 1, tzinfo=UTC), "observation_2027_08"),
    ],
)
async def test_a_row_lies_in_the_month_of_its_time(connection: Connection, moment: datetime, table: str) -> None:
    await make_months(connection, [JULY, AUGUST])
    await connection.execute("INSERT INTO observation VALUES ($1, $1, 1, 1, 2)", moment)
    assert await connection.fetchval("SELECT tableoid::regclass::text FROM observation") == table


async def test_only_what_is_wholly_expired_is_detached(connection: Connection) -> None:
    await make_months(connection, [JULY, AUGUST, SEPTEMBER])
    assert await detach_expired(connection, start_of(AUGUST) - timedelta(seconds=1)) == []
    assert await detach_expired(connection, start_of(AUGUST)) == ["observation_2027_07"]
    assert {AUGUST, SEPTEMBER} <= await existing_months(connection)


async def test_a_detached_month_keeps_its_rows(connection: Connection) -> None:
    await make_months(connection, [JULY])
    await connection.execute("INSERT INTO observation VALUES ($1, $1, 1, 1, 2)", start_of(JULY))
    await detach_expired(connection, start_of(AUGUST))
    assert await connection.fetchval("SELECT count(*) FROM observation_2027_07") == 1
    assert await connection.fetchval("SELECT count(*) FROM observation") == 0


async def test_a_detached_month_that_is_needed_again_comes_back_with_its_rows(
    connection: Connection, sealer: Sealer
) -> None:
    await plant_device(connection, sealer)
    level = await level_of(connection)
    await settle_values(connection, level, [(start_of(JULY), 1.0)], NOON)
    await detach_expired(connection, start_of(AUGUST))
    await settle_values(connection, level, [(start_of(JULY), 1.0), (start_of(JULY) + timedelta(hours=1), 2.0)], NOON)
    assert await connection.fetchval("SELECT count(*) FROM observation") == 2


async def half_detach(pool: Pool, month: str) -> None:
    """What is left when a DETACH that waits for a reader is cut short."""
    pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending"
    async with pool.acquire() as reading, pool.acquire() as detaching, pool.acquire() as looking:
        async with reading.transaction():
            await reading.fetch("SELECT FROM observation")
            statement = f"ALTER TABLE observation DETACH PARTITION {month} CONCURRENTLY"
            waiting = asyncio.create_task(detaching.execute(statement))
            async with asyncio.timeout(20):
                while not await looking.fetchval(pending):  # noqa: ASYNC110 - it sets no event
                    await asyncio.sleep(0.01)
            await looking.execute("SELECT pg_cancel_backend($1)", detaching.get_server_pid())
            with pytest.raises(asyncpg.QueryCanceledError):
                await waiting
        assert await looking.fetchval(pending) == 1


async def test_a_month_that_was_left_half_detached_is_finished_and_stops_no_other(pool: Pool) -> None:
    attached = "SELECT count(*) FROM pg_inherits WHERE inhrelid = 'observation_2027_07'::regclass"
    async with pool.acquire() as connection:
        await make_months(connection, [JULY, AUGUST, SEPTEMBER])
        await connection.execute("INSERT INTO observation VALUES ($1, $1, 1, 1, 2)", start_of(JULY))
        await half_detach(pool, "observation_2027_07")
        assert await connection.fetchval(attached) == 1
        assert await detach_expired(connection, start_of(SEPTEMBER)) == ["observation_2027_08"]
        assert await connection.fetchval(attached) == 0
        assert await connection.fetchval("SELECT count(*) FROM observation_2027_07") == 1


async def test_a_half_detached_month_that_is_needed_again_comes_back_with_its_rows(pool: Pool, sealer: Sealer) -> None:
    """Else a batch that holds one row of it would wait, and every frame behind it, until the next upkeep."""
    async with pool.acquire() as connection:
        await plant_device(connection, sealer)
        level = await level_of(connection)
        await settle_values(connection, level, [(start_of(JULY), 1.0)], NOON)
        await half_detach(pool, "observation_2027_07")
        await settle_values(connection, level, [(start_of(JULY) + timedelta(hours=1), 2.0)], NOON)
        assert await connection.fetchval("SELECT count(*) FROM observation") == 2
