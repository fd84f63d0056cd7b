"""Silence, maintenance, and news that comes too late."""

from hydroalert.domain.alerts import certainty_of
from hydroalert.domain.quality import Flag
from hydroalert.domain.rules import PLATFORM_HAZARDS
from tests.judging.area import HOUR, MINOR, MINUTE, MODERATE, NOON, Area, ladder, rule_of, steps, stream_of

AB = ladder(1.0, 2.0)


def transitions(area: Area, hours: int) -> list[tuple[str, str]]:
    """What happens while nothing is heard."""
    return [(one.alert.hazard, one.transition.value) for one in area.look(area.now + hours * HOUR)]


def test_an_alert_whose_stations_fall_silent_keeps_its_level_and_says_since_when_it_is_blind() -> None:
    area = Area(rule_of(*AB))
    area.flow(2.5)
    spoke = area.now
    assert transitions(area, 10) == [("flood", "blinded")]
    alert = area.alert()
    assert (area.public(), alert.blind_since, certainty_of(alert)) == (MODERATE, spoke + 45 * MINUTE, "possible")
    assert alert.causes[0].result == 2.5
    assert area.judgement.blind_since == alert.blind_since


def test_an_alert_whose_sensor_fails_for_hours_is_blind_since_it_last_said_anything() -> None:
    area = Area(rule_of(*AB))
    area.flow(2.5)
    spoke = area.now
    area.flow(*[99.0] * 40, quality=Flag.FAIL)
    alert = area.alert()
    assert (area.public(), alert.blind_since) == (MODERATE, spoke + 45 * MINUTE)
    assert area.judgement.blind_since == alert.blind_since


def test_an_alert_sees_again_when_its_station_speaks() -> None:
    area = Area(rule_of(*AB))
    area.flow(2.5)
    area.look(area.now + 2 * HOUR)
    assert steps([area.hear(2.4)]) == ["sighted"]
    assert area.judgement.blind_since is None


def test_a_quiet_area_whose_stations_fall_silent_raises_an_alert_for_operators_until_they_speak() -> None:
    area = Area(rule_of(*AB))
    area.flow(0.5)
    assert transitions(area, 10) == [("blind", "raised")]
    assert area.public("blind") is None
    assert steps([area.hear(0.5)]) == ["cleared"]
    assert area.judgement.blind_since is None


def test_one_station_that_speaks_keeps_an_area_from_being_blind() -> None:
    area = Area(rule_of(*AB, stations="ab"))
    area.hear(0.5, station="b")
    for _ in range(8):
        area.flow(0.5)
    assert area.alerts == ()


def test_an_area_that_nobody_informs_is_blind_without_an_alert() -> None:
    area = Area()
    assert area.judge() == ()
    assert area.judgement.blind_since == NOON
    area.look(NOON + HOUR)
    assert (area.judgement.blind_since, area.alerts) == (NOON, ())


def test_an_area_without_rules_is_blind_once_none_of_its_stations_speaks() -> None:
    area = Area(hears=(stream_of("a"),))
    area.hear(9.0)
    assert area.alerts == ()
    assert transitions(area, 1) == [("blind", "raised")]


def test_a_crossing_that_arrives_late_goes_to_operators_and_never_to_the_public() -> None:
    area = Area(rule_of(*AB))
    (late, blind) = sorted(area.hear(2.5, at=NOON - HOUR), key=lambda change: change.alert.hazard, reverse=True)
    assert (late.alert.hazard, late.public, late.alert.severity) == ("late-crossing", False, MODERATE)
    assert blind.alert.hazard == "blind"
    assert {alert.hazard for alert in area.alerts} == PLATFORM_HAZARDS
    assert all(alert.public_severity is None for alert in area.alerts)


def test_newer_news_ends_a_late_crossing() -> None:
    area = Area(rule_of(*AB))
    area.hear(2.5, at=NOON - HOUR)
    changes = area.hear(0.5)
    assert {(change.alert.hazard, change.transition.value) for change in changes} == {
        ("late-crossing", "cleared"), ("blind", "cleared")
    }  # fmt: skip


def test_a_late_crossing_does_not_hide_that_an_area_is_blind() -> None:
    area = Area(rule_of(*AB))
    area.flow(0.5)
    area.look(area.now + 3 * HOUR)
    changes = area.hear(2.5, at=area.now - HOUR)
    assert [(one.alert.hazard, one.transition.value) for one in changes] == [("late-crossing", "raised")]


def test_late_news_that_the_water_fell_lowers_nothing() -> None:
    area = Area(rule_of(*AB))
    area.flow(2.5)
    area.look(area.now + 3 * HOUR)
    assert area.hear(0.1, at=area.now - HOUR) == ()
    assert area.public() is MODERATE


def test_a_station_in_maintenance_raises_nothing_and_is_not_missed() -> None:
    area = Area(rule_of(*AB))
    area.flow(0.5)
    area.maintain("a", 3 * HOUR)
    assert steps(area.flow(2.5, 2.6)) == ["", ""]
    assert transitions(area, 2) == []


def test_what_was_measured_in_maintenance_raises_nothing_after_it_either() -> None:
    area = Area(rule_of(*AB))
    area.flow(0.5)
    area.maintain("a", 20 * MINUTE)
    area.flow(5.0)
    area.look(area.now + 10 * MINUTE)
    assert area.alerts == ()
    assert steps(area.flow(1.5)) == ["raised"]


def test_maintenance_raises_nothing_and_clears_nothing_but_nobody_speaks_meanwhile() -> None:
    area = Area(rule_of(*AB))
    area.flow(1.5)
    assert steps([area.maintain("a", HOUR)]) == [""]
    area.flow(0.1)
    assert area.public() is MINOR
    assert area.judgement.blind_since is not None
    area.wait(HOUR)
    area.flow(0.1)
    assert area.alert() is None


def test_an_area_whose_stations_are_all_in_maintenance_is_blind_and_operators_need_not_be_told() -> None:
    area = Area(rule_of(*AB))
    area.flow(0.1)
    assert steps([area.maintain("a", HOUR)]) == [""]
    assert area.judgement.blind_since == area.now
    assert area.alerts == ()


def test_what_stands_is_told_again_before_its_message_expires() -> None:
    area = Area(rule_of(*AB))
    area.flow(1.5)
    told = area.now
    assert transitions(area, 48)[:2] == [("flood", "blinded"), ("flood", "continued")]
    assert area.public() is MINOR
    area = Area(rule_of(*AB))
    for _ in range(47):
        area.flow(1.5)
    assert area.alert().told_at > told, "though it speaks all the time"
