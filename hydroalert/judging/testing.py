"""The quality tests as alerting makes them: over the windows of what is new, a batch of datastreams at a time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from hydroalert.domain.clock import MAX_AHEAD
from hydroalert.domain.quality import QualitySettings
from hydroalert.judging.context import Point
from hydroalert.judging.quality import judge_quality, may_be_flat
from hydroalert.judging.quality_defaults import effective
from hydroalert.store import Connection
from hydroalert.store.quality import Change, PointRow, Still, apply_flags, hold_tested, points_since, still_before

REACH = timedelta(days=2)
"""What is older when it comes is history: it keeps the flag that admission gave it."""
_NEIGHBOURS_WITHIN = timedelta(days=7)
_AT_A_TIME = 200
BEFORE = 5
"""Points before the first new one: it and the one before it need a sound neighbour each."""

Windows = dict[int, list[Point]]
"""The points of each datastream, in order of time."""


async def test_due(connection: Connection, due: Sequence[tuple[int, datetime]], now: datetime) -> None:
    """Test each (datastream id, since): its points from then on, of the last two days, and write flags that changed.

    Within the caller's transaction, which holds these datastreams against another's tests until it ends.
    """
    earliest, ordered = now - REACH, sorted(due)
    for start in range(0, len(ordered), _AT_A_TIME):
        some = {id_: max(since, earliest) for id_, since in ordered[start : start + _AT_A_TIME]}
        await _test(connection, some, now)


async def _test(connection: Connection, since: dict[int, datetime], now: datetime) -> None:
    tested = await hold_tested(connection, list(since))
    settings = {one.id: effective(one.settings, one.code, one.unit, one.interval_s) for one in tested}
    rows = await points_since(connection, list(since.items()), now + MAX_AHEAD, _NEIGHBOURS_WITHIN, BEFORE)
    windows = _windows(rows)
    still = [
        still_of(id_, points, settings[id_])
        for id_, points in windows.items()
        if may_be_flat(points, settings[id_], since[id_])
    ]
    if still:
        for id_, points in _windows(await still_before(connection, still)).items():
            windows[id_] = points + windows[id_]
    await apply_flags(connection, _changes(windows, settings, since))


def _windows(rows: Iterable[PointRow]) -> Windows:
    windows: Windows = defaultdict(list)
    for id_, time, result, quality, test in rows:
        windows[id_].append(Point(time, result, quality, test))
    return windows


def _changes(windows: Windows, settings: dict[int, QualitySettings], since: dict[int, datetime]) -> list[Change]:
    changes: list[Change] = []
    for id_, points in windows.items():
        known = {point.time: (point.quality, point.test) for point in points}
        for time, flag, test in judge_quality(points, settings[id_], since[id_]):
            if known[time] != (flag, test):
                changes.append((id_, time, flag, test))
    return changes


def still_of(datastream_id: int, points: Sequence[Point], settings: QualitySettings) -> Still:
    """As far back as a flat line may have begun, with an hour for the reading before."""
    reach_s = max(settings.flat_suspect_s or 0, settings.flat_fail_s or 0) + 3600
    value, tolerance = points[0].result, settings.flat_tolerance
    reach = timedelta(seconds=reach_s)
    return Still(datastream_id, points[0].time, reach, value - tolerance, value + tolerance, tolerance > 0)
