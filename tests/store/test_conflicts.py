"""Conflicts: a second value is kept beside the series, may be preferred, and what was known stays known."""

from datetime import datetime, timedelta

import pytest

from hydroalert.domain.errors import Conflicting, NotFound
from hydroalert.store import Connection
from hydroalert.store.conflicts import list_conflicts, prefer_conflict
from hydroalert.store.digest import fold_settlements
from hydroalert.store.months import detach_expired, following, month_of, start_of
from hydroalert.store.reading_observations import Span, find_series, page
from hydroalert.store.sealing import Sealer
from tests.store.planting import NOON, level_of, plant_device, settle_values

HOUR = timedelta(hours=1)


@pytest.fixture
async def conflict(connection: Connection, sealer: Sealer) -> int:
    """1.0 arrived at noon, 2.0 for the same time an hour later; the id of the conflict."""
    await plant_device(connection, sealer)
    level = await level_of(connection)
    await settle_values(connection, level, [(NOON, 1.0)], NOON)
    await settle_values(connection, level, [(NOON, 2.0)], NOON + HOUR)
    (found,) = await list_conflicts(connection)
    return found.id


async def prefer(connection: Connection, conflict_id: int, now: datetime) -> None:
    """In a transaction of its own, as the command line does it."""
    async with connection.transaction():
        await prefer_conflict(connection, conflict_id, now)


async def value(connection: Connection, known_at: datetime | None = None) -> list[float]:
    """What is read at noon, as it stands or as it was known."""
    series = await find_series(connection, "at-gauge-1", "level")
    assert series is not None
    found = await page(connection, series, Span(known_at=known_at), 10)
    return [one.result for one in found.observations]


async def test_the_first_value_stays_in_the_series_and_the_second_beside_it(
    connection: Connection, conflict: int
) -> None:
    (kept,) = await list_conflicts(connection, "at-gauge-1")
    assert await value(connection) == [1.0]
    assert (kept.id, kept.result, kept.series_result) == (conflict, 2.0, 1.0)
    assert (kept.phenomenon_time, kept.received_at) == (NOON, NOON + HOUR)


async def test_the_same_contradiction_is_kept_once(connection: Connection, conflict: int) -> None:
    await settle_values(connection, await level_of(connection), [(NOON, 2.0)], NOON + 2 * HOUR)
    assert [one.id for one in await list_conflicts(connection)] == [conflict]


async def test_preferring_puts_it_into_the_series_and_keeps_the_former(connection: Connection, conflict: int) -> None:
    await prefer(connection, conflict, NOON + 2 * HOUR)
    (kept,) = await list_conflicts(connection)
    assert await value(connection) == [2.0]
    assert (kept.result, kept.series_result, kept.superseded_at) == (1.0, 2.0, NOON + 2 * HOUR)


async def test_preferring_can_be_undone(connection: Connection, conflict: int) -> None:
    await prefer(connection, conflict, NOON + 2 * HOUR)
    (former,) = await list_conflicts(connection)
    await prefer(connection, former.id, NOON + 3 * HOUR)
    assert await value(connection) == [1.0]


async def test_a_choice_does_not_change_what_was_known_before_it(connection: Connection, conflict: int) -> None:
    await prefer(connection, conflict, NOON + 2 * HOUR)
    known = [await value(connection, NOON + hours * HOUR) for hours in (-1, 0, 1, 2, 3)]
    assert known == [[], [1.0], [1.0], [2.0], [2.0]]


async def test_a_choice_undone_was_known_while_it_stood(connection: Connection, conflict: int) -> None:
    await prefer(connection, conflict, NOON + 2 * HOUR)
    (former,) = await list_conflicts(connection)
    await prefer(connection, former.id, NOON + 4 * HOUR)
    known = [await value(connection, NOON + hours * HOUR) for hours in (1, 3, 5)]
    assert known == [[1.0], [2.0], [1.0]]


async def test_the_latest_follows_a_preference(connection: Connection, conflict: int) -> None:
    await prefer(connection, conflict, NOON + 2 * HOUR)
    async with connection.transaction():
        assert [one.result for one in await fold_settlements(connection)] == [2.0]


async def test_a_conflict_that_is_not_there_cannot_be_preferred(connection: Connection, conflict: int) -> None:
    with pytest.raises(NotFound, match="conflicts list"):
        await prefer(connection, conflict + 1, NOON)


async def test_a_conflict_of_a_month_put_away_stays_as_it_is(connection: Connection, conflict: int) -> None:
    await detach_expired(connection, start_of(following(month_of(NOON))))
    with pytest.raises(Conflicting, match="no longer in the series"):
        await prefer(connection, conflict, NOON)
    assert [one.id for one in await list_conflicts(connection)] == [conflict]
