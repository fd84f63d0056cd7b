"""Sri Lanka Irrigation Department, as kept by nuuuwan/lk_irrigation: ``all.tsv`` with ``stations.json`` beside it.

Levels in metres, often negative; times are Unix seconds; a station is known by its name alone.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from device_sim.sources.model import Place, Sample, Series, slug

HEADER = ["station_name", "time_ut", "water_level_m"]
INTERVAL_S = 3600


def read(path: Path) -> list[Series]:
    """One series of levels for each station of the file."""
    places = _places(path.parent)
    by_name: dict[str, list[Sample]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for name, sample in _rows(csv.reader(file, delimiter="\t")):
            by_name.setdefault(name, []).append(sample)
    return [
        Series(places.get(name) or Place(slug(name), name, name), "level", "m", INTERVAL_S, tuple(samples))
        for name, samples in sorted(by_name.items())
    ]


def _rows(rows: Iterable[list[str]]) -> Iterator[tuple[str, Sample]]:
    for row in rows:
        if row and row != HEADER:
            yield row[0], Sample(int(row[1]) * 1000, float(row[2]))


def _places(folder: Path) -> dict[str, Place]:
    """Position and river by station name; ``locations.json`` knows some that ``stations.json`` does not."""
    found: dict[str, Place] = {}
    for file in ("locations.json", "stations.json"):
        path = folder / file
        entries = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
        for entry in entries:
            name, (lat, lon) = entry["name"], entry["lat_lng"]
            found[name] = Place(slug(name), name, name, entry.get("river_name"), lon, lat)
    return found
