"""Whoever stores something new of a datastream that an area hears leaves one row that says so, or nothing at all."""

from datetime import datetime, timedelta

import pytest

from hydroalert.admission.importing import import_series
from hydroalert.domain.clock import to_ms
from hydroalert.domain.quality import UNTESTED, QualitySettings
from hydroalert.store import Connection
from hydroalert.store.conflicts import list_conflicts, prefer_conflict
from hydroalert.store.stations import find_datastream
from tests.admission.conftest import Settle
from tests.admission.gauges import NOON, Gauge

ADD_AREA = """
INSERT INTO area (code, official_code, names, polygon)
VALUES ('here', 'here', '{}', ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(80, 7), 4326), 0.1)))
RETURNING id
"""
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def judged(connection: Connection, gauge: Gauge) -> int:
    """The id of the gauge's level, which an area hears; it does not hear the flow."""
    level = await find_datastream(connection, f"at-{gauge.code}", "level")
    area = await connection.fetchval(ADD_AREA)
    await connection.execute("INSERT INTO area_datastream (datastream_id, area_id) VALUES ($1, $2)", level, area)
    return level


async def due(connection: Connection) -> list[tuple[int, datetime]]:
    """(datastream id, since) of what waits, in order."""
    return [tuple(row) for row in await connection.fetch("SELECT datastream_id, since FROM due ORDER BY id")]


async def test_new_observations_are_due_from_the_earliest_of_them(
    connection: Connection, gauge: Gauge, settle: Settle, judged: int
) -> None:
    await settle([gauge.levels((60, 1.0), (0, 1.1)), gauge.levels((-60, 1.2))])
    assert await due(connection) == [(judged, NOON - MINUTE)]


async def test_a_datastream_that_no_area_hears_is_never_due(
    connection: Connection, gauge: Gauge, other: Gauge, settle: Settle, judged: int
) -> None:
    await settle([gauge.levels((0, 1.0), name="flow"), other.levels((0, 1.0))])
    assert await due(connection) == []


async def test_what_was_there_already_makes_nothing_due(
    connection: Connection, gauge: Gauge, settle: Settle, judged: int
) -> None:
    first, late = gauge.levels((0, 1.0), (120, 1.2)), gauge.levels((60, 1.1))
    await settle([first])
    await settle([first, gauge.levels((0, 9.0))])
    await settle([first, late])
    assert await due(connection) == [(judged, NOON), (judged, NOON + MINUTE)]


async def test_what_is_not_committed_makes_nothing_due(
    connection: Connection, gauge: Gauge, settle: Settle, judged: int
) -> None:
    await connection.execute(
        "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE division_by_zero; END';"
        "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON settlement DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION fails()"
    )
    assert await settle([gauge.levels((0, 1.0))]) == []
    assert await connection.fetchval("SELECT count(*) FROM observation") == 0
    assert await due(connection) == []


async def test_an_import_is_due_commit_by_commit(connection: Connection, judged: int) -> None:
    series = [(to_ms(NOON) + second * 1000, 1.0, UNTESTED) for second in range(6_000)]
    async for _ in import_series(connection, judged, QualitySettings(), series):
        pass
    assert await due(connection) == [(judged, NOON), (judged, NOON + timedelta(seconds=5_000))]


async def test_a_preferred_value_is_due_at_its_time(
    connection: Connection, gauge: Gauge, settle: Settle, judged: int
) -> None:
    await settle([gauge.levels((0, 1.0))])
    await settle([gauge.levels((0, 2.0))])
    await connection.execute("DELETE FROM due")
    (conflict,) = await list_conflicts(connection)
    async with connection.transaction():
        await prefer_conflict(connection, conflict.id, NOON + MINUTE)
    assert await due(connection) == [(judged, NOON)]
