"""How far back a judgement looks: what live judging and a back-test must both give it. Pure."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from hydroalert.domain.rules import Rule

RAIN_WINDOW_S = 3 * 3600
"""Over which rain corroborates a suspect value."""
MOST_POINTS = 20_000
"""Of one datastream in one judgement: a week of readings two a minute."""
_NEWEST = 16
"""Where only the newest readings count, failed ones among them."""
_OF_WHICH_ONE_ARRIVES = 3
_RAIN_UNIT = "mm"
_RAIN_CODES = ("rain", "precip")
"""How the code of a datastream of rain begins: a level may be in millimetres too."""


class Lookback(msgspec.Struct, frozen=True):
    """How far back of a datastream's newest point its points bear on some rules: windows and holds in time, and how
    many observations a hold counts."""

    span: timedelta
    count: int


class Window(msgspec.Struct, frozen=True):
    """The points of one datastream that are looked at: within `span` of its newest, and the newest `most` of them."""

    span: timedelta
    most: int


def lookback_of(rules: Iterable[Rule]) -> Lookback:
    """Enough for each of these rules."""
    some = list(rules)
    count = max((level.hold_up_count for rule in some for level in rule.levels), default=1)
    return Lookback(timedelta(seconds=max(map(_reach_s, some), default=0)), count)


def window_of(lookback: Lookback, name: str, unit: str, interval_s: int, live_for_s: int) -> Window:
    """The window of the datastream of that code and unit.

    Its newest point may fail where the newest that says anything is up to `live_for_s` older; and of the readings that
    a hold counts, most may have been lost.
    """
    reach = max(lookback.span, timedelta(seconds=RAIN_WINDOW_S if is_rain(name, unit) else 0))
    spare = timedelta(seconds=live_for_s + _OF_WHICH_ONE_ARRIVES * lookback.count * interval_s)
    return Window(reach + spare, MOST_POINTS if reach else max(_NEWEST, _OF_WHICH_ONE_ARRIVES * lookback.count))


def wider(one: Window, other: Window) -> Window:
    """What holds both."""
    return Window(max(one.span, other.span), max(one.most, other.most))


def is_rain(name: str, unit: str) -> bool:
    """Whether a datastream of that code and unit tells of rain."""
    return unit == _RAIN_UNIT and name.startswith(_RAIN_CODES)


def _reach_s(rule: Rule) -> int:
    window_s = 0 if rule.signal == "level" else rule.window_s
    return window_s + max(max(level.hold_up_s, level.hold_down_s) for level in rule.levels)
