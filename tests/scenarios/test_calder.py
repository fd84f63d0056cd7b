"""The Calder valley, August and September 2025: four weeks of rain without a flood."""

import pytest

from benchmarks.scenarios import cases, files
from tests.scenarios.following import assert_in_order, public, run

pytestmark = pytest.mark.skipif(not files.CALDER.is_dir(), reason=f"the data set is not here: {files.CALDER}")


def test_four_weeks_without_a_flood_raise_no_public_alert() -> None:
    courses = [run(scenario) for scenario in cases.calder()]
    assert {course.area for course in courses} == {"hebden-bridge", "mytholmroyd"}
    for course in courses:
        assert (course.end - course.start).days == 28
        assert len(course.heard) == 5
        assert public(course) == []
        assert_in_order(course)
