"""Which rules can be kept."""

from typing import Any

import msgspec
import pytest

from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.rules import Level, Member, Release, Rule, checked, threshold_of
from hydroalert.domain.severity import Severity

MINOR, SEVERE = Severity.MINOR, Severity.SEVERE
ALERT, FLOOD = Level("alert", 1.6, MINOR, hysteresis=0.05), Level("flood", 2.0, SEVERE)
RULE = Rule("river", (ALERT, FLOOD), (Member("hebden", "level"), Member("mytholm", "level", (2.5, 3.0))))
NAN, INF = float("nan"), float("inf")


def level(**changed: Any) -> Level:
    """The first level, changed."""
    return msgspec.structs.replace(ALERT, **changed)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"signal": "rise", "window_s": 900},
        {"k": 2},
        {"levels": (level(threshold=-1.6), FLOOD)},
        {"levels": (ALERT, level(name="flood", threshold=2.0))},
        {"release": Release(SEVERE, 600, "ask")},
    ],
)
def test_a_sound_rule_is_kept_as_it_is(changed: dict[str, Any]) -> None:
    rule = msgspec.structs.replace(RULE, **changed)
    assert checked(rule) is rule


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"code": "River"}, "code"),
        ({"hazard": "late-crossing"}, "hazard"),
        ({"hazard": "Flash Flood"}, "hazard"),
        ({"levels": ()}, "levels"),
        ({"levels": tuple(level(name=str(n), threshold=n) for n in range(13))}, "levels"),
        ({"members": ()}, "members"),
        ({"members": tuple(Member("s", f"d{n}") for n in range(65))}, "members"),
        ({"members": (Member("hebden", "level"),) * 2}, "twice"),
        ({"members": (Member("Hebden", "level"),)}, "no station, datastream"),
        ({"members": (Member("hebden", "Level"),)}, "no station, datastream"),
        ({"members": (Member("hebden", "level", (1.0,)),)}, "one threshold a level"),
        ({"members": (Member("hebden", "level", (2.0, 1.0)),)}, "one threshold a level"),
        ({"members": (Member("hebden", "level", (1.0, INF)),)}, "finite"),
        ({"k": 0}, "k must"),
        ({"k": 3}, "k must"),
        ({"window_s": 0}, "window_s"),
        ({"window_s": 7 * 86_400 + 1}, "window_s"),
        ({"confirming_rain": 0.0}, "confirming_rain"),
        ({"confirming_rain": INF}, "confirming_rain"),
        ({"levels": (ALERT, level(threshold=2.0))}, "same name"),
        ({"levels": (level(name=" "), FLOOD)}, "name"),
        ({"levels": (level(name="a\0b"), FLOOD)}, "name"),
        ({"levels": (level(name="x" * 65), FLOOD)}, "name"),
        ({"levels": (level(threshold=NAN),)}, "finite"),
        ({"levels": (level(hysteresis=NAN),)}, "hysteresis"),
        ({"levels": (level(hysteresis=-0.1),)}, "hysteresis"),
        ({"levels": (level(hold_up_s=86_401),)}, "hold"),
        ({"levels": (level(hold_down_s=-1),)}, "hold"),
        ({"levels": (level(hold_up_count=0),)}, "count"),
        ({"levels": (FLOOD, ALERT)}, "ascend"),
        ({"levels": (ALERT, level(name="same"))}, "ascend"),
        ({"levels": (level(severity=SEVERE), level(name="more", threshold=2.0))}, "milder"),
        ({"release": Release(SEVERE, 0)}, "after_s"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_refused_in_words(changed: dict[str, Any], words: str) -> None:
    members = {"members": (Member("hebden", "level"),)} | changed
    with pytest.raises(InvalidInput, match=words):
        checked(msgspec.structs.replace(RULE, **members))


def test_a_member_has_the_thresholds_of_its_own_where_it_names_some() -> None:
    found = [[threshold_of(RULE, member, number) for number in (1, 2)] for member in RULE.members]
    assert found == [[1.6, 2.0], [2.5, 3.0]]
