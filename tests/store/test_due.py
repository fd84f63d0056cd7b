"""What is due: claimed by datastream, whole, and by one process only."""

from datetime import timedelta

from hydroalert.store import Connection, Pool
from hydroalert.store.judging import claim_due
from tests.store.planting import NOON

MINUTE = timedelta(minutes=1)


async def make_due(connection: Connection, *datastreams: int) -> None:
    """A row each, each a minute earlier in phenomenon time than the one before."""
    rows = [(datastream, NOON - number * MINUTE) for number, datastream in enumerate(datastreams)]
    await connection.executemany("INSERT INTO due (datastream_id, since) VALUES ($1, $2)", rows)


async def test_all_that_a_datastream_is_due_for_is_claimed_at_once(connection: Connection) -> None:
    await make_due(connection, 1, 2, 1, 2, 1)
    assert await claim_due(connection, 1) == {1: NOON - 4 * MINUTE}
    assert await claim_due(connection, 1) == {2: NOON - 3 * MINUTE}
    assert await claim_due(connection, 1) == {}


async def test_what_another_has_claimed_is_left_to_it(pool: Pool) -> None:
    async with pool.acquire() as one, pool.acquire() as other, one.transaction():
        await make_due(other, 1)
        assert await claim_due(one, 1) == {1: NOON}
        await make_due(other, 1, 2)
        assert await claim_due(other, 10) == {1: NOON, 2: NOON - MINUTE}
