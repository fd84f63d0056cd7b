"""The simulator's river, which needs no data set: the picture in the documentation."""

from pathlib import Path

from benchmarks.scenarios import cases
from hydroalert.domain.alerts import Transition
from hydroalert.judging.plot import draw
from tests.scenarios.following import assert_in_order, of, run

PICTURE = Path(__file__).parents[2] / "docs" / "pictures" / "back-test.svg"


def test_the_picture_in_the_documentation_is_what_the_command_draws() -> None:
    (scenario,) = cases.synthetic()
    assert draw(scenario.case, run(scenario)) == PICTURE.read_bytes(), (
        "draw it anew: python -m benchmarks.scenarios synthetic --plot DIR"
    )


def test_eight_silent_hours_in_high_water_lower_nothing() -> None:
    (scenario,) = cases.synthetic()
    course = run(scenario)
    steps = [one.change.transition for one in of(course)]
    blinded, sighted = steps.index(Transition.BLINDED), steps.index(Transition.SIGHTED)
    assert sighted == blinded + 1
    assert of(course)[blinded].change.alert.severity == of(course)[sighted].change.alert.severity
    assert_in_order(course)
