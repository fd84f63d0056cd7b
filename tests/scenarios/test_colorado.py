"""The Colorado floods of September 2013: eight gauges, two of them lost at their crests."""

from datetime import timedelta

import pytest

from benchmarks.scenarios import cases, files
from hydroalert.domain.severity import Severity
from hydroalert.judging.backtest import Course
from tests.scenarios.following import FLOOD, assert_in_order, run

pytestmark = pytest.mark.skipif(not files.COLORADO.is_dir(), reason=f"the data set is not here: {files.COLORADO}")

CRESTS_FT = {"bigthompson-creek-at-loveland": 10.43, "sand-creek-at-commercecity": 12.85}


@pytest.fixture(scope="module")
def courses() -> dict[str, Course]:
    """What would have been told, by area."""
    return {scenario.case.area: run(scenario) for scenario in cases.colorado()}


@pytest.mark.parametrize("station", CRESTS_FT)
def test_a_gauge_that_the_flood_took_leaves_its_area_blind_at_its_worst(
    courses: dict[str, Course], station: str
) -> None:
    course = courses[station]
    last = course.heard[station, "level"].points[-1]
    (alert,) = course.alerts
    assert last.result == CRESTS_FT[station]
    assert (alert.hazard, alert.public_severity) == (FLOOD, Severity.SEVERE)
    assert alert.blind_since == last.time + timedelta(minutes=45)
    assert course.end - last.time > timedelta(days=2)


def test_every_gauge_is_told_of_once_at_a_time(courses: dict[str, Course]) -> None:
    assert len(courses) == 8
    for course in courses.values():
        assert_in_order(course)
