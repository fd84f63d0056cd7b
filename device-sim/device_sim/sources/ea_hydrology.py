"""Environment Agency Hydrology Data Explorer: quoted CSV with ``measure,dateTime,…,value,…,quality``; times are UTC."""

import csv
import re
from datetime import UTC, datetime
from pathlib import Path

from device_sim.sources.model import Place, Sample, Series, SourceError, slug
from device_sim.sources.places import english_stations, gazetteer

FIRST_FIELD = "measure"
# …/measures/<station id>-level-i-900-m-qualified: parameter, statistic, period in seconds, unit.
_MEASURE = re.compile(r".*/measures/(?P<id>.+)-(?P<what>level|rainfall|flow)-\w+-(?P<period>\d+)-(?P<unit>\w+)-\w+$")
_FILE_NAME = re.compile(r"-(level|rainfall|flow)-.*$")
_CODES = {"level": "level", "rainfall": "rainfall", "flow": "discharge"}
_UNITS = {"m": "m", "mm": "mm", "m3s": "m3/s"}


def read(path: Path) -> list[Series]:
    """One series; its station is named by the file (``Hebden-Bridge-level-15min-…``), its id by the measure."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    match = _MEASURE.match(rows[0]["measure"]) if rows else None
    if match is None:
        raise SourceError(f"{path.name} names no measure of level, rainfall or flow in its first row")
    samples = tuple(_sample(row) for row in rows if _measured(row))
    unit = _UNITS.get(match["unit"], match["unit"])
    place = _place(path, match["id"])
    skipped = len(rows) - len(samples)
    return [Series(place, _CODES[match["what"]], unit, int(match["period"]), samples, skipped)]


def _measured(row: dict[str, str]) -> bool:
    return bool(row["value"].strip()) and row["quality"] != "Missing"


def _sample(row: dict[str, str]) -> Sample:
    at = datetime.fromisoformat(row["dateTime"]).replace(tzinfo=UTC)
    return Sample(int(at.timestamp()) * 1000, float(row["value"]))


def _place(path: Path, official_code: str) -> Place:
    name = _FILE_NAME.sub("", path.stem).replace("-", " ")
    river, position = english_stations(path.parent.resolve()).get(name.lower(), (None, gazetteer(slug(name))))
    lon, lat = position or (None, None)
    return Place(slug(name), name, official_code, river, lon, lat)
