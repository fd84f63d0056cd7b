"""Quality of an observation: the flag, the test that set it, and how a datastream is tested (QARTOD, water levels)."""

from enum import IntEnum
from typing import Literal

import msgspec

from hydroalert.domain.errors import InvalidInput


class Flag(IntEnum):
    """The primary-level flags of QARTOD (Manual for Real-Time Quality Control of Water Level Data, table 2-1)."""

    GOOD = 1
    NOT_EVALUATED = 2
    SUSPECT = 3
    FAIL = 4
    MISSING = 9


class Test(IntEnum):
    """What set the flag."""

    __test__ = False  # no test of pytest's

    NONE = 0
    SENSOR_SPAN = 1
    OPERATOR_SPAN = 2
    SPIKE = 3
    RISE = 4
    FALL = 5
    FLAT_LINE = 6
    GAP = 7
    ALL_PASSED = 8
    SOURCE = 20
    """Whoever delivered the value said so, as with an imported series."""
    PERSON = 21


_NUMBERS = frozenset(map(int, Test))


def word_of(test: int) -> str:
    """What set a flag, in a word; `later` for what only a later version knows."""
    return Test(test).name.lower() if test in _NUMBERS else "later"


Verdict = tuple[Flag, Test]
"""A flag, and the test that set it."""

UNTESTED: Verdict = (Flag.NOT_EVALUATED, Test.NONE)


MAX_FLAT_S = 14 * 24 * 3600
MAX_FLAT_POINTS = 2_000
"""As far as a flat line is looked back on, in time and in points."""

Optional = Literal["spike", "rise", "fall", "flat_line", "gap"]
"""A test that is on by default for what it suits, and may be switched off."""


class QualitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one datastream is tested, in its own unit; None: as is usual for what it observes, where anything is.

    `sensor_*`: what the instrument can show; outside is fail. `operator_*`: what is plausible here; outside is suspect.
    `spike_*`: how far a value may stand off the mean of its neighbours. `rise_per_h`, `fall_per_h`: the fastest
    plausible change, in units an hour, both positive; beyond is suspect. `flat_*_s`: how long the value may stay within
    `flat_tolerance`. `gap_s`: how far the value before may lie back for change to be judged by it. `off`: tests that
    are not made.
    """

    sensor_min: float | None = None
    sensor_max: float | None = None
    operator_min: float | None = None
    operator_max: float | None = None
    spike_suspect: float | None = None
    spike_fail: float | None = None
    rise_per_h: float | None = None
    fall_per_h: float | None = None
    flat_tolerance: float = 0.0
    flat_suspect_s: int | None = None
    flat_fail_s: int | None = None
    gap_s: int | None = None
    off: tuple[Optional, ...] = ()

    @property
    def has_span(self) -> bool:
        """Whether the range tests have anything to go by."""
        has_sensor = self.sensor_min is not None or self.sensor_max is not None
        return has_sensor or self.operator_min is not None or self.operator_max is not None


def checked_settings(settings: QualitySettings, interval_s: int) -> QualitySettings:
    """The settings themselves, if a datastream that reports every `interval_s` can be tested by them.

    Raises InvalidInput that says what to change.
    """
    for holds, words in _demands(settings, min(MAX_FLAT_S, MAX_FLAT_POINTS * interval_s)):
        if not holds:
            raise InvalidInput(words, "quality_settings")
    return settings


def _demands(given: QualitySettings, most_s: int) -> list[tuple[bool, str]]:
    sizes = (given.spike_suspect, given.spike_fail, given.rise_per_h, given.fall_per_h)
    spans_s = (given.flat_suspect_s, given.flat_fail_s, given.gap_s)
    ends = [end for end in (given.operator_min, given.operator_max) if end is not None]
    return [
        (_ascend(given.sensor_min, given.sensor_max), "sensor_min must be below sensor_max"),
        (_ascend(given.operator_min, given.operator_max), "operator_min must be below operator_max"),
        (
            all(_is_within(given.sensor_min, end, given.sensor_max) for end in ends),
            "operator_min and operator_max must lie within the sensor's span",
        ),
        (all(size is None or size > 0 for size in sizes), "spike_*, rise_per_h and fall_per_h must be above 0"),
        (_ascend(given.spike_suspect, given.spike_fail), "spike_suspect must be below spike_fail"),
        (given.flat_tolerance >= 0, "flat_tolerance cannot be negative"),
        (_ascend(given.flat_suspect_s, given.flat_fail_s), "flat_suspect_s must be below flat_fail_s"),
        (
            all(span_s is None or 0 < span_s <= most_s for span_s in spans_s),
            f"flat_suspect_s, flat_fail_s and gap_s must be from 1 to {most_s} seconds here",
        ),
    ]


def _ascend(lower: float | None, higher: float | None) -> bool:
    return lower is None or higher is None or lower < higher


_BEYOND_SENSOR: Verdict = (Flag.FAIL, Test.SENSOR_SPAN)
_BEYOND_OPERATOR: Verdict = (Flag.SUSPECT, Test.OPERATOR_SPAN)


def range_test(settings: QualitySettings, result: float) -> Verdict:
    """QARTOD test 4, gross range; its ends belong to a span. What passes is not good yet: other tests are to come."""
    if not _is_within(settings.sensor_min, result, settings.sensor_max):
        return _BEYOND_SENSOR
    if not _is_within(settings.operator_min, result, settings.operator_max):
        return _BEYOND_OPERATOR
    return UNTESTED


def _is_within(lowest: float | None, result: float, highest: float | None) -> bool:
    return (lowest is None or lowest <= result) and (highest is None or result <= highest)
