"""Plumtree Run, a flash stream: two days around each event of three years; the whole file by
`python -m benchmarks.scenarios plumtree`.

Events are found here, in the file itself.
"""

from datetime import UTC, datetime, timedelta

import duckdb
import msgspec
import pytest

from benchmarks.scenarios import cases, files
from hydroalert.domain.severity import Severity
from hydroalert.judging.backtest import Course
from hydroalert.judging.context import Point
from tests.scenarios.following import assert_in_order, first_told, public, raises, run

pytestmark = pytest.mark.skipif(not files.PLUMTREE.is_file(), reason=f"the data set is not here: {files.PLUMTREE}")

LADDER = {Severity.MINOR: 3.0, Severity.MODERATE: 3.9, Severity.SEVERE: 5.0}
APART = timedelta(hours=6)
AROUND = timedelta(days=1)


class Event(msgspec.Struct):
    """A time at or above the first level, and when each level was first reached in it."""

    start: datetime
    end: datetime
    reached: dict[Severity, datetime]


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """Approved values only; less than six hours below the level do not end an event."""
    stage = '"USGS:01581752:00065:00000'
    rows = duckdb.sql(
        f'SELECT "datetimeUTC", {stage}" FROM read_parquet(\'{files.PLUMTREE}\') '
        f"WHERE {stage}_qualifiers\" = 'A' AND {stage}\" >= 3.0 ORDER BY 1"
    ).fetchall()
    found: list[Event] = []
    for naive, value in rows:
        time = naive.replace(tzinfo=UTC)
        if not found or time - found[-1].end > APART:
            found.append(Event(time, time, {}))
        found[-1].end = time
        for severity, threshold in LADDER.items():
            if value >= threshold:
                found[-1].reached.setdefault(severity, time)
    return found


@pytest.fixture(scope="module")
def points() -> list[Point]:
    """The whole file."""
    return files.read_plumtree()


def replay(points: list[Point], start: datetime, end: datetime) -> Course:
    return run(cases.plumtree_with([point for point in points if start <= point.time <= end]))


@pytest.fixture(scope="module")
def courses(events: list[Event], points: list[Point]) -> list[Course]:
    """One for each event."""
    return [replay(points, event.start - AROUND, event.end + AROUND) for event in events]


def test_each_event_is_told_at_its_start_with_each_of_its_levels(events: list[Event], courses: list[Course]) -> None:
    assert len(events) == 30
    for event, course in zip(events, courses, strict=True):
        told = first_told(course, event.start)
        assert {severity: at for severity, at in told.items() if at <= event.end} == event.reached
        assert_in_order(course)


def test_no_event_is_raised_twice(events: list[Event], courses: list[Course]) -> None:
    for event, course in zip(events, courses, strict=True):
        assert [at for at in raises(course) if event.start <= at <= event.end + APART] == [event.start]


def test_what_a_tool_interpolated_counts_as_nothing_known(points: list[Point]) -> None:
    start = datetime(2016, 2, 11, tzinfo=UTC)
    masked = [point.time for point in points if point.quality == 9 and start <= point.time < start + timedelta(days=2)]
    course = replay(points, start, start + timedelta(days=2))
    silent = masked[0] + timedelta(minutes=10)
    assert raises(course, "blind")[0] == silent  # the last value that was measured, and three intervals
    assert public(course) == []
