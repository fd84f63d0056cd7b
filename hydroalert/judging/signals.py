"""What a rule looks at: the samples of a signal, made of the usable points of a datastream. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.quality import Flag, Test
from hydroalert.domain.rules import Signal
from hydroalert.judging.context import Point, Stream


class Sample(msgspec.Struct, frozen=True, gc=False):
    """The signal at one time. `suspect`: it rests on a value that must be corroborated."""

    time: datetime
    value: float
    suspect: bool
    quality: int
    test: int


def is_crest(point: Point, sensor_max: float | None) -> bool:
    """Whether it lies above what its sensor can show: it counts as at least that, and must be corroborated."""
    return point.test == Test.SENSOR_SPAN and sensor_max is not None and point.result > sensor_max


def is_usable(point: Point, sensor_max: float | None) -> bool:
    """Whether it says anything of the river: not failed, not missing."""
    return point.quality not in (Flag.FAIL, Flag.MISSING) or (
        point.quality == Flag.FAIL and is_crest(point, sensor_max)
    )


def newest_usable(stream: Stream) -> Point | None:
    """The newest point that says anything."""
    return next((point for point in reversed(stream.points) if is_usable(point, stream.sensor_max)), None)


def samples_of(stream: Stream, signal: Signal, window_s: int) -> list[Sample]:
    """The signal at each usable point, in order of time."""
    levels = [_sample(point, stream.sensor_max) for point in stream.points if is_usable(point, stream.sensor_max)]
    if signal == "level":
        return levels
    window = timedelta(seconds=window_s)
    return _rises(levels, window) if signal == "rise" else _sums(levels, window)


def _sample(point: Point, sensor_max: float | None) -> Sample:
    if sensor_max is not None and is_crest(point, sensor_max):
        return Sample(point.time, sensor_max, True, point.quality, point.test)
    return Sample(point.time, point.result, point.quality == Flag.SUSPECT, point.quality, point.test)


def _rises(levels: Sequence[Sample], window: timedelta) -> list[Sample]:
    """The change from the first point of the window to its last, in units an hour."""
    rises, first = [], 0
    for place, last in enumerate(levels):
        while levels[first].time < last.time - window:
            first += 1
        if first < place:
            base = levels[first]
            per_h = (last.value - base.value) * 3600 / (last.time - base.time).total_seconds()
            rises.append(Sample(last.time, per_h, last.suspect or base.suspect, last.quality, last.test))
    return rises


def _sums(levels: Sequence[Sample], window: timedelta) -> list[Sample]:
    """The sum over the window that ends at each point; suspect where more than half of it is."""
    sums, first, total, doubtful = [], 0, 0.0, 0.0
    for last in levels:
        total += last.value
        doubtful += last.value if last.suspect else 0.0
        while levels[first].time <= last.time - window:
            total -= levels[first].value
            doubtful -= levels[first].value if levels[first].suspect else 0.0
            first += 1
        sums.append(Sample(last.time, total, doubtful * 2 > total, last.quality, last.test))
    return sums
