"""One datastream as it becomes known in the course of a replay: what has arrived, and the window of it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from hydroalert.judging.context import Name, Point, Stream
from hydroalert.judging.history import History
from hydroalert.judging.lookback import window_of
from hydroalert.judging.quality import judge_quality
from hydroalert.judging.quality_defaults import effective
from hydroalert.store.judging import MOST_POINTS


class Track:
    """What has arrived of one history so far, in order of phenomenon time."""

    def __init__(self, history: History, lookback: timedelta) -> None:
        stream = history.stream
        self._points: list[Point] = []
        self._times: list[datetime] = []
        self._history = history
        self._settings = effective(history.settings, stream.datastream, stream.unit, stream.interval_s)
        self._window = window_of(lookback, stream.interval_s)
        self._first = 0
        self._seen: Stream | None = stream

    @property
    def name(self) -> Name:
        """(station, datastream)."""
        return self._history.stream.name

    def arrivals(self) -> Iterator[tuple[datetime, int]]:
        """When each point of the history arrives, and its place there."""
        return ((when, place) for place, when in enumerate(self._history.arrives_at))

    def take(self, places: Iterable[int]) -> None:
        """The points at these places of the history arrive together, and are tested with their neighbours."""
        news = [self._history.points[place] for place in places]
        for point in news:
            at = bisect_left(self._times, point.time)
            self._times.insert(at, point.time)
            self._points.insert(at, point)
        self._test(since=min(point.time for point in news))
        self._seen = None

    def _test(self, since: datetime) -> None:
        for time, flag, test in judge_quality(self._points, self._settings, since):
            at = bisect_left(self._times, time)
            point = self._points[at]
            if (point.quality, point.test) != (flag, test):
                self._points[at] = Point(time, point.result, flag, test)

    def seen(self, now: datetime) -> Stream:
        """The datastream as a judgement at `now` sees it: its window ends now, or where nothing is in it, at the newest
        point (`store.judging.windows_of`)."""
        first = self._window_begins(now)
        if self._seen is None or first != self._first:
            self._first = first
            self._seen = msgspec.structs.replace(self._history.stream, points=tuple(self._points[first:]))
        return self._seen

    def heard(self) -> Stream:
        """The datastream with everything that has arrived."""
        return msgspec.structs.replace(self._history.stream, points=tuple(self._points))

    def _window_begins(self, now: datetime) -> int:
        if not self._times:
            return 0
        since = now - self._window
        if self._times[-1] < since:
            since = self._times[-1] - self._window
        return max(bisect_left(self._times, since), len(self._times) - MOST_POINTS)
