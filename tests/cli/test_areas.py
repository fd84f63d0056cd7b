"""`hydroalert area …`: from a GeoJSON file to an area that stations inform."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, Said

UK = Path(__file__).parents[3] / "shared/data/geo-uk/target-areas"
SQUARE = [[-2.1, 53.7], [-2.0, 53.7], [-2.0, 53.8], [-2.1, 53.8], [-2.1, 53.7]]
BOW_TIE = [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]


def feature(ring: list[Any] = SQUARE, **properties: Any) -> dict[str, Any]:
    """A GeoJSON Feature."""
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


@pytest.fixture
def load(run: Run, tmp_path: Path) -> Any:
    """Import features as one file."""

    def load_(*features: Any, options: tuple[str, ...] = ()) -> Said:
        file = tmp_path / "areas.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        return run("area", "import", str(file), *options)

    return load_


@pytest.mark.skipif(not UK.exists(), reason="the areas of the Environment Agency are not in ../shared/data")
def test_official_areas_are_imported_with_their_parents_though_these_come_later(run: Run) -> None:
    files = [str(path) for path in sorted(UK.glob("033*.json"))]
    said = run("area", "import", *files, "--parent-from", "parent_area_code")
    assert (said.code, said.out) == (0, "15 added, 0 updated, 0 refused\n")
    listed = {one["code"]: one for one in run("area", "list", "--json").json}
    assert len(listed) == 15
    assert listed["033fwf3avon013"]["parent"] == "033waf204"
    assert (listed["033waf204"]["parent"], listed["033waf204"]["official_code"]) == (None, "033WAF204")
    assert all(one["blind"] for one in listed.values())


def test_a_file_is_imported_whole_or_not_at_all_and_says_all_that_is_wrong(run: Run, load: Any) -> None:
    features = [feature(code="good", name="Good"), feature(BOW_TIE, code="tie", name="Tie"), feature(code="mute"), {}]
    refused = load(*features)
    assert (refused.code, refused.out) == (1, "0 added, 0 updated, 3 refused\n")
    for words in ("tie: Self-intersection[0.5 0.5]", "mute: no name", "feature 4: no code"):
        assert words in refused.err
    skipped = load(*features, options=("--skip-bad", "--json"))
    assert (skipped.code, skipped.json["added"], len(skipped.json["refused"])) == (0, 1, 3)
    assert [one["code"] for one in run("area", "list", "--json").json] == ["good"]


def test_properties_are_found_under_the_names_that_are_given(run: Run, load: Any) -> None:
    one = feature(ref="C 1", enw="Afon Calder", up="nowhere")
    options = (
        "--code-from",
        "ref",
        "--name-from",
        "enw",
        "--lang",
        "cy",
        "--parent-from",
        "up",
        "--silence-factor",
        "5",
    )
    said = load(one, options=options)
    assert (said.code, "1 name a parent that is not here and have none: nowhere" in said.err) == (0, True)
    shown = run("area", "show", "c-1", "--json").json
    assert (shown["names"], shown["official_code"], shown["silence_factor"]) == ({"cy": "Afon Calder"}, "C 1", 5.0)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"type":"Point","coordinates":[0,0]}', '{"type":"Topology"}', "[" * 5000]
)
def test_a_file_that_is_no_geojson_is_told_by_its_name(run: Run, tmp_path: Path, text: str) -> None:
    file = tmp_path / "odd.json"
    file.write_text(text)
    said = run("area", "import", str(file))
    assert (said.code, f"{file}: odd: " in said.err, "Traceback" in said.err) == (1, True, False)


def test_a_bare_polygon_is_called_as_its_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "Calder Valley.json"
    file.write_text(json.dumps(feature()["geometry"]))
    assert run("area", "import", str(file)).code == 0
    assert run("area", "show", "calder-valley", "--json").json["names"] == {"en": "Calder Valley"}


def test_simple_areas_are_drawn_without_a_file(run: Run) -> None:
    assert run("area", "add", "valley", "--name", "Valley", "--bbox=-2.2,53.6,-1.9,53.9").out == "1 added, 0 updated\n"
    assert run("area", "add", "town", "--name", "Town", "--circle=-2,53.7,900", "--parent", "valley").code == 0
    assert (
        run("area", "add", "town", "--name", "Dref", "--lang", "cy", "--circle=-2,53.7,900").out
        == "0 added, 1 updated\n"
    )
    shown = run("area", "show", "town", "--json").json
    assert (shown["names"], shown["parent"]) == ({"en": "Town", "cy": "Dref"}, "valley")
    assert "parent         valley" in run("area", "show", "town").out
    assert "Valley" in run("area", "list").out


def test_stations_are_suggested_accepted_added_and_removed(run: Run) -> None:
    for code, lon in (("inside", "-2.05"), ("near", "-1.99"), ("far", "10")):
        run("station", "add", code, "--name", code, "--lon", lon, "--lat", "53.75")
    run("area", "add", "valley", "--name", "Valley", "--bbox=-2.1,53.7,-2.0,53.8")
    assert [one["station"] for one in run("area", "suggest", "valley", "--json").json] == ["inside"]
    accepted = run("area", "suggest", "valley", "--within-m", "2000", "--accept-all", "--json").json
    assert [(one["station"], one["chosen"]) for one in accepted] == [("inside", "suggested"), ("near", "suggested")]
    assert run("area", "suggest", "valley", "--accept", "far").code == 1
    changed = run("area", "stations", "valley", "--add", "far", "--remove", "near", "--json").json
    assert [(one["station"], one["chosen"]) for one in changed] == [("far", "hand"), ("inside", "suggested")]
    assert "inside" in run("area", "stations", "valley").out


def test_an_area_is_made_around_each_station_which_informs_it(run: Run) -> None:
    for code, lon in (("hebden", "-2.02"), ("mytholm", "-2.03")):
        run("station", "add", code, "--name", code.title(), "--lon", lon, "--lat", "53.74")
    assert run("area", "around", "hebden", "--radius-m", "3000").out == "1 added, 0 updated\n"
    assert run("area", "around", "--all", "--radius-m", "3000").out == "1 added, 1 updated\n"
    assert [one["station"] for one in run("area", "stations", "mytholm", "--json").json] == ["mytholm"]


def test_an_area_is_forgotten_only_when_somebody_says_so(run: Run) -> None:
    run("area", "add", "valley", "--name", "Valley", "--bbox=-2.1,53.7,-2.0,53.8")
    asked = run("area", "remove", "valley")
    assert (asked.code, "--yes" in asked.err) == (1, True)
    assert run("area", "remove", "valley", "nowhere", "--yes").code == 1
    assert run("area", "list", "--json").json != []
    assert run("area", "remove", "valley", "--yes").out == "1 removed\n"
    assert run("area", "list").out == "No areas.\n"


def test_what_cannot_be_done_ends_in_words_that_say_what_to_do(run: Run) -> None:
    run("area", "add", "valley", "--name", "Valley", "--bbox=-2.1,53.7,-2.0,53.8")
    mistakes = {
        ("area", "add", "x", "--name", "x", "--bbox=1,2,3"): "--bbox takes 4 numbers",
        ("area", "add", "x", "--name", "x", "--circle=a,b,c"): "--circle takes 3 numbers",
        ("area", "add", "x", "--name", "x", "--bbox=-2,100,3,101"): "longitude comes first",
        ("area", "add", "x", "--name", "x", "--circle=0,0,5", "--parent", "nowhere"): "no area 'nowhere'",
        ("area", "add", "x", "--name", "x", "--circle=0,0,5", "--lang", "English"): "such as en",
        ("area", "show", "nowhere"): "area list",
        ("area", "stations", "valley", "--add", "nowhere"): "no station nowhere",
        ("area", "suggest", "valley", "--within-m", "1e9"): "within_m",
        ("area", "around", "--radius-m", "5"): "--all",
        ("area", "around", "nowhere", "--radius-m", "5"): "no station nowhere",
    }
    for command, words in mistakes.items():
        said = run(*command)
        assert (said.code, said.out, "Traceback" in said.err) == (1, "", False), command
        assert words in said.err
