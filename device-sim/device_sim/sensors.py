"""How real instruments blur the truth: noise, resolution, a battery that lives from the sun."""

from math import cos, pi
from random import Random

LEVEL_NOISE_M = 0.004  # waves under a radar gauge
LEVEL_STEP_M = 0.001
BUCKET_MM = 0.2  # one tip of a tipping bucket
_FULL_V, _EMPTY_V = 4.15, 3.45


def level_m(true_m: float, rng: Random) -> float:
    """What a level sensor reports: the truth with noise, in whole millimetres."""
    return round(round((true_m + rng.gauss(0, LEVEL_NOISE_M)) / LEVEL_STEP_M) * LEVEL_STEP_M, 3)


def rainfall_mm(total_before_mm: float, total_now_mm: float) -> float:
    """What a tipping bucket counted between two totals: whole tips only, none is counted twice."""
    tips = int(total_now_mm / BUCKET_MM + 1e-9) - int(total_before_mm / BUCKET_MM + 1e-9)
    return round(tips * BUCKET_MM, 1)


def battery_v(unix_ms: int, lon: float, share_lost: float, rng: Random) -> float:
    """A lithium cell behind a small panel: highest in the afternoon of its longitude, ``share_lost`` of it gone."""
    solar_h = (unix_ms / 3_600_000 + lon / 15) % 24
    sun = 0.5 - 0.5 * cos(2 * pi * (solar_h - 3) / 24)  # lowest at 3, fullest at 15
    full = _EMPTY_V + (_FULL_V - _EMPTY_V) * (0.55 + 0.45 * sun) * (1 - share_lost)
    return round(full + rng.gauss(0, 0.008), 2)
