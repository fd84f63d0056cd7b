"""What people decide: raise, hold, clear, until it expires; acknowledge."""

from hydroalert.domain.rules import Release
from tests.judging.area import EXTREME, HOUR, MINOR, MINUTE, MODERATE, SEVERE, Area, ladder, rule_of, steps

ALL = ladder(1.0, 2.0, 3.0, 4.0)


def flooded(*values: float, **more: object) -> Area:
    """An area that has heard these values."""
    area = Area(rule_of(*ALL, **more))
    area.flow(*values)
    return area


def test_what_is_raised_by_hand_stands_for_everyone_until_it_expires() -> None:
    area = flooded(0.5)
    (change,) = area.decide("raise", SEVERE, lasts=HOUR)
    assert (change.transition.value, change.author, change.reason, change.public) == ("raised", "ann", "seen", True)
    assert area.alert().by_hand
    assert area.public() is SEVERE
    assert steps(area.flow(0.5, 0.5, 0.5, 0.5)) == ["", "", "", "cleared"]


def test_water_that_is_worse_than_what_was_raised_by_hand_escalates_it() -> None:
    area = flooded(0.5)
    area.decide("raise", MODERATE, lasts=HOUR)
    assert steps(area.flow(4.5)) == ["escalated"]
    assert area.public() is EXTREME


def test_what_is_held_by_hand_is_not_lowered_before_it_expires() -> None:
    area = flooded(3.5)
    (change,) = area.decide("hold", lasts=40 * MINUTE)
    assert (change.transition.value, change.public) == ("overridden", False)
    assert steps(area.flow(1.5, 0.5, 1.5)) == ["", "", "lowered"]


def test_what_is_held_by_hand_tells_the_public_no_more_than_before() -> None:
    area = flooded(3.5, release=Release(SEVERE, then="ask"))
    area.decide("hold", lasts=HOUR)
    area.flow(1.5, 0.5)
    assert (area.public(), area.alert().severity) == (MODERATE, SEVERE)
    area.release()
    assert area.public() is SEVERE


def test_what_is_raised_by_hand_needs_no_release_as_far_as_it_goes() -> None:
    area = flooded(4.5, release=Release(SEVERE, then="ask"))
    (change,) = area.decide("raise", SEVERE)
    assert (change.transition.value, change.author, area.public()) == ("escalated", "ann", SEVERE)
    assert area.alert().severity is EXTREME


def test_what_is_cleared_by_hand_stays_cleared_until_it_expires() -> None:
    area = flooded(2.5)
    (change,) = area.decide("clear", lasts=40 * MINUTE)
    assert (change.transition.value, change.author) == ("cleared", "ann")
    assert steps(area.flow(2.5, 2.6, 2.5)) == ["", "", "raised"]


def test_clearing_by_hand_does_not_silence_what_is_worse() -> None:
    area = flooded(2.5)
    area.decide("clear", lasts=HOUR)
    assert steps(area.flow(3.5)) == ["raised"]
    assert area.public() is SEVERE


def test_who_acknowledged_an_alert_is_known_and_is_no_news_for_the_public() -> None:
    area = flooded(1.5)
    (change,) = area.acknowledge()
    assert (change.transition.value, change.public, change.author) == ("acknowledged", False, "ann")
    assert area.alert().acknowledged_by == "ann"
    assert steps(area.flow(1.5)) == [""]
    assert (area.alert().acknowledged_by, area.public()) == ("ann", MINOR)


def test_an_alert_that_is_over_cannot_be_acknowledged() -> None:
    area = flooded(1.5)
    area.take(0.5, at=area.now + MINUTE)
    area.wait(MINUTE)
    (change,) = area.acknowledge()
    assert (change.transition.value, change.author) == ("cleared", None)


def test_a_retired_rule_clears_what_it_held() -> None:
    area = flooded(2.5)
    area.rules = ()
    assert steps([area.judge()]) == ["cleared"]
