"""What is given and shown of a datastream beside its values."""

from typing import Literal

import msgspec

from hydroalert.domain.quality import QualitySettings
from hydroalert.judging.quality_defaults import effective
from hydroalert.store.devices import DEFAULT_INTERVAL_S
from hydroalert.store.quality import Tested


class GivenUnit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A datastream to be saved: in which unit, and how often it reports."""

    unit: str
    interval_s: int = DEFAULT_INTERVAL_S


class GivenFlag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says of the value of exactly that time, and why; `tests` leaves it to the tests again."""

    time: str
    quality: Literal["good", "suspect", "fail", "missing", "tests"]
    reason: str


class Testing(msgspec.Struct, frozen=True):
    """How a datastream is tested: what was set, and what is in effect with the defaults; in its own unit."""

    unit: str
    interval_s: int
    settings: QualitySettings
    in_effect: QualitySettings


def show_testing(tested: Tested) -> Testing:
    """As JSON has it."""
    in_effect = effective(tested.settings, tested.code, tested.unit, tested.interval_s)
    return Testing(tested.unit, tested.interval_s, tested.settings, in_effect)
