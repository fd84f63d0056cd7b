"""Cyclone Ditwah as it might have been lived through: its worst days in fourteen seconds, warned of as they pass.

Every gauge sends in the order of time what its file says, four hours a second, and the platform takes it for now. What
ought to have been told is read off the file here. `HYDROALERT_CYCLONE_SPEED=3600` plays all of it, an hour a second.
"""

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from cap_tools.models import Alert as TheirAlert
from capparselib.parsers import CAPParser
from xsdata.formats.dataclass.parsers import XmlParser

from tests.cap_files import Schema
from tests.journey._platform import Platform, wait_until
from tests.journey._town import listed_in

FOLDER = Path(__file__).resolve().parents[2] / "../shared/data/lk-cyclone-ditwah-2025"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the data set is not here: {FOLDER}")

SPEED = int(os.environ.get("HYDROALERT_CYCLONE_SPEED", "0"))
WORST_DAYS = (datetime(2025, 11, 26, 6, tzinfo=UTC), datetime(2025, 11, 28, 12, tzinfo=UTC))
ALL_DAYS = (datetime(2025, 11, 23, tzinfo=UTC), datetime(2025, 12, 2, tzinfo=UTC))
INTERVAL_S, SILENT_AFTER = 1, timedelta(seconds=3)
LEVELS = {"minor": "alert_level_m", "moderate": "minor_flood_level_m", "severe": "major_flood_level_m"}
RANK = {severity: rank for rank, severity in enumerate(LEVELS)}
LOST = ("live-moragaswewa", "live-peradeniya", "live-thaldena", "live-weraganthota")
STOOD = 5
"""Readings in a row, more than a second, after which nobody may have missed a level."""

Row = dict[str, str]
Ladders = Mapping[str, Mapping[str, float]]
Said = Mapping[str, Sequence[Mapping[str, Any]]]
"""What each area's revisions say, in their order."""


def code(name: str) -> str:
    return "-".join("".join(sign if sign.isalnum() else " " for sign in name.lower()).split())


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """What is played, each station by another name than that of its backfill."""
    start, end = ALL_DAYS if SPEED else WORST_DAYS
    with (FOLDER / "all.tsv").open(newline="") as file:
        played = [
            row
            for row in csv.DictReader(file, delimiter="\t")
            if start.timestamp() <= int(row["time_ut"]) < end.timestamp()
        ]
    return [row | {"station_name": f"Live {row['station_name']}"} for row in played]


@pytest.fixture(scope="module")
def series(rows: list[Row]) -> dict[str, list[float]]:
    """The levels of each station in order of time; of several rows with one time the first in the file."""
    by_time: dict[str, dict[int, float]] = defaultdict(dict)
    for row in rows:
        by_time[code(row["station_name"])].setdefault(int(row["time_ut"]), float(row["water_level_m"]))
    return {station: [level for _, level in sorted(levels.items())] for station, levels in by_time.items()}


@pytest.fixture(scope="module")
def ladders(series: dict[str, list[float]]) -> Ladders:
    """The Irrigation Department's own thresholds; 0.0 is none."""
    stations = json.loads((FOLDER / "stations.json").read_text())
    found = {
        f"live-{code(one['name'])}": {severity: one[name] for severity, name in LEVELS.items() if one[name] > 0}
        for one in stations
    }
    return {station: found[station] for station in series}


