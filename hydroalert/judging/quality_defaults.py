"""How a datastream is tested where nobody set it otherwise: generous, for a true flash flood is no fault. Pure."""

import msgspec

from hydroalert.domain.quality import MAX_FLAT_POINTS, Optional, QualitySettings
from hydroalert.domain.units import level_in_m

_RISE_M_PER_H = 4.0
_LEAST_SPIKE_M = 0.3
"""Waves, a boat, a reading in whole centimetres: what a reading may always stand off its neighbours."""
_FLAT_S = 5 * 24 * 3600
_GAP_INTERVALS = 3
_LEAST_GAP_S = 30 * 60

_FIELDS: dict[Optional, tuple[str, ...]] = {
    "spike": ("spike_suspect", "spike_fail"),
    "rise": ("rise_per_h",),
    "fall": ("fall_per_h",),
    "flat_line": ("flat_suspect_s", "flat_fail_s"),
    "gap": ("gap_s",),
}


def default_settings(code: str, unit: str, interval_s: int) -> QualitySettings:
    """By what the datastream observes, as its code and unit tell: water levels are tested, in any unit of length.

    No default knows an instrument or a river, so there is no span; and none fails a value. Of rain, flow and all else
    only an operator knows what is plausible: nothing is tested.
    """
    metres = level_in_m(code, unit)
    if metres is None:
        return QualitySettings()
    spike_m = max(_LEAST_SPIKE_M, _RISE_M_PER_H * interval_s / 3600 / 2)
    return QualitySettings(
        spike_suspect=spike_m / metres,
        rise_per_h=_RISE_M_PER_H / metres,
        fall_per_h=_RISE_M_PER_H / metres,
        flat_suspect_s=_FLAT_S if MAX_FLAT_POINTS * interval_s >= _FLAT_S else None,
        gap_s=max(_LEAST_GAP_S, _GAP_INTERVALS * interval_s),
    )


def effective(settings: QualitySettings, code: str, unit: str, interval_s: int) -> QualitySettings:
    """What was set, and the defaults where nothing was; without what is switched off."""
    usual = default_settings(code, unit, interval_s)
    off = {field for test in settings.off for field in _FIELDS[test]}
    fields = {
        field: None if field in off else getattr(usual, field)
        for test in _FIELDS.values()
        for field in test
        if field in off or getattr(settings, field) is None
    }
    return msgspec.structs.replace(settings, **fields)
