"""A rain field: storms that follow each other for ever, each a moving cell. A pure function of seed, place and time."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, pi, sin
from random import Random

GAP_H = 20.0  # from one storm to the next, on average
FIRST_H = 1.0  # the first storm comes early, so that whoever watches sees something
_LONGEST_H = 14.0


@dataclass(frozen=True, slots=True)
class Storm:
    """One storm over the river, which runs along x from 0 km (source) to ``length_km`` (mouth)."""

    start_h: float
    duration_h: float
    peak_mm_h: float
    origin_km: float
    speed_km_h: float
    width_km: float

    def intensity_mm_h(self, at_km: float, time_h: float) -> float:
        """Rain at one place: the cell swells and fades in time and falls off like a bell in space."""
        age_h = time_h - self.start_h
        if not 0 < age_h < self.duration_h:
            return 0.0
        away_km = at_km - (self.origin_km + self.speed_km_h * age_h)
        return self.peak_mm_h * sin(pi * age_h / self.duration_h) * exp(-((away_km / self.width_km) ** 2))


def rain_mm_h(seed: int, length_km: float, at_km: float, time_h: float) -> float:
    """The intensity at a place (km below the source) and a time (hours since the model began), in mm/h."""
    newest = int((time_h - FIRST_H) // GAP_H)
    oldest = int((time_h - FIRST_H - _LONGEST_H - GAP_H / 2) // GAP_H)
    numbers = range(max(0, oldest), max(-1, newest) + 1)
    return sum(storm(seed, length_km, number).intensity_mm_h(at_km, time_h) for number in numbers)


@lru_cache(maxsize=64)
def storm(seed: int, length_km: float, number: int) -> Storm:
    """The storm of that number: the same for the same seed, whenever it is asked for."""
    rng = Random(f"{seed}:{number}")  # noqa: S311 - weather, not secrets
    delay_h = 0.0 if number == 0 else rng.uniform(0, GAP_H / 2)
    return Storm(
        start_h=FIRST_H + number * GAP_H + delay_h,
        duration_h=rng.uniform(5, _LONGEST_H),
        peak_mm_h=min(70.0, 18.0 * rng.lognormvariate(0, 0.5)),
        origin_km=rng.uniform(0, 0.5 * length_km),
        speed_km_h=rng.uniform(-2, 5),
        width_km=rng.uniform(15, 40),
    )
