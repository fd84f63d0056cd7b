"""`python -m benchmarks.quality`: what the quality tests find in a series that technicians have labelled, and what
they doubt in vain there and in true floods.

The labelled one is the Logan River at Main Street, stage in cm every 15 min, January to September 2019."""

import csv
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path

import msgspec

from benchmarks.scenarios import files
from hydroalert.domain.quality import Flag, QualitySettings, Test
from hydroalert.judging.context import Point
from hydroalert.judging.quality import judge_quality
from hydroalert.judging.quality_defaults import effective

FILE = Path(__file__).parents[2] / "shared" / "data" / "us-lro-qc-labelled" / "MainStreet2019.csv"
INTERVAL_S = 900
SETTINGS = {
    "as is usual for a level": QualitySettings(),
    "as set for this gauge": QualitySettings(spike_suspect=5, rise_per_h=40, fall_per_h=40, operator_min=20),
}
SHIFT_CM = 2.0
"""A correction that changes by more from one reading to the next is a shift of the datum."""
_DISCARDED = "-9999"
_KINDS = {"1": "sonde out of the water", "2": "discarded by technicians", "4": "under ice"}


class Row(msgspec.Struct, frozen=True):
    """One reading: raw, what technicians made of it, and their label; `kind` of anomaly, if it is one."""

    time: datetime
    raw_cm: float
    corrected_cm: float | None
    kind: str | None


class Found(msgspec.Struct, frozen=True):
    """Anomalies of one kind: how many there were, and how many of them were doubted, by which tests."""

    kind: str
    events: int
    hits: int
    tests: dict[Test, int]


def read() -> list[Row]:
    """The whole file, shifts of the datum found by its corrections."""
    with FILE.open(encoding="utf-8") as file:
        rows = [_row(one) for one in csv.DictReader(file) if one["stage"] not in ("", "NULL")]
    sound: Row | None = None
    for place, row in enumerate(rows):
        if row.kind is None and sound is not None and abs(_offset_cm(row) - _offset_cm(sound)) > SHIFT_CM:
            rows[place] = msgspec.structs.replace(row, kind="first after a shift of the datum")
        sound = row if row.kind is None else sound
    return rows


def _row(given: dict[str, str]) -> Row:
    time = datetime.strptime(given["datetime"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    corrected = None if given["stage_cor"] in ("", "NULL") else float(given["stage_cor"])
    discarded = corrected is None or corrected <= float(_DISCARDED)
    return Row(time, float(given["stage"]), None if discarded else corrected, _KINDS.get(given["stage_qual"]))


def _offset_cm(row: Row) -> float:
    return row.raw_cm - (row.corrected_cm or 0.0)


def judged(rows: Sequence[Row], settings: QualitySettings) -> dict[datetime, Test]:
    """What is doubted, and by which test."""
    points = [Point(row.time, row.raw_cm) for row in rows]
    in_effect = effective(settings, "level", "cm", INTERVAL_S)
    said = judge_quality(points, in_effect, points[0].time)
    return {time: test for time, flag, test in said if flag in (Flag.SUSPECT, Flag.FAIL)}


def events(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    """Anomalies: readings in a row that are of one kind."""
    for kind, group in groupby(rows, attrgetter("kind")):
        if kind is not None:
            yield kind, list(group)


def found(rows: Sequence[Row], doubted: dict[datetime, Test]) -> list[Found]:
    """By kind, how many anomalies have a doubted reading."""
    by_kind: dict[str, list[set[Test]]] = {}
    for kind, event in events(rows):
        by_kind.setdefault(kind, []).append({doubted[row.time] for row in event if row.time in doubted})
    return [
        Found(kind, len(each), sum(map(bool, each)), Counter(test for tests in each for test in tests))
        for kind, each in by_kind.items()
    ]


def in_vain(rows: Sequence[Row], doubted: dict[datetime, Test]) -> Counter[Test]:
    """Doubted readings that are no anomaly and do not stand beside one, by the test that doubted."""
    threes = [one for one in zip(rows, rows[1:], rows[2:], strict=False) if any(row.kind for row in one)]
    near = {row.time for one in threes for row in one}
    return Counter(test for time, test in doubted.items() if time not in near)


def floods() -> Iterator[tuple[str, int, Counter[Test]]]:
    """(which, readings, what the usual tests doubt in them)."""
    calder = {name: points for (name, datastream), points in files.read_calder().items() if datastream == "level"}
    for name, series, unit, interval_s in (
        ("Sri Lanka 2025, 39 gauges", files.read_sri_lanka(), "m", 3600),
        ("Colorado 2013, 8 gauges", files.read_colorado(), "ft", 900),
        ("Plumtree Run 2016-2018", {"plumtree-run": files.read_plumtree()}, "ft", 300),
        ("Calder 2025, no flood", calder, "m", 900),
    ):
        in_effect = effective(QualitySettings(), "level", unit, interval_s)
        said = [one for points in series.values() for one in judge_quality(points, in_effect, points[0].time)]
        yield name, len(said), Counter(test for _, flag, test in said if flag in (Flag.SUSPECT, Flag.FAIL))


def main() -> int:
    """Print one table for each way to set the tests."""
    if not FILE.exists():
        print(f"{FILE} is not there: the labelled series is not part of this repository", file=sys.stderr)
        return 1
    rows = read()
    print(f"{len(rows):,} readings")
    for name, settings in SETTINGS.items():
        doubted = judged(rows, settings)
        print(f"\n{name}: {msgspec.json.encode(settings).decode()}\n")
        print("| anomaly | there were | hits | by |\n|---|---|---|---|")
        for one in found(rows, doubted):
            print(f"| {one.kind} | {one.events} | {one.hits} | {_words(one.tests)} |")
        vain = in_vain(rows, doubted)
        print(f"| none: doubted in vain | {sum(row.kind is None for row in rows):,} readings | "
              f"{vain.total()} | {_words(vain)} |")  # fmt: skip
    print("\ntrue levels, tested as is usual\n\n| series | readings | doubted | by |\n|---|---|---|---|")
    for series, readings, tests in floods():
        print(f"| {series} | {readings:,} | {tests.total()} | {_words(tests)} |")
    return 0


def _words(tests: dict[Test, int]) -> str:
    return ", ".join(f"{test.name.lower()} {count}" for test, count in sorted(tests.items())) or "-"


if __name__ == "__main__":
    sys.exit(main())
