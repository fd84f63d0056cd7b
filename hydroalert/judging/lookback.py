"""How far back a judgement looks: what live judging and a back-test must both give it. Pure."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from hydroalert.domain.rules import Rule

RAIN_WINDOW_S = 3 * 3600
"""Over which rain corroborates a suspect value."""
_OF_WHICH_ONE_ARRIVES = 3


class Lookback(msgspec.Struct, frozen=True):
    """How far back of a datastream's newest point its points bear on some rules: windows and holds in time, and how
    many observations a hold counts."""

    span: timedelta
    count: int


def lookback_of(rules: Iterable[Rule]) -> Lookback:
    """Enough for each of these rules."""
    some = list(rules)
    count = max((level.hold_up_count for rule in some for level in rule.levels), default=1)
    return Lookback(timedelta(seconds=max(map(_reach_s, some), default=RAIN_WINDOW_S)), count)


def window_of(lookback: Lookback, interval_s: int, live_for_s: int) -> timedelta:
    """The lookback of one datastream, before its newest point. That may fail where the newest that says anything is up
    to `live_for_s` older; and of the readings that a hold counts, most may have been lost."""
    return lookback.span + timedelta(seconds=live_for_s + _OF_WHICH_ONE_ARRIVES * lookback.count * interval_s)


def _reach_s(rule: Rule) -> int:
    window_s = 0 if rule.signal == "level" else rule.window_s
    return max(RAIN_WINDOW_S, window_s + max(max(level.hold_up_s, level.hold_down_s) for level in rule.levels))
