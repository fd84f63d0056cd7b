"""What an operator registers before a run: station and device files for ``hydroalert … import``.

The simulator cannot register anything itself: it knows the platform by its protocol only.
"""

import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot
from pathlib import Path

from device_sim.sources import Place, Series, SourceError

# The Kelani from the hills to the sea, (lon, lat) to about 1 km.
_KELANI = (
    (80.60, 6.83), (80.52, 6.91), (80.41, 6.99), (80.30, 7.03), (80.25, 7.05), (80.19, 6.98),
    (80.08, 6.91), (79.98, 6.93), (79.92, 6.95), (79.88, 6.96),
)  # fmt: skip
_REACHES = (
    "Tea Hills", "Upper Gorge", "Old Ferry", "Rubber Mill", "Twin Falls", "Rope Bridge", "Sand Bend", "Temple Steps",
    "Paddy Flats", "Brick Works", "Harbour Road", "River Mouth",
)  # fmt: skip
_STORM_STREAMS = "level:m:900 rainfall:mm:900 battery:V:3600"


@dataclass(frozen=True, slots=True)
class Plan:
    """Stations, and the one device at each with its datastreams as ``code:unit:interval_s``."""

    places: tuple[Place, ...]
    datastreams: dict[str, str]  # by station code

    def stations(self) -> list[dict[str, object]]:
        """What ``hydroalert station import`` reads."""
        return [
            {
                "code": place.code,
                "name": place.name,
                "lon": place.lon,
                "lat": place.lat,
                "river": place.river,
                "official_code": place.official_code,
            }
            for place in self.places
        ]

    def devices(self) -> list[dict[str, object]]:
        """What ``hydroalert device import`` reads."""
        return [
            {"device": device_code(place.code), "station": place.code, "datastreams": self.datastreams[place.code]}
            for place in self.places
        ]

    def write(self, stations: Path, devices: Path) -> None:
        """Write both files as JSON."""
        for path, rows in ((stations, self.stations()), (devices, self.devices())):
            path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def device_code(station: str) -> str:
    """The code of the one device at a station."""
    return f"{station[:56].rstrip('-')}-logger"


def plan_replay(series: Iterable[Series]) -> Plan:
    """One device a station, with every datastream that the files hold."""
    places: dict[str, Place] = {}
    streams: dict[str, list[str]] = {}
    for one in series:
        if one.place.lon is None or one.place.lat is None:
            raise SourceError(f"no file says where {one.place.code} is: give --positions FILE (columns code,lon,lat)")
        places[one.place.code] = one.place
        streams.setdefault(one.place.code, []).append(f"{one.datastream}:{one.unit}:{one.interval_s}")
    return Plan(tuple(places.values()), {code: " ".join(sorted(found)) for code, found in streams.items()})


def plan_storm(count: int) -> Plan:
    """``count`` fictional stations along the Kelani, the first one upstream."""
    places = [_demo_place(number, count) for number in range(count)]
    return Plan(tuple(places), {place.code: _STORM_STREAMS for place in places})


def plan_load(count: int, datastreams: int = 2) -> Plan:
    """``count`` stations in a grid at sea, each with that many datastreams: nothing but load."""
    width = max(1, int(count**0.5))
    places = [
        Place(f"load-{n:05d}", f"Load {n:05d}", f"load-{n:05d}", None, 72 + n % width * 0.01, -5 + n // width * 0.01)
        for n in range(count)
    ]
    streams = " ".join(["level:m:900", *(f"level_{n}:m:900" for n in range(2, datastreams + 1))])
    return Plan(tuple(places), {place.code: streams for place in places})


def _demo_place(number: int, count: int) -> Place:
    name = _REACHES[number % len(_REACHES)] + ("" if number < len(_REACHES) else f" {number // len(_REACHES) + 1}")
    code = f"demo-{number + 1:02d}-{name.lower().replace(' ', '-')}"
    lon, lat = _along(_KELANI, number / max(1, count - 1))
    return Place(code, f"{name} (demo)", f"DEMO-{number + 1:02d}", "Kelani Ganga", round(lon, 5), round(lat, 5))


def _along(line: Sequence[tuple[float, float]], share: float) -> tuple[float, float]:
    """The point at ``share`` of a line's length."""
    legs = list(itertools.pairwise(line))
    lengths = [hypot(end[0] - start[0], end[1] - start[1]) for start, end in legs]
    rest = share * sum(lengths)
    for (start, end), length in zip(legs, lengths, strict=True):
        if rest <= length:
            part = rest / length
            return start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1])
        rest -= length
    return line[-1]
