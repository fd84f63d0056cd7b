"""Environment Agency stage files of 2012: Latin-1, a header of ``key,value`` lines, then dd/mm/yyyy rows in GMT."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from device_sim.sources.model import Place, Sample, Series, SourceError, slug
from device_sim.sources.national_grid import to_lon_lat

FIRST_FIELD = "Station name"
_ROWS_BEGIN = "Time stamp"
_INTERVAL_S = 900


def read(path: Path) -> list[Series]:
    """The gauge's levels in metres above its own datum; rows without a value (state ``M``) are counted."""
    with path.open(encoding="latin-1", newline="") as file:
        rows = csv.reader(file)
        header = _header(rows, path)
        samples, skipped = _samples(rows)
    unit = header.get("Time series unit", "m")
    return [Series(_place(header), "level", unit, _INTERVAL_S, samples, skipped)]


def _header(rows: Iterable[list[str]], path: Path) -> dict[str, str]:
    header: dict[str, str] = {}
    for row in rows:
        if row and row[0] == _ROWS_BEGIN:
            return header
        if len(row) >= 2:
            header[row[0]] = row[1]
    raise SourceError(f"{path.name} ends before its line '{_ROWS_BEGIN},…': fetch the whole file")


def _samples(rows: Iterable[list[str]]) -> tuple[tuple[Sample, ...], int]:
    samples: list[Sample] = []
    skipped = 0
    for row in rows:
        if len(row) < 3 or not row[1].strip() or row[2] == "M":
            skipped += bool(row)
            continue
        at = datetime.strptime(row[0], "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC)
        samples.append(Sample(int(at.timestamp()) * 1000, float(row[1])))
    return tuple(samples), skipped


def _place(header: dict[str, str]) -> Place:
    name = header[FIRST_FIELD]
    lon, lat = to_lon_lat(float(header["Easting"]), float(header["Northing"]))
    return Place(slug(name), name.title(), header["Station number"], header.get("River"), lon, lat)
