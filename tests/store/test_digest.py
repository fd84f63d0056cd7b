"""The digest: what commits said is new is folded once, by whoever is there, and never backwards."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hydroalert.domain.clock import to_ms
from hydroalert.domain.quality import UNTESTED
from hydroalert.store import Connection, Pool
from hydroalert.store.digest import (
    claim_beat,
    devices_over_quota,
    fold_settlements,
    newest_arrival,
    newest_of_all,
    trust_clock,
)
from hydroalert.store.sealing import Sealer
from hydroalert.store.settlements import Tallies, add_settlement
from hydroalert.store.statuses import StatusChange, apply_status
from tests.store.planting import NOON, level_of, plant_device

MINUTE = timedelta(minutes=1)
TALLY = "SELECT frames, stored, duplicates, conflicts FROM device_tally WHERE device_id = $1"


async def fold(pool: Pool) -> list[float]:
    """One digest in its transaction; the results that it tells."""
    async with pool.acquire() as connection, connection.transaction():
        return [one.result for one in await fold_settlements(connection)]


async def says(connection: Connection, datastream_id: int, minute: int, result: float) -> None:
    """One commit stored this."""
    newest = [(datastream_id, to_ms(NOON + minute * MINUTE), result, *UNTESTED)]
    await add_settlement(connection, Tallies(newest, [], []), NOON + minute * MINUTE)


async def test_the_newest_of_many_commits_is_the_latest_and_each_is_told_once(pool: Pool, sealer: Sealer) -> None:
    async with pool.acquire() as connection:
        await plant_device(connection, sealer)
        level = await level_of(connection)
        for minute, result in ((2, 2.0), (3, 3.0), (1, 1.0)):
            await says(connection, level, minute, result)
    assert await fold(pool) == [3.0]
    assert await fold(pool) == []


async def test_the_latest_never_goes_back(pool: Pool, sealer: Sealer) -> None:
    async with pool.acquire() as connection:
        await plant_device(connection, sealer)
        level = await level_of(connection)
        await says(connection, level, 5, 5.0)
        await fold(pool)
        await says(connection, level, 4, 4.0)
    assert await fold(pool) == []
    assert [one.result for one in await newest_of_all(pool)] == [5.0]


async def test_a_commit_that_comes_late_is_not_missed(pool: Pool, sealer: Sealer) -> None:
    """Its settlement has a lower id than one that was folded already: no watermark would find it."""
    async with pool.acquire() as late, pool.acquire() as early:
        device_id = await plant_device(early, sealer)
        slow = late.transaction()
        await slow.start()
        await add_settlement(late, Tallies([], [(device_id, 1, 1, 0, 0)], []), NOON)
        await add_settlement(early, Tallies([], [(device_id, 1, 1, 0, 0)], []), NOON)
        await fold(pool)
        await slow.commit()
    await fold(pool)
    assert tuple(await pool.fetchrow(TALLY, device_id)) == (2, 2, 0, 0)


async def test_two_digests_at_once_count_each_commit_once(pool: Pool, sealer: Sealer) -> None:
    async with pool.acquire() as connection:
        device_id = await plant_device(connection, sealer)
        for _ in range(40):
            await add_settlement(connection, Tallies([], [(device_id, 1, 2, 3, 4)], []), NOON)
    await asyncio.gather(*(fold(pool) for _ in range(4)))
    await fold(pool)
    assert tuple(await pool.fetchrow(TALLY, device_id)) == (40, 80, 120, 160)


async def test_a_digest_that_dies_before_its_commit_leaves_everything_to_the_next(pool: Pool, sealer: Sealer) -> None:
    async with pool.acquire() as connection:
        await plant_device(connection, sealer)
        await says(connection, await level_of(connection), 1, 1.0)
        dying = connection.transaction()
        await dying.start()
        await fold_settlements(connection)
        await dying.rollback()
    assert await fold(pool) == [1.0]


async def test_tallies_and_refusals_add_up_exactly(pool: Pool, sealer: Sealer) -> None:
    async with pool.acquire() as connection:
        one, other = await plant_device(connection, sealer), await plant_device(connection, sealer, "gauge-2")
        refusals = [(one, "bad_tag", 2, 0), (0, "unknown_device", 7, 0), (one, "wrong_unit", 1, 3)]
        for _ in range(3):
            await add_settlement(connection, Tallies([], [(one, 5, 4, 3, 2), (other, 1, 1, 0, 0)], refusals), NOON)
    await fold(pool)
    assert tuple(await pool.fetchrow(TALLY, one)) == (15, 12, 9, 6)
    assert tuple(await pool.fetchrow(TALLY, other)) == (3, 3, 0, 0)
    found = {tuple(row) for row in await pool.fetch("SELECT * FROM refusal_tally")}
    assert found == {(one, "bad_tag", 6, 0), (0, "unknown_device", 21, 0), (one, "wrong_unit", 3, 9)}


async def test_the_newest_arrival_never_goes_back(pool: Pool) -> None:
    async with pool.acquire() as connection:
        assert await newest_arrival(connection) is None
        for moment in (NOON + MINUTE, NOON):
            await add_settlement(connection, Tallies([], [], []), moment)
            await fold(pool)
        assert await newest_arrival(connection) == NOON + MINUTE


@pytest.mark.parametrize(
    ("own", "default", "over"), [(None, 10, True), (None, 11, False), (10, 99, True), (11, 1, False)]
)
async def test_a_device_is_over_its_quota_when_it_wrote_that_many_rows_this_hour(
    pool: Pool, sealer: Sealer, own: int | None, default: int, over: bool
) -> None:
    async with pool.acquire() as connection:
        device_id = await plant_device(connection, sealer)
        await connection.execute("UPDATE device SET rows_per_hour = $1", own)
        this_hour = await connection.fetchval("SELECT date_trunc('hour', now())")
        await add_settlement(connection, Tallies([], [(device_id, 1, 5, 3, 2)], []), this_hour)
        await add_settlement(connection, Tallies([], [(device_id, 9, 99, 99, 99)], []), this_hour - timedelta(hours=1))
        await fold(pool)
        assert await devices_over_quota(connection, default) == ({device_id} if over else set())


async def test_a_beat_is_claimed_by_one_at_a_time_and_only_when_it_is_due(pool: Pool) -> None:
    async with pool.acquire() as one, pool.acquire() as other:
        async with one.transaction(), other.transaction():
            assert await claim_beat(one, "digest", timedelta(hours=1))
            assert not await claim_beat(other, "digest", timedelta(hours=1))
        assert not await claim_beat(other, "digest", timedelta(hours=1))
        assert await claim_beat(other, "digest", timedelta(0))


async def test_a_beat_whose_work_failed_is_due_still(pool: Pool) -> None:
    async with pool.acquire() as connection:
        failing = connection.transaction()
        await failing.start()
        await claim_beat(connection, "digest", timedelta(hours=1))
        await failing.rollback()
        assert await claim_beat(connection, "digest", timedelta(hours=1))


async def test_what_lies_more_than_five_minutes_ahead_is_never_the_latest(pool: Pool, sealer: Sealer) -> None:
    async with pool.acquire() as connection:
        await plant_device(connection, sealer)
        level, now = await level_of(connection), await connection.fetchval("SELECT now()")
        for minute, result in ((1, 1.0), (4, 4.0), (6, 6.0), (60 * 24 * 365, 9.0)):
            newest = [(level, to_ms(now + minute * MINUTE), result, *UNTESTED)]
            await add_settlement(connection, Tallies(newest, [], []), now)
        assert await fold(pool) == [4.0]
        assert [one.result for one in await newest_of_all(connection)] == [4.0]


async def test_refused_records_count_to_the_quota_of_their_device(pool: Pool, sealer: Sealer) -> None:
    """Else a stolen key could write refused records without end."""
    async with pool.acquire() as connection:
        one, other = await plant_device(connection, sealer), await plant_device(connection, sealer, "gauge-2")
        refusals = [(one, "wrong_unit", 1, 4), (other, "bad_body", 9, 0), (0, "unknown_device", 7, 7)]
        await add_settlement(connection, Tallies([], [(one, 2, 3, 2, 1)], refusals), NOON)
        await fold(pool)
        hours = await connection.fetch("SELECT device_id, rows FROM device_hour WHERE rows > 0")
        assert [tuple(row) for row in hours] == [(one, 10)]


async def test_a_clock_that_is_trusted_again_forgets_what_was_written_ahead_of_it(pool: Pool, sealer: Sealer) -> None:
    now = datetime.now(UTC)
    tomorrow = now + timedelta(days=1)
    async with pool.acquire() as connection:
        for device, time in (("gauge-1", tomorrow), ("gauge-2", NOON)):
            device_id = await plant_device(connection, sealer, device)
            await apply_status(connection, StatusChange(device_id, True, 7, time, None, None), time)
            await connection.execute(
                "INSERT INTO latest SELECT $1, $2, $2, 1, 2", await level_of(connection, device), time
            )
        await connection.execute("UPDATE platform SET newest_arrival = $1", tomorrow)
        await trust_clock(connection, now)
        assert await newest_arrival(connection) == now
        assert [one.station for one in await newest_of_all(connection)] == ["at-gauge-2"]
        statuses = await connection.fetch("SELECT at FROM device_status ORDER BY device_id")
        assert [row["at"] for row in statuses] == [None, NOON]


async def test_a_clock_that_was_never_ahead_loses_nothing_by_being_trusted(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await connection.execute("UPDATE platform SET newest_arrival = $1", NOON)
        await trust_clock(connection, NOON + MINUTE)
        assert await newest_arrival(connection) == NOON
