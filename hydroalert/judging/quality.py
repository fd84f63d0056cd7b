"""The quality tests that need more than the value itself: pure. QARTOD, Manual for Real-Time Quality Control of Water
Level Data, tests 1 (gap), 4 and 5 (spans), 6 (spike), 7 (rate of change) and 8 (flat line)."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter

import msgspec

from hydroalert.domain.quality import UNTESTED, Flag, QualitySettings, Test, Verdict, range_test
from hydroalert.judging.context import Point

Judged = tuple[datetime, Flag, Test]
"""(phenomenon time, flag, the test that set it)."""

LEAST_APART_S = 300
"""A change within less counts as one within this: of two readings seconds apart a centimetre is no torrent."""

_PASSED: Verdict = (Flag.GOOD, Test.ALL_PASSED)
_AFTER_GAP: Verdict = (Flag.NOT_EVALUATED, Test.GAP)
_SAID_ELSEWHERE = (Test.SOURCE, Test.PERSON)
_ORDER = {Flag.GOOD: 0, Flag.NOT_EVALUATED: 1, Flag.SUSPECT: 2, Flag.FAIL: 3}
_time_of = attrgetter("time")


class _View(msgspec.Struct, frozen=True, gc=False):
    """One point among the others: the nearest sound ones, and for how long the value has stayed as it is."""

    point: Point
    before: Point | None
    after: Point | None
    still_s: float


def judge_quality(points: Sequence[Point], settings: QualitySettings, since: datetime) -> list[Judged]:
    """The flag of every point at or after `since`, and of the sound one before, which has a new neighbour.

    `points` in order of time, from some before `since`: two sound ones, and for a flat line those of `flat_*_s`.
    `settings` as in effect. The worst flag counts, then the first in the order of the tests; good is what passed a test
    of its value and lacks none. What a person or the source said is left as it is. Values beyond the sensor's span,
    missing, or failed by a person are no neighbours. The newest point has no neighbour after it, so that it is not
    evaluated while the spike test is made. The first after a gap is not evaluated either: QARTOD's gap test is of the
    time, not of the value, and nothing near enough lies before it to judge its change by.
    """
    views, first = _views(points, settings), bisect_left(points, since, key=_time_of)
    new = views[first:]
    former = [one for one in views[:first] if new and one.point is new[0].before and one.before is not None]
    return [
        (view.point.time, *_verdict(view, settings))
        for view in (*former, *new)
        if view.point.test not in _SAID_ELSEWHERE
    ]


def may_be_flat(points: Sequence[Point], settings: QualitySettings, since: datetime) -> bool:
    """Whether a flat line that began before the first of these points may reach `since`."""
    if settings.flat_suspect_s is None and settings.flat_fail_s is None:
        return False
    earlier = points[: bisect_left(points, since, key=_time_of)]
    results = [point.result for point in earlier if is_sound(point, settings)]
    return bool(results) and max(results) - min(results) <= settings.flat_tolerance


def is_sound(point: Point, settings: QualitySettings) -> bool:
    """Whether others may be judged by it."""
    if point.quality == Flag.MISSING or (point.quality == Flag.FAIL and point.test in _SAID_ELSEWHERE):
        return False
    return not settings.has_span or range_test(settings, point.result)[0] is not Flag.FAIL


def _verdict(view: _View, settings: QualitySettings) -> Verdict:
    said = [verdict for test in _TESTS if (verdict := test(view, settings)) is not None]
    return max(said, key=lambda verdict: _ORDER[verdict[0]], default=UNTESTED)  # of equals the first


def _views(points: Sequence[Point], settings: QualitySettings) -> list[_View]:
    sound = [point if is_sound(point, settings) else None for point in points]
    after = _last_before(reversed(sound))
    after.reverse()
    return list(map(_View, points, _last_before(sound), after, _still_s(points, sound, settings)))


def _last_before(sound: Iterable[Point | None]) -> list[Point | None]:
    last: Point | None = None
    found: list[Point | None] = []
    for point in sound:
        found.append(last)
        last = point or last
    return found


def _still_s(points: Sequence[Point], sound: Sequence[Point | None], settings: QualitySettings) -> list[float]:
    """For how long, up to each point, the sound values have all lain within the tolerance of each other."""
    if settings.flat_suspect_s is None and settings.flat_fail_s is None:
        return [0.0] * len(points)
    stretch, still = _Stretch(settings.flat_tolerance), []
    for point, one in zip(points, sound, strict=True):
        if one is not None:
            stretch.add(one)
        still.append(0.0 if one is None else (point.time - stretch.began_at).total_seconds())
    return still


class _Stretch:
    """The longest stretch up to the newest point whose values lie within a tolerance of each other."""

    def __init__(self, tolerance: float) -> None:
        self._tolerance = tolerance
        self._points: deque[Point] = deque()
        self._falling: deque[float] = deque()
        self._rising: deque[float] = deque()

    @property
    def began_at(self) -> datetime:
        return self._points[0].time

    def add(self, point: Point) -> None:
        """Take the next point in and let go of those that it differs from."""
        self._points.append(point)
        while self._falling and self._falling[-1] < point.result:
            self._falling.pop()
        while self._rising and self._rising[-1] > point.result:
            self._rising.pop()
        self._falling.append(point.result)
        self._rising.append(point.result)
        while self._falling[0] - self._rising[0] > self._tolerance:
            self._drop(self._points.popleft().result)

    def _drop(self, result: float) -> None:
        if self._falling[0] == result:
            self._falling.popleft()
        if self._rising[0] == result:
            self._rising.popleft()


def _range(view: _View, settings: QualitySettings) -> Verdict | None:
    if not settings.has_span:
        return None
    said = range_test(settings, view.point.result)
    return _PASSED if said is UNTESTED else said


def _gap(view: _View, settings: QualitySettings) -> Verdict | None:
    return _AFTER_GAP if view.before is not None and _is_far(view.before, view.point, settings) else None


def _spike(view: _View, settings: QualitySettings) -> Verdict | None:
    if settings.spike_suspect is None and settings.spike_fail is None:
        return None
    before, after = view.before, view.after
    if before is None or after is None or _is_far(before, view.point, settings) or _is_far(view.point, after, settings):
        return UNTESTED
    off = abs(view.point.result - (before.result + after.result) / 2)
    return _worse(off, settings.spike_suspect, settings.spike_fail, Test.SPIKE)


def _rise(view: _View, settings: QualitySettings) -> Verdict | None:
    return _change(view, settings, settings.rise_per_h, 1, Test.RISE)


def _fall(view: _View, settings: QualitySettings) -> Verdict | None:
    return _change(view, settings, settings.fall_per_h, -1, Test.FALL)


def _change(view: _View, settings: QualitySettings, most_per_h: float | None, sign: int, test: Test) -> Verdict | None:
    if most_per_h is None:
        return None
    if view.before is None or _is_far(view.before, view.point, settings):
        return UNTESTED
    hours = max((view.point.time - view.before.time).total_seconds(), LEAST_APART_S) / 3600
    return _worse(sign * (view.point.result - view.before.result), most_per_h * hours, None, test)


def _flat_line(view: _View, settings: QualitySettings) -> Verdict | None:
    suspect_s, fail_s = settings.flat_suspect_s, settings.flat_fail_s
    if fail_s is not None and view.still_s >= fail_s:
        return Flag.FAIL, Test.FLAT_LINE
    if suspect_s is not None and view.still_s >= suspect_s:
        return Flag.SUSPECT, Test.FLAT_LINE
    return None if suspect_s is None and fail_s is None else _PASSED


def _is_far(earlier: Point, later: Point, settings: QualitySettings) -> bool:
    return settings.gap_s is not None and (later.time - earlier.time).total_seconds() > settings.gap_s


def _worse(size: float, suspect: float | None, fail: float | None, test: Test) -> Verdict:
    if fail is not None and size > fail:
        return Flag.FAIL, test
    return (Flag.SUSPECT, test) if suspect is not None and size > suspect else _PASSED


_TESTS = (_range, _gap, _spike, _rise, _fall, _flat_line)
