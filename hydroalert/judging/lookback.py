"""How far back a judgement looks: what live judging and a back-test must both give it. Pure."""

from collections.abc import Iterable
from datetime import timedelta

from hydroalert.domain.rules import Rule

RAIN_WINDOW_S = 3 * 3600
"""Over which rain corroborates a suspect value."""


def lookback_of(rules: Iterable[Rule]) -> timedelta:
    """Before its newest point, how far back the points of a datastream bear on these rules: windows and holds; three
    of its own intervals come on top (`window_of`)."""
    return timedelta(seconds=max(map(_reach_s, rules), default=RAIN_WINDOW_S))


def window_of(lookback: timedelta, interval_s: int) -> timedelta:
    """The lookback of one datastream."""
    return lookback + timedelta(seconds=3 * interval_s)


def _reach_s(rule: Rule) -> int:
    window_s = 0 if rule.signal == "level" else rule.window_s
    return max(RAIN_WINDOW_S, window_s + max(max(level.hold_up_s, level.hold_down_s) for level in rule.levels))
