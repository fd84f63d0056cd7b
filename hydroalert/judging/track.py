"""One datastream as it becomes known in the course of a replay: what has arrived, and the window of it."""

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from hydroalert.judging.context import Name, Point, Stream
from hydroalert.judging.history import History
from hydroalert.judging.lookback import window_of


class Track:
    """What has arrived of one history so far, in order of phenomenon time.

    `stream`: the datastream as a judgement sees it now.
    """

    def __init__(self, history: History, lookback: timedelta) -> None:
        self.points: list[Point] = []
        self.stream: Stream = history.stream
        self._times: list[datetime] = []
        self._history = history
        self._window = window_of(lookback, history.stream.interval_s)

    @property
    def name(self) -> Name:
        """(station, datastream)."""
        return self.stream.name

    def arrivals(self) -> Iterator[tuple[datetime, int]]:
        """When each point of the history arrives, and its place there."""
        points, received_at = self._history.points, self._history.received_at
        times = (point.time for point in points) if received_at is None else received_at
        return ((when, place) for place, when in enumerate(times))

    def take(self, place: int) -> None:
        """The point at this place of the history arrives."""
        point = self._history.points[place]
        at = bisect_left(self._times, point.time)
        self._times.insert(at, point.time)
        self.points.insert(at, point)
        first = bisect_left(self._times, self._times[-1] - self._window)
        self.stream = msgspec.structs.replace(self.stream, points=tuple(self.points[first:]))
