"""One line a station, from what the api said now and what it said before. Pure."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from hydroalert.console.answers import Answers, Datastream, Device, Latest, Station

LEVEL = "level"
TREND_WINDOW = timedelta(hours=1)
# Below this a level stands still: waves and instruments alone do as much.
STILL_M_PER_H = 0.02
STEEP_M_PER_H = 0.5


class Row(msgspec.Struct, frozen=True):
    """What is shown of one station; `rise_per_h` in the level's unit an hour, None while that is not known."""

    name: str
    level: float | None = None
    unit: str = ""
    rise_per_h: float | None = None
    age_s: float | None = None
    live: bool = False
    frames: int = 0
    refused: int = 0


class Trends:
    """Levels as they were seen, kept for one window a station."""

    def __init__(self) -> None:
        self._seen: dict[str, deque[Latest]] = {}

    def knows(self, station: str) -> bool:
        """Whether anything of this station was seen."""
        return station in self._seen

    def begin(self, station: str, past: Iterable[Latest]) -> None:
        """Take in what was observed before anybody looked, oldest first."""
        self._seen[station] = deque(past)

    def rise_per_h(self, station: str, latest: Latest) -> float | None:
        """Take a station's newest level in, and say how fast it changed over the window."""
        seen = self._seen.setdefault(station, deque())
        if not seen or latest.time > seen[-1].time:
            seen.append(latest)
        while seen[0].time < latest.time - TREND_WINDOW:
            seen.popleft()
        hours = (seen[-1].time - seen[0].time) / timedelta(hours=1)
        return (seen[-1].result - seen[0].result) / hours if hours > 0 else None


def rows_of(answers: Answers, trends: Trends, now: datetime) -> list[Row]:
    """One row a station, in the api's order."""
    by_station: dict[str, list[Device]] = {}
    for device in answers.devices.devices:
        by_station.setdefault(device.station, []).append(device)
    return [_row(station, by_station.get(station.code, []), trends, now) for station in answers.stations.stations]


def _row(station: Station, devices: Sequence[Device], trends: Trends, now: datetime) -> Row:
    frames = sum(device.frames for device in devices)
    refused = sum(one.frames + one.records for device in devices for one in device.refused.values())
    datastream = newest_level(station)
    if datastream is None or datastream.latest is None:
        return Row(station.name, frames=frames, refused=refused)
    latest = datastream.latest
    return Row(
        station.name,
        latest.result,
        datastream.unit,
        trends.rise_per_h(station.code, latest),
        (now - latest.time).total_seconds(),
        latest.live,
        frames,
        refused,
    )


def newest_level(station: Station) -> Datastream | None:
    """The level that was observed last: a station may have several instruments (`level`, `level_b`)."""
    levels = [(one.latest.time, one) for one in station.datastreams if one.code.startswith(LEVEL) and one.latest]
    return max(levels, key=lambda level: level[0])[1] if levels else None


def arrow(rise_per_h: float | None) -> str:
    """Which way the water goes."""
    if rise_per_h is None:
        return " "
    if abs(rise_per_h) < STILL_M_PER_H:
        return "→"
    if rise_per_h > 0:
        return "⬆" if rise_per_h >= STEEP_M_PER_H else "↗"
    return "⬇" if rise_per_h <= -STEEP_M_PER_H else "↘"


def age(seconds: float | None) -> str:
    """`12 s`, `3 min`, `5 h`, `2 d`; a time ahead of ours counts as now."""
    if seconds is None:
        return "never"
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def total(counts: Mapping[str, int], name: str) -> str:
    """A count with its thousands apart; `?` where it is not known."""
    return f"{counts[name]:,}" if name in counts else "?"
