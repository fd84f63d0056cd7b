"""What a rule looks at: the samples of a signal, made of the usable points of a datastream. Pure."""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain

import msgspec

from hydroalert.domain.quality import Flag, Test
from hydroalert.domain.rules import Signal
from hydroalert.judging.context import Point, Stream

_END = (None,)


class Sample(msgspec.Struct, frozen=True, gc=False):
    """The signal at one time. `doubts`: when the values were measured that it rests on and that must be corroborated;
    two tell all."""

    time: datetime
    value: float
    doubts: tuple[datetime, ...]
    quality: int
    test: int


class Samples:
    """Samples from the newest back, each made when it is first looked at: most judgements look at two or three."""

    def __init__(self, newest_first: Iterable[Sample]) -> None:
        self._ahead = iter(newest_first)
        self._made: list[Sample] = []

    def __iter__(self) -> Iterator[Sample]:
        place = 0
        while True:
            if place == len(self._made):
                sample = next(self._ahead, None)
                if sample is None:
                    return
                self._made.append(sample)
            yield self._made[place]
            place += 1

    @property
    def newest(self) -> Sample | None:
        """None where there is none."""
        return next(iter(self), None)


def is_crest(point: Point, sensor_max: float | None) -> bool:
    """Whether it lies above what its sensor can show: it counts as at least that, and must be corroborated."""
    return point.test == Test.SENSOR_SPAN and sensor_max is not None and point.result > sensor_max


def is_usable(point: Point, sensor_max: float | None) -> bool:
    """Whether it says anything of the river: not failed, not missing."""
    return point.quality not in (Flag.FAIL, Flag.MISSING) or (
        point.quality == Flag.FAIL and is_crest(point, sensor_max)
    )


def newest_usable(stream: Stream) -> Point | None:
    """The newest point that says anything, in maintenance or not."""
    return next((point for point in reversed(stream.points) if is_usable(point, stream.sensor_max)), None)


def samples_of(stream: Stream, signal: Signal, window_s: int) -> list[Sample]:
    """The signal at each usable point, in order of time."""
    return list(newest_first(stream, signal, window_s))[::-1]


def newest_first(stream: Stream, signal: Signal, window_s: int) -> Iterator[Sample]:
    """The signal at each usable point, from the newest back, looking no further than is asked for."""
    levels = (_sample(point, stream.sensor_max) for point in _usable(stream))
    if signal == "level":
        return levels
    window = timedelta(seconds=window_s)
    return _rises(levels, window, stream.interval_s) if signal == "rise" else _sums(levels, window)


def _usable(stream: Stream) -> Iterator[Point]:
    """From the newest back. What was measured before the end of maintenance raises nothing, then or later."""
    since = stream.maintenance_until
    for point in reversed(stream.points):
        if since is not None and point.time < since:
            return
        if is_usable(point, stream.sensor_max):
            yield point


def _sample(point: Point, sensor_max: float | None) -> Sample:
    if sensor_max is not None and is_crest(point, sensor_max):
        return Sample(point.time, sensor_max, (point.time,), point.quality, point.test)
    doubts = (point.time,) if point.quality == Flag.SUSPECT else ()
    return Sample(point.time, point.result, doubts, point.quality, point.test)


def _rises(levels: Iterator[Sample], window: timedelta, least_s: int) -> Iterator[Sample]:
    """The change from the first point of the window to its last, in units an hour; over less than the reporting
    interval it counts as over the interval, or two readings of one moment would be a flood."""
    held: deque[Sample] = deque()
    for level in chain(levels, _END):
        while held and (level is None or level.time < held[0].time - window):
            last = held.popleft()
            if held:
                yield _rise(held[-1], last, least_s)
        if level is not None:
            held.append(level)


def _rise(base: Sample, last: Sample, least_s: int) -> Sample:
    seconds = max((last.time - base.time).total_seconds(), least_s)
    per_h = (last.value - base.value) * 3600 / seconds
    return Sample(last.time, per_h, base.doubts + last.doubts, last.quality, last.test)


def _sums(levels: Iterator[Sample], window: timedelta) -> Iterator[Sample]:
    """The sum over the window that ends at each point."""
    held: deque[Sample] = deque()
    total = 0.0
    for level in chain(levels, _END):
        while held and (level is None or level.time <= held[0].time - window):
            yield _sum(held, total)
            total -= held.popleft().value
        if level is not None:
            held.append(level)
            total += level.value


def _sum(held: deque[Sample], total: float) -> Sample:
    """In doubt where more than half of it is. Rounded, so that the same rain is the same sum whatever came before."""
    last = held[0]
    doubtful = [one for one in held if one.doubts and one.value > 0]
    in_doubt = sum(one.value for one in doubtful) * 2 > total
    doubts = tuple(one.time for one in doubtful[:2]) if in_doubt else ()
    return Sample(last.time, round(total, 9), doubts, last.quality, last.test)
