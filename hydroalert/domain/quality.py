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
