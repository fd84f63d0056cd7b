"""A real flood as a backfill: Cyclone Ditwah, November 2025, 39 gauges of Sri Lanka's Irrigation Department.

What is stored is compared with the file as this test reads it, by itself and without the simulator's reader.
"""

import csv
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.journey._platform import Platform

FOLDER = Path(__file__).resolve().parents[2] / "../shared/data/lk-cyclone-ditwah-2025"
FILE = FOLDER / "all.tsv"

pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"the data set is not here: {FILE}")

Series = Mapping[str, Mapping[str, float]]
"""By station, then by RFC 3339 time."""


@pytest.fixture(scope="module")
def rows() -> Series:
    """What the platform must hold: of several rows with one station and time, the first in the file."""
    series: dict[str, dict[str, float]] = defaultdict(dict)
    with FILE.open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            moment = datetime.fromtimestamp(int(row["time_ut"]), UTC)
            code = "-".join("".join(c if c.isalnum() else " " for c in row["station_name"].lower()).split())
            series[code].setdefault(f"{moment:%Y-%m-%dT%H:%M:%S}.000Z", float(row["water_level_m"]))
    return series


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the simulator keeps its plan, fleet, spools and ledger."""
    return tmp_path_factory.mktemp("sri-lanka")


@pytest.fixture(scope="module")
def replayed(platform: Platform, state: Path) -> dict[str, Any]:
    """The whole way once: plan, register, replay. What the replay says of itself."""
    stations, devices, fleet = (str(state / name) for name in ("stations.json", "devices.json", "fleet.json"))
    _device_sim("plan", "replay", str(FILE), "--stations", stations, "--devices", devices)
    platform.command("station", "import", stations)
    Path(fleet).write_text(platform.command("device", "import", devices, "--json"))
    return _replay(platform, state)


def _replay(platform: Platform, state: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(
        _device_sim(
            "replay", str(FILE), "--fleet", str(state / "fleet.json"), "--state", str(state),
            "--broker", platform.mqtt, "--http", platform.http, "--json",
        )
    )  # fmt: skip
    return said


def _device_sim(*arguments: str) -> str:
    command = [sys.executable, "-m", "device_sim", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _stored(platform: Platform, rows: Series) -> dict[str, list[tuple[str, float]]]:
    return {station: platform.observations(station, limit="5000") for station in rows}


def test_every_row_is_stored_with_its_time_and_level_exactly_once(
    platform: Platform, rows: Series, replayed: dict[str, Any]
) -> None:
    assert (len(rows), replayed["in_spools"], replayed["refused"]) == (39, 0, {})
    assert _stored(platform, rows) == {station: sorted(series.items()) for station, series in rows.items()}


@pytest.mark.usefixtures("replayed")
def test_a_second_replay_adds_nothing(platform: Platform, rows: Series, state: Path) -> None:
    before = _stored(platform, rows)
    assert _replay(platform, state)["in_spools"] == 0
    assert _stored(platform, rows) == before


@pytest.mark.usefixtures("replayed")
def test_the_ledger_and_the_platform_agree(platform: Platform, state: Path) -> None:
    said = json.loads(_device_sim("reconcile", "--state", str(state), "--http", platform.http, "--json"))
    assert {name: said[name] for name in ("lost", "doubled", "wrong", "unsent", "waiting")} == dict.fromkeys(
        ("lost", "doubled", "wrong", "unsent", "waiting"), 0
    )
    assert said["clean"]


@pytest.mark.usefixtures("replayed")
def test_its_stations_are_found_where_they_are(platform: Platform, rows: Series) -> None:
    with (FOLDER / "stations.json").open() as file:
        hanwella = next(one for one in json.load(file) if one["name"] == "Hanwella")
    lat, lon = hanwella["lat_lng"]
    near = platform.get("stations", near=f"{lon},{lat}", radius_m="2000")["stations"]
    assert "hanwella" in [one["code"] for one in near]
    island = platform.get("stations", bbox="79.5,5.9,81.9,9.9", limit="1000")["stations"]
    assert rows.keys() <= {one["code"] for one in island}
    sea = platform.get("stations", bbox="60,-10,70,0")["stations"]
    assert rows.keys().isdisjoint(one["code"] for one in sea)
