"""Lanes: each held by one worker at a time, shared fairly, and free again when its lease has run out."""

import asyncio
from uuid import UUID, uuid4

import pytest

from hydroalert.store import Connection, Pool
from hydroalert.store.lanes import (
    announce_worker,
    dismiss_worker,
    make_lanes,
    release_lane,
    renew_lane,
    share_group,
    take_lane,
)

RUN_OUT = "UPDATE lane SET until = clock_timestamp() - interval '1 ms'"


@pytest.fixture
def worker() -> UUID:
    """Somebody."""
    return uuid4()


async def test_lanes_are_made_up_to_the_number_wanted_and_never_unmade(connection: Connection) -> None:
    counts = []
    for wanted in (3, 3, 5, 1):
        await make_lanes(connection, wanted)
        counts.append(await connection.fetchval("SELECT count(*) FROM lane"))
    assert counts == [3, 3, 5, 5]


async def test_workers_that_start_together_make_no_lane_too_many(pool: Pool) -> None:
    async def make() -> None:
        async with pool.acquire() as connection:
            await make_lanes(connection, 4)

    await asyncio.gather(*(make() for _ in range(6)))
    assert await pool.fetchval("SELECT count(*) FROM lane") == 4


async def test_client_ids_and_the_share_group_are_128_bits_each_their_own(connection: Connection) -> None:
    await make_lanes(connection, 3)
    ids = [row["client_id"] for row in await connection.fetch("SELECT client_id FROM lane")]
    secrets = {*ids, await share_group(connection)}
    assert (len(secrets), {len(bytes.fromhex(one)) for one in secrets}) == (4, {16})


async def test_two_workers_never_hold_one_lane(pool: Pool) -> None:
    async def take() -> int | None:
        async with pool.acquire() as connection:
            lane = await take_lane(connection, uuid4())
            return lane.id if lane else None

    await _make(pool, 3)
    taken = await asyncio.gather(*(take() for _ in range(6)))
    assert sorted(one for one in taken if one is not None) == [1, 2, 3]


@pytest.mark.parametrize(("lanes", "workers", "share"), [(4, 2, 2), (3, 2, 2), (1, 3, 1), (4, 1, 4)])
async def test_the_fair_share_covers_every_lane(connection: Connection, lanes: int, workers: int, share: int) -> None:
    await make_lanes(connection, lanes)
    shares = [await announce_worker(connection, uuid4()) for _ in range(workers)]
    assert shares[-1] == share
    assert share * workers >= lanes


async def test_a_worker_that_fell_silent_or_left_has_no_share(connection: Connection, worker: UUID) -> None:
    await make_lanes(connection, 3)
    silent, leaving = uuid4(), uuid4()
    for one in (silent, leaving):
        await announce_worker(connection, one)
    await connection.execute("UPDATE worker SET until = clock_timestamp() - interval '1 s' WHERE id = $1", silent)
    await dismiss_worker(connection, leaving)
    assert await announce_worker(connection, worker) == 3


async def test_a_held_lane_is_not_taken_until_its_lease_has_run_out(connection: Connection, worker: UUID) -> None:
    await make_lanes(connection, 1)
    held = await take_lane(connection, worker)
    assert await take_lane(connection, uuid4()) is None
    await connection.execute(RUN_OUT)
    assert await take_lane(connection, uuid4()) == held


async def test_a_lease_that_was_lost_is_not_renewed(connection: Connection, worker: UUID) -> None:
    await make_lanes(connection, 1)
    lane = await take_lane(connection, worker)
    assert lane is not None
    assert await renew_lane(connection, worker, lane)
    await connection.execute(RUN_OUT)
    assert not await renew_lane(connection, worker, lane)
    await take_lane(connection, uuid4())
    assert not await renew_lane(connection, worker, lane)


async def test_giving_back_what_another_holds_takes_nothing_from_it(connection: Connection, worker: UUID) -> None:
    await make_lanes(connection, 1)
    other = uuid4()
    lane = await take_lane(connection, other)
    assert lane is not None
    await release_lane(connection, worker, lane)
    assert await renew_lane(connection, other, lane)


async def test_a_lane_given_back_is_free_at_once(connection: Connection, worker: UUID) -> None:
    await make_lanes(connection, 1)
    lane = await take_lane(connection, worker)
    assert lane is not None
    await release_lane(connection, worker, lane)
    assert await take_lane(connection, uuid4()) == lane


async def _make(pool: Pool, count: int) -> None:
    async with pool.acquire() as connection:
        await make_lanes(connection, count)
