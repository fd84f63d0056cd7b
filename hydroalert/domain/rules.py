"""Rules: what raises an alert. Each is a ladder of levels over one signal of one or more datastreams."""

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from math import isfinite
from typing import Literal

import msgspec

from hydroalert.domain.codes import is_code, is_datastream_code
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.severity import Severity

Signal = Literal["level", "rise", "accumulation"]
"""`level`: the result itself. `rise`: its change in units an hour over the window. `accumulation`: its sum over it."""

MAX_WINDOW_S = 7 * 24 * 3600
MAX_HOLD_S = 24 * 3600
MAX_LEVELS = 12
MAX_MEMBERS = 64
MAX_NAME = 64
MAX_RAIN_MM = 10_000
PLATFORM_HAZARDS = frozenset({"blind", "late-crossing"})
"""Hazards that the platform raises by itself, for operators."""


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step of a ladder: reached at `threshold` (of the signal, in its unit), released below
    `threshold - hysteresis`.

    It counts once the signal stayed at or above the threshold for `hold_up_count` observations and `hold_up_s` seconds
    of phenomenon time, and is left once it stayed below for `hold_down_s`.
    """

    name: str
    threshold: float
    severity: Severity
    hysteresis: float = 0.0
    hold_up_s: int = 0
    hold_up_count: int = 1
    hold_down_s: int = 0


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A datastream that the rule reads. `thresholds`, one for each level, replace those of the levels."""

    station: str
    datastream: str
    thresholds: tuple[float, ...] | None = None


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """From `severity` up an operator releases before the public hears it; until then it hears what lies below.

    Unanswered for `after_s`, it is published all the same, or operators are asked again and again.
    """

    severity: Severity
    after_s: int = 600
    then: Literal["publish", "ask"] = "publish"


class ConfirmingReports(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """So many verified reports of what was seen in the area in the last `within_s`, each at least that severe.

    Those that one person is known to have sent, by the contact that was left, count once.
    """

    count: int = 1
    within_s: int = 3600
    severity: Severity = Severity.MODERATE


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What raises the alert of one hazard in one area: level i is reached when `k` members reach it.

    `confirming_rain`: that much rain (mm in the three hours before) at a station that informs the area corroborates a
    suspect value; so do `confirming_reports`, None: no report ever does.
    """

    code: str
    levels: tuple[Level, ...]
    members: tuple[Member, ...]
    hazard: str = "flood"
    signal: Signal = "level"
    window_s: int = 3600
    k: int = 1
    confirming_rain: float = 10.0
    confirming_reports: ConfirmingReports | None = None
    release: Release | None = None


class VersionedRule(msgspec.Struct, frozen=True):
    """A rule as it stood in one version."""

    version: int
    rule: Rule


def threshold_of(rule: Rule, member: Member, level: int) -> float:
    """Of level number `level`, counted from 1, at this member."""
    return rule.levels[level - 1].threshold if member.thresholds is None else member.thresholds[level - 1]


def checked(rule: Rule) -> Rule:
    """The rule itself, if it can be kept. Raises InvalidInput that says what to change."""
    for holds, words in _demands(rule):
        if not holds:
            raise InvalidInput(f"rule {rule.code!r}: {words}", "rule")
    return rule


def _demands(rule: Rule) -> list[tuple[bool, str]]:
    names = [(member.station, member.datastream) for member in rule.members]
    ladders = [member.thresholds for member in rule.members if member.thresholds is not None]
    return [
        (is_code(rule.code), "its code must be lower-case letters, digits and hyphens"),
        (is_code(rule.hazard) and rule.hazard not in PLATFORM_HAZARDS, f"{rule.hazard!r} cannot name its hazard"),
        (0 < len(rule.levels) <= MAX_LEVELS, f"give 1 to {MAX_LEVELS} levels"),
        (0 < len(rule.members) <= MAX_MEMBERS, f"give 1 to {MAX_MEMBERS} members"),
        (len(set(names)) == len(names), "it names a datastream twice"),
        (all(is_code(one) and is_datastream_code(other) for one, other in names), "a member is no station, datastream"),
        (1 <= rule.k <= max(1, len(rule.members)), "k must be from 1 to the number of its members"),
        (0 < rule.window_s <= MAX_WINDOW_S, f"window_s must be from 1 to {MAX_WINDOW_S}"),
        (0 < rule.confirming_rain < MAX_RAIN_MM, f"confirming_rain must be above 0 and below {MAX_RAIN_MM} mm"),
        (_can_confirm(rule.confirming_reports), f"confirming_reports: count 1 to 100, within_s 60 to {MAX_HOLD_S}"),
        (len({level.name for level in rule.levels}) == len(rule.levels), "two levels have the same name"),
        (all(_is_sound(level) for level in rule.levels), "a level has a name, hold, count or hysteresis out of range"),
        (all(isfinite(one) for one in _thresholds(rule)), "a threshold is no finite number"),
        (_ascend([level.threshold for level in rule.levels]), "thresholds must ascend from level to level"),
        (all(len(one) == len(rule.levels) and _ascend(one) for one in ladders), "a member needs one threshold a level"),
        (_never_milder(rule.levels), "a higher level cannot be milder than a lower one"),
        (rule.release is None or 60 <= rule.release.after_s <= MAX_HOLD_S, f"after_s must be from 60 to {MAX_HOLD_S}"),
    ]


def _is_sound(level: Level) -> bool:
    holds = 0 <= level.hold_up_s <= MAX_HOLD_S and 0 <= level.hold_down_s <= MAX_HOLD_S
    named = bool(level.name.strip()) and level.name.isprintable() and len(level.name) <= MAX_NAME
    return named and holds and 1 <= level.hold_up_count <= 100 and level.hysteresis >= 0 and isfinite(level.hysteresis)


def _can_confirm(reports: ConfirmingReports | None) -> bool:
    return reports is None or (1 <= reports.count <= 100 and 60 <= reports.within_s <= MAX_HOLD_S)


def _thresholds(rule: Rule) -> Iterator[float]:
    ladders = [member.thresholds or () for member in rule.members]
    return chain((level.threshold for level in rule.levels), *ladders)


def _ascend(thresholds: Sequence[float]) -> bool:
    return all(lower < higher for lower, higher in pairwise(thresholds))


def _never_milder(levels: Sequence[Level]) -> bool:
    return all(lower.severity.rank <= higher.severity.rank for lower, higher in pairwise(levels))
