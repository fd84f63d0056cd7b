"""The Avon, November and December 2012: a crest that travels from Warwick to Stratford."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.scenarios import cases, files
from hydroalert.domain.severity import Severity
from hydroalert.judging.backtest import Course
from tests.scenarios.following import assert_in_order, first_told, run

pytestmark = pytest.mark.skipif(not files.AVON.is_dir(), reason=f"the data set is not here: {files.AVON}")


def readings(station: str) -> list[tuple[datetime, float]]:
    rows = [
        row
        for path in sorted(files.AVON.glob(f"avon_{station}_*.csv"))
        for row in csv.reader(io.StringIO(path.read_text("latin-1")))
    ]
    return [
        (datetime.strptime(row[0], "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC), float(row[1]))
        for row in rows
        if len(row) > 2 and row[0][:1].isdigit() and row[1]
    ]


@pytest.fixture(scope="module")
def courses() -> dict[str, Course]:
    """What would have been told, by area, of the flood of November: its last ten days."""
    start, end = datetime(2012, 11, 20, tzinfo=UTC), datetime(2012, 11, 30, tzinfo=UTC)
    scenarios = {one.case.area: one for one in cases.avon_between(start, end)}
    return {area: run(scenario) for area, scenario in scenarios.items()}


def test_warwick_is_warned_before_stratford_crests(courses: dict[str, Course]) -> None:
    crest = max(readings("stratford"), key=lambda one: one[1])[0]
    ahead = {severity: crest - at for severity, at in first_told(courses["warwick"]).items()}
    print(f"Warwick's alerts before Stratford's crest at {crest:%d %b %H:%M}: {ahead}")
    assert crest == datetime(2012, 11, 26, 15, 30, tzinfo=UTC)
    assert ahead[Severity.MINOR] > ahead[Severity.MODERATE] > ahead[Severity.SEVERE] > timedelta(hours=8.5)


def test_stratford_hears_of_the_water_at_warwick_before_it_arrives(courses: dict[str, Course]) -> None:
    crossed = next(
        time for time, level in readings("stratford") if level >= 0.93 and time >= courses["stratford"].start
    )
    upstream = next(time for time, level in readings("warwick") if level >= 1.46 and time >= courses["warwick"].start)
    assert first_told(courses["stratford"])[Severity.MINOR] == upstream < crossed


def test_revisions_follow_one_another(courses: dict[str, Course]) -> None:
    for course in courses.values():
        assert_in_order(course)
