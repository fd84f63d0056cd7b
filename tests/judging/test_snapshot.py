"""The JSON of an area: exactly the contract's keys, the worst decides, operators' alerts never in it."""

from typing import Any

import msgspec

from hydroalert.domain.rules import Release
from hydroalert.judging.snapshot import Standing, snapshot_of
from hydroalert.judging.texts.facts import Place
from tests.judging.area import EXTREME, HOUR, MINUTE, NOON, SEVERE, Area, ladder, rule_of

KEYS = [
    "area", "official_code", "name", "state", "severity", "status", "revision", "updated_at", "blind", "blind_since",
    "headline", "instruction", "alerts",
]  # fmt: skip
ALERT_KEYS = ["id", "hazard", "severity", "urgency", "certainty", "onset", "causes"]
CAUSE_KEYS = ["station", "datastream", "result", "unit", "threshold", "time", "quality"]
ALL = ladder(1.0, 2.0, 3.0, 4.0)


def shown(area: Area, *, drill: bool = False) -> dict[str, Any]:
    """The JSON of what stands."""
    place = Place("valley", {"en": "The Valley"}, {"a": "Mill Bridge"})
    standing = Standing(place, "VAL/1", 7, area.now, area.alerts, area.judgement.blind_since, drill)
    decoded: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(snapshot_of(standing)))
    return decoded


def test_the_json_of_an_area_has_the_keys_of_the_contract_in_its_order() -> None:
    area = Area(rule_of(*ALL))
    area.hear(2.5)
    area_json = shown(area)
    assert list(area_json) == KEYS, "and `valid_until`, which whoever publishes adds"
    assert list(area_json["alerts"][0]) == ALERT_KEYS
    assert area_json["alerts"][0]["causes"] == [
        dict(zip(CAUSE_KEYS, ["a", "level", 2.5, "m", 2.0, "2026-03-01T12:00:00.000Z", 1], strict=True))
    ]


def test_the_worst_alert_decides() -> None:
    area = Area(rule_of(*ALL), rule_of(*ALL, stations="b", code="wind", hazard="wind"))
    area.take(1.5)
    area.hear(4.5, station="b")
    area_json = shown(area)
    assert (area_json["state"], area_json["severity"], area_json["status"]) == ("active", "extreme", "actual")
    assert [alert["hazard"] for alert in area_json["alerts"]] == ["wind", "flood"]
    assert (area_json["revision"], area_json["updated_at"]) == (7, "2026-03-01T12:00:00.000Z")


def test_an_area_where_nothing_stands_is_cleared() -> None:
    area = Area(rule_of(*ALL))
    area.hear(0.5)
    area_json = shown(area)
    assert (area_json["state"], area_json["severity"], area_json["alerts"]) == ("cleared", None, [])
    assert (area_json["blind"], area_json["blind_since"]) == (False, None)
    assert area_json["headline"]


def test_an_area_that_is_cleared_and_blind_shows_no_alert_of_operators() -> None:
    area = Area(rule_of(*ALL))
    area.hear(4.5, at=NOON - HOUR)
    area_json = shown(area)
    assert {alert.hazard for alert in area.alerts} == {"blind", "late-crossing"}
    assert (area_json["state"], area_json["alerts"]) == ("cleared", [])
    assert (area_json["blind"], area_json["blind_since"]) == (True, "2026-03-01T11:45:00.000Z")


def test_what_awaits_its_release_is_shown_as_bad_as_the_public_hears() -> None:
    area = Area(rule_of(*ALL, release=Release(SEVERE, then="ask")))
    area.hear(4.5)
    area_json = shown(area)
    assert area.alert().severity is EXTREME
    assert (area_json["severity"], area_json["alerts"][0]["severity"]) == ("moderate", "moderate")
    assert area_json["alerts"][0]["urgency"] == "expected"
    area = Area(rule_of(*ALL, release=Release(ALL[0].severity, then="ask")))
    area.hear(4.5)
    assert (shown(area)["state"], shown(area)["alerts"]) == ("cleared", [])


def test_a_blind_alert_keeps_its_severity_and_is_less_certain() -> None:
    area = Area(rule_of(*ALL))
    area.hear(3.5)
    area.look(NOON + 46 * MINUTE)
    area_json = shown(area)
    assert (area_json["state"], area_json["severity"]) == ("active", "severe")
    assert area_json["blind_since"] == "2026-03-01T12:45:00.000Z"
    assert area_json["alerts"][0]["certainty"] == "possible"


def test_an_exercise_says_so_in_its_status_and_its_words() -> None:
    area = Area()
    area.decide("raise", SEVERE)
    area_json = shown(area, drill=True)
    assert area_json["status"] == "exercise"
    assert area_json["headline"].startswith("EXERCISE")
    assert area_json["instruction"].startswith("EXERCISE")
