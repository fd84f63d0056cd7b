"""One datastream as it becomes known in the course of a replay: what has arrived, and the window of it."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from hydroalert.judging.context import Name, Point, Stream
from hydroalert.judging.history import History
from hydroalert.judging.lookback import Lookback, window_of
from hydroalert.judging.quality import is_sound, judge_quality, may_be_flat
from hydroalert.judging.quality_defaults import effective
from hydroalert.judging.testing import BEFORE, REACH, still_of
from hydroalert.store.quality import Still


class Track:
    """What has arrived of one history so far, in order of phenomenon time."""

    def __init__(self, history: History, lookback: Lookback) -> None:
        stream = history.stream
        self._points: list[Point] = []
        self._times: list[datetime] = []
        self._history = history
        self._settings = effective(history.settings, stream.datastream, stream.unit, stream.interval_s)
        self._window = window_of(lookback, stream.datastream, stream.unit, stream.interval_s, stream.live_for_s)
        self._seen: Stream | None = stream

    @property
    def name(self) -> Name:
        """(station, datastream)."""
        return self._history.stream.name

    def arrivals(self) -> Iterator[tuple[datetime, int]]:
        """When each point of the history arrives, and its place there."""
        return ((when, place) for place, when in enumerate(self._history.arrives_at))

    def take(self, places: Iterable[int], now: datetime) -> None:
        """The points at these places of the history arrive together, and are tested with their neighbours."""
        news = [self._history.points[place] for place in places]
        for point in news:
            at = bisect_left(self._times, point.time)
            self._times.insert(at, point.time)
            self._points.insert(at, point)
        self._test(max(min(point.time for point in news), now - REACH))
        self._seen = None

    def _test(self, since: datetime) -> None:
        """As `judging.testing` does, which looks for the same points in the store."""
        first = bisect_left(self._times, since)
        window = self._points[max(first - BEFORE, 0) :]
        if may_be_flat(window, self._settings, since):
            window = self._still_before(still_of(0, window, self._settings)) + window
        for time, flag, test in judge_quality(window, self._settings, since):
            at = bisect_left(self._times, time)
            point = self._points[at]
            if (point.quality, point.test) != (flag, test):
                self._points[at] = Point(time, point.result, flag, test)

    def _still_before(self, still: Still) -> list[Point]:
        """What `store.quality.still_before` finds: from the newest value that differs, or as far back as it may have
        stood still."""
        end, earliest = bisect_left(self._times, still.before), still.before - still.reach
        place = end
        while place > 0 and self._times[place - 1] >= earliest:
            place -= 1
            point = self._points[place]
            if not still.lowest <= point.result <= still.highest and is_sound(point, self._settings):
                break
        return self._points[place : end if still.tolerant else min(place + 2, end)]

    def seen(self) -> Stream:
        """The datastream as it is judged: its window ends at the newest point (`store.judging.windows_of`)."""
        if self._seen is None:
            points = tuple(self._points[self._window_begins() :])
            self._seen = msgspec.structs.replace(self._history.stream, points=points)
        return self._seen

    def heard(self) -> Stream:
        """The datastream with everything that has arrived."""
        return msgspec.structs.replace(self._history.stream, points=tuple(self._points))

    def _window_begins(self) -> int:
        since = self._times[-1] - self._window.span
        return max(bisect_left(self._times, since), len(self._times) - self._window.most)
