"""Readings of a file: as a backfill at their original times, or mapped into live time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import attrgetter

from firmware_protocol.senml import Reading

from device_sim.feeds import Pack
from device_sim.sources import Sample


@dataclass(frozen=True, slots=True)
class LiveTime:
    """The file begins at ``start_ms`` and runs ``speed`` times as fast: t becomes start + (t - origin) / speed."""

    start_ms: int
    origin_ms: int
    speed: float

    def map(self, time_ms: int) -> int:
        """The live time of a time of the file, in Unix milliseconds."""
        return self.start_ms + round((time_ms - self.origin_ms) / self.speed)


def readings_of(datastream: str, unit: str, samples: Sequence[Sample], live: LiveTime | None) -> list[Reading]:
    """The readings of one series in time order; in live time no two of them share a millisecond."""
    times = [sample.time_ms for sample in samples]
    if live is not None:
        times = list(accumulate((live.map(time) for time in times), lambda before, now: max(before + 1, now)))
    return [Reading(datastream, time_ms, sample.value, unit) for time_ms, sample in zip(times, samples, strict=True)]


class BackfillFeed:
    """Everything at once, oldest first, ``records`` to a frame."""

    def __init__(self, readings: Iterable[Reading], records: int) -> None:
        self._readings = sorted(readings, key=attrgetter("time_ms", "code"))
        self._records = records
        self._at = 0

    def next_ms(self) -> int | None:
        """At once, until all is taken."""
        return 0 if self._at < len(self._readings) else None

    def take(self, now_ms: int, most: int) -> list[Pack]:
        """The next packs; ``now_ms`` does not matter."""
        ends = range(self._at, min(len(self._readings), self._at + most * self._records), self._records)
        packs = [Pack(self._readings[start : start + self._records]) for start in ends]
        self._at += sum(len(pack.readings) for pack in packs)
        return packs


class LiveFeed:
    """Each reading when its live time has come; what was due while nobody asked goes out together."""

    def __init__(self, readings: Iterable[Reading], records: int) -> None:
        self._readings = sorted(readings, key=attrgetter("time_ms", "code"))
        self._records = records
        self._at = 0

    def next_ms(self) -> int | None:
        """The time of the next reading."""
        return self._readings[self._at].time_ms if self._at < len(self._readings) else None

    def take(self, now_ms: int, most: int) -> list[Pack]:
        """Packs of readings whose time has come."""
        packs: list[Pack] = []
        while len(packs) < most and (readings := self._due(now_ms)):
            packs.append(Pack(readings))
            self._at += len(readings)
        return packs

    def _due(self, now_ms: int) -> list[Reading]:
        ahead = self._readings[self._at : self._at + self._records]
        return [reading for reading in ahead if reading.time_ms <= now_ms]
