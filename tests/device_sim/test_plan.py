"""The files that an operator registers."""

import json
import re
from pathlib import Path

import pytest
from device_sim.plan import device_code, plan_load, plan_replay, plan_storm
from device_sim.sources import Place, Sample, Series, SourceError

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def test_a_storms_stations_lie_along_the_river_from_the_hills_to_the_sea() -> None:
    places = plan_storm(12).places
    assert [place.lon for place in places] == sorted((place.lon or 0 for place in places), reverse=True)
    assert len({place.code for place in places}) == 12


@pytest.mark.parametrize("plan", [plan_storm(1), plan_storm(30), plan_load(50, 3)])
def test_every_code_is_one_that_the_contract_allows(plan: object) -> None:
    assert hasattr(plan, "devices")
    codes = [row[key] for row in plan.devices() for key in ("device", "station")]
    assert all(CODE.fullmatch(code) for code in codes)
    assert len(set(codes)) == len(codes)


def test_a_device_at_the_longest_station_code_still_has_a_code() -> None:
    assert CODE.fullmatch(device_code("x" * 63))


def test_the_written_files_carry_what_the_imports_read(tmp_path: Path) -> None:
    plan_storm(2).write(tmp_path / "s.json", tmp_path / "d.json")
    station = json.loads((tmp_path / "s.json").read_text())[0]
    device = json.loads((tmp_path / "d.json").read_text())[0]
    assert set(station) == {"code", "name", "lon", "lat", "river", "official_code"}
    assert device["datastreams"] == "level:m:900 rainfall:mm:900 battery:V:3600"
    assert device["station"] == station["code"]


def test_a_gauge_without_a_place_is_refused_with_the_way_to_give_one() -> None:
    series = Series(Place("x", "X", "x"), "level", "m", 900, (Sample(1, 1.0),))
    with pytest.raises(SourceError, match="--positions"):
        plan_replay([series])
