"""Rain to runoff of one slope: a soil that fills, a quick and a slow linear reservoir behind it."""

from dataclasses import dataclass
from math import exp

CAPACITY_MM = 140.0
QUICK_H, SLOW_H = 5.0, 90.0
_DRYING_MM_H = 0.12
_PERCOLATION = 0.25  # of what does not run off at once


@dataclass(frozen=True, slots=True)
class Slope:
    """Water held by one slope, in mm over its area."""

    soil_mm: float = 70.0
    quick_mm: float = 0.0
    slow_mm: float = 25.0


def step(slope: Slope, rain_mm: float, dt_h: float) -> tuple[Slope, float]:
    """Advance by ``dt_h`` hours under ``rain_mm`` of rain; gives the slope after it and its runoff in mm/h.

    Of rain on a soil filled to the share s, s² runs off at once (the wetter, the more), the rest soaks in.
    """
    share = (slope.soil_mm / CAPACITY_MM) ** 2
    direct, soaking = rain_mm * share, rain_mm * (1 - share)
    soil = slope.soil_mm + soaking * (1 - _PERCOLATION) - _DRYING_MM_H * dt_h * slope.soil_mm / CAPACITY_MM
    overflow = max(0.0, soil - CAPACITY_MM)
    quick, quick_out = _drain(slope.quick_mm + direct + overflow, QUICK_H, dt_h)
    slow, slow_out = _drain(slope.slow_mm + soaking * _PERCOLATION, SLOW_H, dt_h)
    after = Slope(min(max(soil, 0.0), CAPACITY_MM), quick, slow)
    return after, (quick_out + slow_out) / dt_h


def _drain(held_mm: float, constant_h: float, dt_h: float) -> tuple[float, float]:
    """A linear reservoir, solved exactly: what is left, and what ran out, in mm."""
    left = held_mm * exp(-dt_h / constant_h)
    return left, held_mm - left
