"""What needs an operator's release, and what the public hears meanwhile."""

import pytest

from hydroalert.domain.alerts import TELL_AGAIN_AFTER
from hydroalert.domain.rules import Release
from hydroalert.domain.severity import Severity
from tests.judging.area import EXTREME, HOUR, MINOR, MINUTE, MODERATE, NOON, SEVERE, Area, ladder, rule_of, steps

ALL = ladder(1.0, 2.0, 3.0, 4.0)
ASKS = Release(SEVERE, after_s=600, then="ask")
PUBLISHES = Release(SEVERE, after_s=600)


@pytest.mark.parametrize(("value", "heard"), [(1.5, MINOR), (2.5, MODERATE), (3.5, MODERATE), (4.5, MODERATE)])
def test_until_its_release_the_public_hears_of_what_lies_below(value: float, heard: Severity) -> None:
    area = Area(rule_of(*ALL, release=ASKS))
    (change,) = area.hear(value)
    assert (area.public(), change.public) == (heard, True)


def test_what_needs_a_release_from_its_first_level_on_is_not_public_at_all() -> None:
    area = Area(rule_of(*ALL, release=Release(MINOR, then="ask")))
    (change,) = area.hear(4.5)
    assert (change.public, area.public(), area.alert().severity) == (False, None, EXTREME)


def test_what_an_operator_released_is_public_at_once_and_so_is_what_it_becomes() -> None:
    area = Area(rule_of(*ALL, release=ASKS))
    area.hear(3.5)
    (change,) = area.release()
    assert (change.transition.value, change.public, change.author, area.public()) == ("released", True, "ann", SEVERE)
    assert steps(area.flow(4.5)) == ["escalated"]
    assert area.public() is EXTREME


def test_what_nobody_answered_is_published_when_its_time_is_over() -> None:
    area = Area(rule_of(*ALL, release=PUBLISHES))
    area.hear(3.5)
    (change,) = area.look(NOON + 10 * MINUTE)
    assert (change.transition.value, change.public, area.public()) == ("escalated", True, SEVERE)
    assert change.reason == "no operator answered in time"


def test_each_worse_severity_that_nobody_released_waits_anew() -> None:
    area = Area(rule_of(*ALL, release=PUBLISHES))
    area.hear(3.5)
    area.look(NOON + 10 * MINUTE)
    assert steps(area.flow(4.5)) == ["escalated"]
    assert area.public() is SEVERE
    area.look(area.now + 10 * MINUTE)
    assert area.public() is EXTREME


def test_operators_are_asked_again_and_again_where_it_may_not_be_published_unanswered() -> None:
    area = Area(rule_of(*ALL, release=ASKS))
    area.hear(3.5)
    changes = area.look(NOON + 35 * MINUTE)
    assert [(one.transition.value, one.public) for one in changes] == [("escalated", False)] * 3
    assert area.public() is MODERATE


def test_what_falls_and_rises_behind_a_release_is_no_news_for_the_public() -> None:
    area = Area(rule_of(*ALL, release=Release(SEVERE, after_s=7200)))
    area.hear(3.5)
    changes = [one for some in area.flow(4.5, 3.5, 2.5) for one in some]
    assert [(one.transition.value, one.public) for one in changes] == [
        ("escalated", False), ("lowered", False), ("lowered", False)
    ]  # fmt: skip


def test_an_alert_that_awaits_its_release_is_told_again_once_before_its_message_expires() -> None:
    area = Area(rule_of(*ALL, release=Release(SEVERE, after_s=3600, then="ask")))
    area.hear(3.5)
    changes = [one.transition.value for one in area.look(NOON + TELL_AGAIN_AFTER + 2 * HOUR) if one.public]
    assert changes == ["blinded", "continued"]


def test_another_rule_that_needs_no_release_is_heard_at_once() -> None:
    area = Area(
        rule_of(*ALL, release=Release(MINOR, then="ask")), rule_of(*ladder(1.0, 2.0), stations="b", code="other")
    )
    area.take(4.5)
    area.hear(2.5, station="b")
    assert (area.public(), area.alert().severity) == (MODERATE, EXTREME)


def test_a_flood_below_what_needs_a_release_clears_for_everyone() -> None:
    area = Area(rule_of(*ALL, release=ASKS))
    area.hear(3.5)
    (change,) = area.flow(0.5)[0]
    assert (change.transition.value, change.public) == ("cleared", True)


def test_what_the_public_never_heard_of_clears_without_it() -> None:
    area = Area(rule_of(*ALL, release=Release(MINOR, then="ask")))
    area.hear(3.5)
    (change,) = area.flow(0.5)[0]
    assert (change.transition.value, change.public) == ("cleared", False)
