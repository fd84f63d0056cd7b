"""The rules that each data set is put to. No rule was fitted to the events that it is judged by.

Ladders are the publishers' own thresholds where they give any. All else is the same everywhere: a level is left once
the water stood `hysteresis` (0.1 m, 0.3 ft) below it for three hours, so that a crest with several heads is one event;
and none is held up, because on a flash stream five minutes are a good part of the warning.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

import msgspec
from device_sim.catchment import River

from benchmarks.scenarios import files
from hydroalert.domain.quality import QualitySettings
from hydroalert.domain.rules import Level, Member, Rule, VersionedRule
from hydroalert.domain.severity import Severity
from hydroalert.judging.backtest import Case
from hydroalert.judging.context import Point, Stream
from hydroalert.judging.history import History

SEVERITIES = (Severity.MINOR, Severity.MODERATE, Severity.SEVERE)
_LIVE_AT_LEAST_S = 1800
_LIVE_INTERVALS = 3
_HOLD_DOWN_S = 3 * 3600
_HYSTERESIS = {"m": 0.1, "ft": 0.3}
_SYNTHETIC_START = datetime(2026, 3, 1, tzinfo=UTC)
_SYNTHETIC_SILENCE = range(160, 192)
_COLORADO_STEPS_FT = (1.0, 2.0, 4.0)
CALDER_LADDERS = {"hebden-bridge": (1.60,), "mytholmroyd": (2.65,)}
"""Typical high levels in m (Environment Agency)."""
AVON_LADDERS = {"warwick": (1.46, 2.0, 3.0), "stratford": (0.93, 1.2, 1.5)}
"""In m; the first of each is the typical high level (Environment Agency), the others are ours."""
PLUMTREE_LADDER = (3.0, 3.9, 5.0)


class Scenario(msgspec.Struct, frozen=True):
    """A case and the time that it is replayed for."""

    case: Case
    start: datetime
    end: datetime


def sri_lanka() -> list[Scenario]:
    """An area around each of 39 gauges that report about hourly; from each one's first value to the last of all."""
    series, ladders = files.read_sri_lanka(), files.read_sri_lanka_ladders()
    end = max(points[-1].time for points in series.values())
    return [
        Scenario(_alone(_history(station, points, "m", 3600), ladders[station]), points[0].time, end)
        for station, points in series.items()
    ]


def calder() -> list[Scenario]:
    """Two towns of one valley, each informed by its gauge and by all four rain gauges."""
    series = files.read_calder()
    rain = [
        _history(station, points, "mm", 900, datastream)
        for (station, datastream), points in series.items()
        if datastream == "rainfall"
    ]
    return [
        _scenario(_alone(_history(station, series[station, "level"], "m", 900), ladder, rain))
        for station, ladder in CALDER_LADDERS.items()
    ]


def plumtree() -> list[Scenario]:
    """Three years of a flash stream."""
    return [plumtree_with(files.read_plumtree())]


def plumtree_with(points: Sequence[Point]) -> Scenario:
    """As much of them as these points tell."""
    return _scenario(_alone(_history("plumtree-run", points, "ft", 300), PLUMTREE_LADDER))


def colorado() -> list[Scenario]:
    """An area around each of eight gauges, until the last of them all; two fall silent at their crests.

    No thresholds come with the files: levels lie 1, 2 and 4 ft above the median of the first day, which was dry.
    """
    series = files.read_colorado()
    end = max(points[-1].time for points in series.values())
    return [
        Scenario(_alone(_history(station, points, "ft", 900), _above_first_day(points)), points[0].time, end)
        for station, points in series.items()
    ]


def avon() -> list[Scenario]:
    """Warwick by itself; and Stratford, 8.5 hours downstream, which Warwick's gauge warns too."""
    return avon_between(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


def avon_between(start: datetime, end: datetime) -> list[Scenario]:
    """As much of them as lies between."""
    series = {name: [one for one in files.read_avon(name) if start <= one.time <= end] for name in AVON_LADDERS}
    histories = {name: _history(name, points, "m", 900) for name, points in series.items()}
    members = tuple(Member(name, "level", ladder) for name, ladder in AVON_LADDERS.items())
    rule = _rule(AVON_LADDERS["stratford"], members, "m")
    return [
        _scenario(_alone(histories["warwick"], AVON_LADDERS["warwick"])),
        _scenario(_case("stratford", rule, list(histories.values()))),
    ]


def synthetic() -> list[Scenario]:
    """The simulator's river for three days: an area at the eighth gauge, which the third one, upstream, warns too.

    Both fall silent for eight hours while the water is high.
    """
    river = River(gauges=8, seed=23)
    upper: list[Point] = []
    lower: list[Point] = []
    for step in range(3 * 96):
        river.advance_to(step * 900)
        levels, time = river.read(), _SYNTHETIC_START + timedelta(seconds=step * 900)
        if step not in _SYNTHETIC_SILENCE:
            upper.append(Point(time, round(levels[2].level_m, 3)))
            lower.append(Point(time, round(levels[7].level_m, 3)))
    ladders = {"upper": (4.5, 5.5, 6.5), "lower": (5.0, 6.5, 8.0)}
    members = tuple(Member(name, "level", ladder) for name, ladder in ladders.items())
    histories = [_history("upper", upper, "m", 900), _history("lower", lower, "m", 900)]
    return [_scenario(_case("lower-valley", _rule(ladders["lower"], members, "m"), histories))]


ALL = {scenarios.__name__: scenarios for scenarios in (sri_lanka, calder, plumtree, colorado, avon, synthetic)}


def _above_first_day(points: Sequence[Point]) -> tuple[float, ...]:
    day = [point.result for point in points if point.time < points[0].time + timedelta(days=1)]
    return tuple(round(median(day) + step, 2) for step in _COLORADO_STEPS_FT)


def _history(station: str, points: Sequence[Point], unit: str, interval_s: int, datastream: str = "level") -> History:
    live_for_s = max(_LIVE_AT_LEAST_S, _LIVE_INTERVALS * interval_s)
    stream = Stream(station, datastream, unit, interval_s, live_for_s)
    return History(stream, QualitySettings(), points)


def _alone(history: History, ladder: Sequence[float], others: Sequence[History] = ()) -> Case:
    stream = history.stream
    rule = _rule(ladder, (Member(stream.station, stream.datastream),), stream.unit)
    return _case(stream.station, rule, [history, *others])


def _rule(ladder: Sequence[float], members: tuple[Member, ...], unit: str) -> Rule:
    levels = tuple(
        Level(f"level-{number}", threshold, severity, hysteresis=_HYSTERESIS[unit], hold_down_s=_HOLD_DOWN_S)
        for number, (threshold, severity) in enumerate(zip(ladder, SEVERITIES, strict=False), start=1)
    )
    return Rule("ladder", levels, members)


def _case(area: str, rule: Rule, histories: Sequence[History]) -> Case:
    informing = frozenset(history.stream.station for history in histories)
    return Case(area, (VersionedRule(1, rule),), informing, tuple(histories))


def _scenario(case: Case) -> Scenario:
    """From its first value to its last."""
    times = [point.time for history in case.histories for point in (history.points[0], history.points[-1])]
    return Scenario(case, min(times), max(times))
