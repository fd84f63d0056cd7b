"""The data sets as their publishers left them, read into points; none of them is part of this repository."""

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import duckdb

from hydroalert.domain.codes import code_from
from hydroalert.domain.quality import UNTESTED, Flag, Test
from hydroalert.judging.context import Point

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
"""Beside the repository."""

SRI_LANKA = DATA / "lk-cyclone-ditwah-2025"
CALDER = DATA / "uk-ea-calder-valley-2025"
PLUMTREE = DATA / "us-usgs-5min" / "usgs_01581752_plumtree_run_2016-2018_5min.parquet"
COLORADO = DATA / "us-usgs-colorado-2013"
AVON = DATA / "uk-ea-avon-2012"

_MDT = timezone(timedelta(hours=-6))
_STAGE = "USGS:01581752:00065:00000"

Ladder = tuple[float, ...]


def read_sri_lanka() -> dict[str, list[Point]]:
    """Levels in m by station; of two rows with one time the first in the file counts, as in the store."""
    series: dict[str, dict[datetime, Point]] = defaultdict(dict)
    with (SRI_LANKA / "all.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            time = datetime.fromtimestamp(int(row["time_ut"]), UTC)
            series[code_from(row["station_name"])].setdefault(time, _point(time, row["water_level_m"]))
    return {station: [points[time] for time in sorted(points)] for station, points in series.items()}


def read_sri_lanka_ladders() -> dict[str, Ladder]:
    """Alert, minor flood and major flood level in m by station; where they are 0.0 there are none."""
    stations = json.loads((SRI_LANKA / "stations.json").read_text())
    names = ("alert_level_m", "minor_flood_level_m", "major_flood_level_m")
    ladders = {code_from(one["name"]): tuple(float(one[name]) for name in names) for one in stations}
    return {station: ladder for station, ladder in ladders.items() if ladder[0]}


def read_calder() -> dict[tuple[str, str], list[Point]]:
    """Levels in m and rain in mm a quarter of an hour, by (station, datastream); UTC, as the source says."""
    series = {}
    for path in sorted(CALDER.glob("*.csv")):
        station, _, kind = path.name.removesuffix("-15min-Qualified.csv").rpartition("-")
        with path.open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["value"]]
        times = [datetime.fromisoformat(row["dateTime"]).replace(tzinfo=UTC) for row in rows]
        points = [_point(time, row["value"]) for time, row in zip(times, rows, strict=True)]
        series[code_from(station), kind] = points
    return series


def read_plumtree() -> list[Point]:
    """Stage in ft every five minutes; what a tool interpolated is missing, and says that its source said so."""
    rows = duckdb.sql(
        f'SELECT "datetimeUTC", "{_STAGE}", "{_STAGE}_qualifiers" FROM read_parquet(\'{PLUMTREE}\') ORDER BY 1'
    ).fetchall()
    flags = {"hf.missing": (Flag.MISSING, Test.SOURCE)}
    return [
        Point(time.replace(tzinfo=UTC), stage, *flags.get(qualifiers, UNTESTED)) for time, stage, qualifiers in rows
    ]


def read_colorado() -> dict[str, list[Point]]:
    """Stage in ft by gauge; the files keep the local time of September, six hours behind UTC."""
    series = {}
    for path in sorted(COLORADO.glob("*.csv")):
        with path.open(newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["height_ft"]]
        times = [datetime.fromisoformat(row["date"]).replace(tzinfo=_MDT).astimezone(UTC) for row in rows]
        points = {time: _point(time, row["height_ft"]) for time, row in zip(times, rows, strict=True)}
        series[code_from(path.stem)] = [points[time] for time in sorted(points)]
    return series


def read_avon(station: str) -> list[Point]:
    """Levels in m of `warwick` or `stratford`; a blank value with state M is missing and left out."""
    return [
        _point(datetime.strptime(row[0], "%d/%m/%Y %H:%M:%S").replace(tzinfo=UTC), row[1])
        for row in _avon_rows(station)
        if len(row) > 2 and row[0][:1].isdigit() and row[1]
    ]


def _avon_rows(station: str) -> Iterator[list[str]]:
    for path in sorted(AVON.glob(f"avon_{station}_*.csv")):
        yield from csv.reader(io.StringIO(path.read_text("latin-1")))


def _point(time: datetime, result: str) -> Point:
    return Point(time, float(result), *UNTESTED)
