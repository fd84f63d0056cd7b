"""The whole river: N gauges in a row, the first one upstream. Deterministic: same seed, same water."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from device_sim.catchment.rain import rain_mm_h
from device_sim.catchment.routing import Reach, route
from device_sim.catchment.runoff import Slope, step

STEP_S = 600
SPACING_KM = 8.0
SLOPE_KM2 = 90.0  # what drains to the river between two gauges
SPIN_UP_STEPS = 288  # two days, so that a run begins with a river and not with a dry bed
_WIDTH_EXPONENT, _RATING_M, _RATING_EXPONENT = 0.5, 0.55, 0.45


@dataclass(frozen=True, slots=True)
class Gauge:
    """What one gauge would read if it had no noise. ``rain_mm`` fell since the model began."""

    level_m: float
    discharge_m3_s: float
    rain_mm: float


@dataclass(frozen=True, slots=True)
class RiverState:
    """All that the model remembers, to be kept across restarts. ``steps`` of 600 s are done."""

    steps: int
    slopes: tuple[Slope, ...]
    reaches: tuple[Reach, ...]
    rain_mm: tuple[float, ...]


class River:
    """Rain, runoff and routing for a row of gauges. Advance it, then read it."""

    def __init__(self, gauges: int, seed: int, state: RiverState | None = None) -> None:
        self._seed = seed
        self._length_km = gauges * SPACING_KM
        self.state = state or _spun_up(gauges)

    @property
    def model_s(self) -> int:
        """The model's own clock, in seconds since it began."""
        return self.state.steps * STEP_S

    def advance_to(self, model_s: float) -> None:
        """Step until the model's clock has reached ``model_s``; never back."""
        while self.model_s + STEP_S <= model_s:
            self._step()

    def read(self) -> list[Gauge]:
        """What stands at each gauge now."""
        flows = [reach.outflow_m3_s for reach in self.state.reaches]
        return [
            Gauge(stage_m(flow, number), flow, rain)
            for number, (flow, rain) in enumerate(zip(flows, self.state.rain_mm, strict=True))
        ]

    def _step(self) -> None:
        time_h = (self.model_s + STEP_S / 2) / 3600
        rain = [
            rain_mm_h(self._seed, self._length_km, number * SPACING_KM, time_h) * STEP_S / 3600
            for number in range(len(self.state.slopes))
        ]
        self.state = _after(self.state, rain)


def stage_m(discharge_m3_s: float, number: int) -> float:
    """A rating curve; the bed widens downstream, so the same flow stands lower there."""
    width: float = (number + 1) ** _WIDTH_EXPONENT
    filled: float = (max(discharge_m3_s, 0.0) / width) ** _RATING_EXPONENT
    return _RATING_M * filled


def _after(state: RiverState, rain_mm: Sequence[float]) -> RiverState:
    dt_h = STEP_S / 3600
    slopes: list[Slope] = []
    reaches: list[Reach] = []
    above_m3_s = 0.0
    for slope, reach, rain in zip(state.slopes, state.reaches, rain_mm, strict=True):
        wet, runoff_mm_h = step(slope, rain, dt_h)
        routed = route(reach, above_m3_s + runoff_mm_h * SLOPE_KM2 / 3.6, dt_h)
        slopes.append(wet)
        reaches.append(routed)
        above_m3_s = routed.outflow_m3_s
    total = tuple(before + rain for before, rain in zip(state.rain_mm, rain_mm, strict=True))
    return RiverState(state.steps + 1, tuple(slopes), tuple(reaches), total)


def _spun_up(gauges: int) -> RiverState:
    dry = RiverState(0, (Slope(),) * gauges, (Reach(0.0, 0.0),) * gauges, (0.0,) * gauges)
    for _ in range(SPIN_UP_STEPS):
        dry = _after(dry, (0.0,) * gauges)
    return replace(dry, steps=0)
