"""Quality of an observation: the flag, the test that set it, and how a datastream is tested (QARTOD, water levels)."""

from enum import IntEnum

import msgspec


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


Verdict = tuple[Flag, Test]
"""A flag, and the test that set it."""

UNTESTED: Verdict = (Flag.NOT_EVALUATED, Test.NONE)


class QualitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How one datastream is tested, in its own unit; None: not tested so.

    `sensor_*`: what the instrument can show; outside is fail. `operator_*`: what is plausible here; outside is suspect.
    `spike_*`: how far a value may stand off the mean of its neighbours. `rise_per_h`, `fall_per_h`: the fastest
    plausible change, in units an hour, both positive; beyond is suspect. `flat_*_s`: how long the value may stay within
    `flat_tolerance`.
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

    @property
    def has_span(self) -> bool:
        """Whether the range tests have anything to go by."""
        ends = (self.sensor_min, self.sensor_max, self.operator_min, self.operator_max)
        return any(end is not None for end in ends)


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