@pytest.fixture(scope="module")
def lived(
    platform: Platform, rows: list[Row], ladders: Ladders, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """The whole of it, once: registered, ruled, played, and silent at the end. Every area as it stands then."""
    state = tmp_path_factory.mktemp("cyclone")
    _write(state, rows)
    _register(platform, state)
    _rule(platform, state, ladders)
    _device_sim(
        "replay", str(state / "all.tsv"), "--speed", str(SPEED or 14_400), "--fleet", str(state / "fleet.json"),
        "--state", str(state), "--broker", platform.mqtt, "--http", platform.http,
    )  # fmt: skip
    wait_until(lambda: all(area["blind"] for area in _areas(platform, ladders).values()))
    return _areas(platform, ladders)


def _write(state: Path, rows: list[Row]) -> None:
    with (state / "all.tsv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)
    stations = json.loads((FOLDER / "stations.json").read_text())
    named = [one | {"name": f"Live {one['name']}"} for one in stations]
    (state / "stations.json").write_text(json.dumps(named))


def _register(platform: Platform, state: Path) -> None:
    stations, devices = state / "places.json", state / "devices.json"
    _device_sim("plan", "replay", str(state / "all.tsv"), "--stations", str(stations), "--devices", str(devices))
    planned = [one | {"datastreams": f"level:m:{INTERVAL_S}"} for one in json.loads(devices.read_text())]
    devices.write_text(json.dumps(planned))
    platform.command("station", "import", str(stations))
    (state / "fleet.json").write_text(platform.command("device", "import", str(devices), "--json"))


def _rule(platform: Platform, state: Path, ladders: Ladders) -> None:
    """An area around each station. At that speed a rise looks like a torrent, and one suspect value alone is at most
    moderate: the gauge whose last word alone is severe is not tested for that."""
    rules = {
        station: [
            {
                "code": "ladder",
                "levels": [
                    {"name": severity, "threshold": threshold, "severity": severity, "hysteresis": 0.1}
                    for severity, threshold in ladder.items()
                ],
                "members": [{"station": station, "datastream": "level"}],
            }
        ]
        for station, ladder in ladders.items()
    }
    (state / "rules.json").write_text(json.dumps(rules))
    platform.command("area", "around", *ladders, "--radius-m", "3000")
    platform.command("rules", "import", str(state / "rules.json"))
    platform.command("datastream", "tests", "live-weraganthota", "level", "--off", "rise", "--off", "spike")


def _device_sim(*arguments: str) -> None:
    command = [sys.executable, "-m", "device_sim", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def _areas(platform: Platform, ladders: Ladders) -> dict[str, Any]:
    found = platform.get("areas", limit="1000")["areas"]
    return {area["code"]: area for area in found if area["code"] in ladders}


@pytest.fixture(scope="module")
def said(platform: Platform, lived: dict[str, Any]) -> Said:
    """Every revision of every area, operators' own among them, each with its alert."""
    by_area: dict[str, list[Mapping[str, Any]]] = {area: [] for area in lived}
    for alert in _pages(platform, "alerts", "alerts", state="all", operators="true"):
        if alert["area"] in lived:
            why = platform.see(f"alerts/{alert['id']}/why")
            by_area[alert["area"]] += [one | {"alert": alert} for one in why["revisions"]]
    return {area: sorted(found, key=lambda one: one["revision"]) for area, found in by_area.items()}


def _pages(platform: Platform, path: str, name: str, **parameters: str) -> Iterable[Any]:
    page = platform.see(path, **parameters)
    yield from page[name]
    while page["next"]:
        page = platform.see(path, cursor=page["next"], **parameters)
        yield from page[name]


def longest_run(levels: Sequence[float], threshold: float) -> int:
    """Most readings in a row at or above the threshold."""
    return max((len(list(run)) for high, run in groupby(levels, lambda one: one >= threshold) if high), default=0)


def test_each_level_that_stood_is_told_and_none_that_was_never_reached(
    series: dict[str, list[float]], ladders: Ladders, said: Said
) -> None:
    runs = {
        (station, severity): longest_run(series[station], threshold)
        for station, ladder in ladders.items()
        for severity, threshold in ladder.items()
    }
    told = {
        (area, severity)
        for area, revisions in said.items()
        for one in revisions
        for severity in LEVELS
        if one["alert"]["hazard"] == "flood" and RANK.get(one["public_severity"], -1) >= RANK[severity]
    }
    reached, stood = ({name for name, run in runs.items() if run >= least} for least in (1, STOOD))
    print(_table(reached, told))
    assert len(stood) >= 60
    assert stood <= told <= reached


def _table(reached: set[tuple[str, str]], told: set[tuple[str, str]]) -> str:
    """How many stations reached each level by the file, and how many were told of it."""
    return "\n".join(
        f"{name:>20}: {sum(one == severity for _, one in reached):>3} reached it, "
        f"{sum(one == severity for _, one in told):>3} were told of"
        for severity, name in LEVELS.items()
    )


def test_each_level_is_told_for_a_reading_that_reached_it(
    series: dict[str, list[float]], ladders: Ladders, said: Said
) -> None:
    for area, revisions in said.items():
        for one in revisions:
            if one["transition"] in ("raised", "escalated") and one["public_severity"] is not None:
                (finding,) = one["findings"]
                assert finding["value"] in series[area]
                assert finding["value"] >= ladders[area][one["public_severity"]]


def test_an_area_has_one_alert_of_a_hazard_at_a_time_and_its_revisions_have_no_gaps(
    lived: dict[str, Any], said: Said
) -> None:
    for area, revisions in said.items():
        assert [one["revision"] for one in revisions] == list(range(1, lived[area]["revision"] + 1))
        assert [one["at"] for one in revisions] == sorted(one["at"] for one in revisions)
        for hazard in ("flood", "blind"):
            steps = [one for one in revisions if one["alert"]["hazard"] == hazard]
            for before, after in pairwise(steps):
                is_over = before["transition"] == "cleared"
                assert is_over == (after["transition"] == "raised")
                assert is_over == (before["alert"]["id"] != after["alert"]["id"])


def test_a_gauge_lost_in_its_flood_leaves_its_area_blind_at_its_last_level(
    platform: Platform, series: dict[str, list[float]], ladders: Ladders, lived: dict[str, Any]
) -> None:
    for station in LOST:
        (last_time, last_level) = platform.observations(station, limit="5000")[-1]
        (alert,) = platform.get("alerts", area=station)["alerts"]
        assert last_level == series[station][-1]
        reached = [severity for severity, threshold in ladders[station].items() if last_level >= threshold]
        assert (lived[station]["state"], lived[station]["severity"]) == ("active", reached[-1])
        assert [cause["result"] for cause in alert["causes"]] == [last_level]
        since = datetime.fromisoformat(lived[station]["blind_since"])
        assert since == datetime.fromisoformat(last_time) + SILENT_AFTER
        assert since == datetime.fromisoformat(alert["blind_since"])


def test_every_cap_message_is_valid_and_read_by_two_parsers_of_others(platform: Platform, said: Said) -> None:
    schema, reader, messages = Schema(), XmlParser(), 0
    with httpx.Client(base_url=platform.http, timeout=30) as client:
        for area, revisions in said.items():
            found = [client.get(path).content for path in _told(client, area)]
            public = [one for one in revisions if one["public"] and one["alert"]["hazard"] != "blind"]
            assert len(found) == len(public)
            for body in found:
                theirs = reader.from_bytes(body, TheirAlert)
                assert schema.accepts(body)
                assert [one["cap_id"] for one in CAPParser(body.decode()).as_dict()] == [theirs.identifier]
            messages += len(found)
    print(f"{messages} CAP messages")
    assert messages >= 70


def _told(client: httpx.Client, area: str) -> list[str]:
    """Where the messages of an area are; no more than one page has."""
    return listed_in(client.get("/api/v1/cap", params={"area": area, "limit": "200"}).text)
