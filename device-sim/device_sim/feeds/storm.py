"""The gauges of a synthetic river, read at their intervals, the river running ``speed`` times as fast as the clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from firmware_protocol.senml import Reading

from device_sim import sensors
from device_sim.catchment import Gauge, River
from device_sim.feeds import Pack
from device_sim.fleet import Member, Stream

HISTORY_S = 6 * 3600
HISTORY_STEP_S = 900
_LEAST_WAIT_MS = 250


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the river's clock stands against the wall's: ``model_s`` at ``wall_ms``, then ``speed`` times as fast."""

    wall_ms: int
    model_s: float
    speed: float

    def model_at(self, now_ms: int) -> float:
        """The model's time in seconds at a wall time."""
        return self.model_s + (now_ms - self.wall_ms) / 1000 * self.speed

    def wait_ms(self, interval_s: float) -> int:
        """How long an interval of the river lasts on the wall."""
        return max(_LEAST_WAIT_MS, round(interval_s * 1000 / self.speed))


class StormFeed:
    """One gauge of the river. All its datastreams of one moment make one pack."""

    def __init__(self, member: Member, position: int, river: River, clock: Clock, rng: Random) -> None:
        self._member = member
        self._position = position
        self._river = river
        self._clock = clock
        self._rng = rng
        self._rain_mm = river.read()[position].rain_mm
        self._due_ms = {stream.code: clock.wall_ms for stream in member.datastreams}
        self._past: list[Pack] = []

    def remember_past(self, gauges: Sequence[tuple[int, Gauge]]) -> None:
        """Queue what the gauge saw before it was switched on, as (Unix ms, gauge): one pack, sent first.

        One frame for each moment would cost a sync to disk for each, and keep the present waiting.
        """
        moments = [self._read(self._member.datastreams, gauge, time_ms) for time_ms, gauge in gauges]
        readings = [reading for moment in moments for reading in moment.readings]
        self._past = [Pack(readings)] if readings else []

    def next_ms(self) -> int | None:
        """A storm never ends."""
        return 0 if self._past else min(self._due_ms.values())

    def take(self, now_ms: int, most: int) -> list[Pack]:
        """The past first, then one pack of what is due now."""
        if self._past:
            past, self._past = self._past[:most], self._past[most:]
            return past
        due = [stream for stream in self._member.datastreams if self._due_ms[stream.code] <= now_ms]
        if not due:
            return []
        self._river.advance_to(self._clock.model_at(now_ms))
        for stream in due:
            self._due_ms[stream.code] = self._next_due(stream, now_ms)
        pack = self._read(due, self._river.read()[self._position], now_ms)
        return [pack] if pack.readings else []

    def _next_due(self, stream: Stream, now_ms: int) -> int:
        """The next beat of this gauge's own rhythm: gauges of one river do not all speak in the same second."""
        wait_ms = self._clock.wait_ms(stream.interval_s)
        phase_ms = self._position * 7919 % wait_ms
        return now_ms - (now_ms - phase_ms) % wait_ms + wait_ms

    def _read(self, streams: Sequence[Stream], gauge: Gauge, time_ms: int) -> Pack:
        read = [(stream, self._value(stream.code, gauge, time_ms)) for stream in streams]
        return Pack([Reading(stream.code, time_ms, value, stream.unit) for stream, value in read if value is not None])

    def _value(self, code: str, gauge: Gauge, time_ms: int) -> float | None:
        if code.startswith("level"):
            return sensors.level_m(gauge.level_m, self._rng)
        if code.startswith("rainfall"):
            before, self._rain_mm = self._rain_mm, gauge.rain_mm
            return sensors.rainfall_mm(before, gauge.rain_mm)
        if code.startswith("discharge"):
            return round(gauge.discharge_m3_s, 2)
        if code.startswith("battery"):
            return sensors.battery_v(time_ms, 80.0, self._position * 0.03 % 0.4, self._rng)
        return None
