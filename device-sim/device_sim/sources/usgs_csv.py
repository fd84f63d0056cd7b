"""USGS rows as ``agency,site_num (or site),date,discharge_cfs,height_ft`` in local time: MDT, in the floods of 2013.

Feet and cubic feet a second are kept as they are: a converted value would no longer be the gauge's.
"""

import csv
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from device_sim.sources.model import Place, Sample, Series, slug
from device_sim.sources.places import Position, colorado_points, gazetteer, usgs_site, words

FIRST_FIELD = "agency"
MDT = timezone(timedelta(hours=-6), "MDT")
INTERVAL_S = 900
_COLUMNS = (("height_ft", "level", "ft"), ("discharge_cfs", "discharge", "ft3/s"))


def read(path: Path) -> list[Series]:
    """Stage and flow of one gauge; an empty field is a gap of that series only."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    place = _place(path, (rows[0].get("site_num") or rows[0].get("site", "")) if rows else "")
    return [_series(place, rows, *column) for column in _COLUMNS]


def _series(place: Place, rows: Iterable[dict[str, str]], column: str, code: str, unit: str) -> Series:
    samples: list[Sample] = []
    skipped = 0
    for row in rows:
        if row[column].strip():
            samples.append(Sample(_unix_ms(row["date"]), float(row[column])))
        else:
            skipped += 1
    return Series(place, code, unit, INTERVAL_S, tuple(samples), skipped)


def _unix_ms(local: str) -> int:
    return int(datetime.fromisoformat(local).replace(tzinfo=MDT).timestamp()) * 1000


def _place(path: Path, site: str) -> Place:
    code = slug(path.stem)
    known = colorado_points(path.parent.resolve()).get(words(path.stem))
    if known is not None:
        name, river, (lon, lat) = known
        return Place(code, name, site, river, lon, lat)
    position: Position | None = usgs_site(site) or gazetteer(code)
    lon_lat = position or (None, None)
    return Place(code, path.stem.replace("_", " ").title(), site, None, *lon_lat)
