"""However many processes ask for how many clients at once, not one too many passes."""

import asyncio
from datetime import timedelta

import pytest

from hydroalert.domain.errors import Unavailable
from hydroalert.store import Pool, open_pool
from hydroalert.store.rates import prune_rates, take

HOUR = timedelta(hours=1)
INTERVAL = HOUR / 20


async def test_of_many_who_ask_at_once_exactly_the_quota_passes(database_url: str) -> None:
    pools = [await open_pool(database_url, size=6) for _ in range(3)]
    try:
        asked = [take(pools[number % 3], f"login 192.0.2.{number % 2}", INTERVAL, HOUR) for number in range(160)]
        taken = await asyncio.gather(*asked)
        for party in (0, 1):
            of_one = taken[party::2]
            assert sum(one.granted for one in of_one) == 20
            ahead = sorted(one.ahead for one in of_one if one.granted and one.ahead is not None)
            assert timedelta() < ahead[0] <= INTERVAL
            assert HOUR - timedelta(seconds=30) < ahead[-1] <= HOUR
    finally:
        for pool in pools:
            pool.terminate()


async def test_a_refusal_costs_nothing_and_one_more_comes_with_each_interval(pool: Pool) -> None:
    assert [(await take(pool, "a", INTERVAL, 2 * INTERVAL)).granted for _ in range(5)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    await pool.execute("UPDATE rate SET allowed_at = allowed_at - $1::interval", INTERVAL)
    assert [(await take(pool, "a", INTERVAL, 2 * INTERVAL)).granted for _ in range(2)] == [True, False]
    await pool.execute("UPDATE rate SET allowed_at = allowed_at - $1::interval", 100 * INTERVAL)
    assert [(await take(pool, "a", INTERVAL, 2 * INTERVAL)).granted for _ in range(3)] == [True, True, False]


async def test_only_what_counts_no_more_is_forgotten(pool: Pool) -> None:
    await take(pool, "full", INTERVAL, HOUR)
    await take(pool, "wrong clock", INTERVAL, HOUR)
    await take(pool, "counts", INTERVAL, HOUR)
    await pool.execute("UPDATE rate SET allowed_at = now() - interval '1 s' WHERE bucket = 'full'")
    await pool.execute("UPDATE rate SET allowed_at = now() + interval '9 years' WHERE bucket = 'wrong clock'")
    assert await prune_rates(pool) == 2
    assert await pool.fetchval("SELECT string_agg(bucket, ',') FROM rate") == "counts"


async def test_a_database_that_is_away_is_said_so(pool: Pool) -> None:
    await pool.close()
    with pytest.raises(Unavailable):
        await take(pool, "a", INTERVAL, HOUR)
