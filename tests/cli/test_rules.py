"""`hydroalert rules …`: from a file or a ladder to rules in force, each version kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

LADDER = ("rules", "ladder", "calder", "hebden", "level", "--author", "ann", "--level")
RIVER = {
    "code": "river",
    "levels": [{"name": "alert", "threshold": 1.6, "severity": "minor"}],
    "members": [{"station": "hebden", "datastream": "level"}],
}
RAIN = """
[[rules]]
code = "rain"
signal = "accumulation"
window_s = 10800
members = [{ station = "hebden", datastream = "rainfall" }]
levels = [{ name = "wet", threshold = 30, severity = "moderate" }]
"""


@pytest.fixture(autouse=True)
def _area(run: Run, no_broker: None) -> None:
    """An area that one station informs."""
    run("station", "add", "hebden", "--name", "Hebden Bridge", "--lon", "-2.02", "--lat", "53.74")
    run("device", "register", "g", "--station", "hebden", "--datastream", "level:m:900", "--datastream", "rainfall:mm")
    run("area", "add", "calder", "--name", "Calder", "--bbox=-2.1,53.7,-2.0,53.8")
    assert run("area", "stations", "calder", "--add", "hebden").code == 0


def written(path: Path, value: Any) -> str:
    """The name of a file that holds it."""
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return str(path)


def test_a_ladder_is_a_rule_of_levels_and_each_change_a_version(run: Run) -> None:
    levels = ("alert:1.6:minor:0.05", "--level", "flood:2:severe", "--hold-up-s", "900")
    assert run(*LADDER, *levels).out == "calder: hebden-level version 1\n"
    assert run(*LADDER, *levels).out == "calder: hebden-level version 1\n"
    assert run(*LADDER, "alert:1.7:minor").out == "calder: hebden-level version 2\n"
    first, second = run("rules", "history", "calder", "hebden-level", "--json").json
    assert [(one["name"], one["threshold"], one["severity"], one["hold_up_s"]) for one in first["rule"]["levels"]] == [
        ("alert", 1.6, "minor", 900), ("flood", 2.0, "severe", 900),
    ]  # fmt: skip
    assert (second["version"], second["author"], second["retired_at"]) == (2, "ann", None)
    assert run("rules", "show", "calder", "hebden-level", "--version", "1", "--json").json == first


def test_what_show_prints_can_be_added_again(run: Run, tmp_path: Path) -> None:
    run(*LADDER, "alert:1.6:minor:0.05")
    file = written(tmp_path / "rule.json", run("rules", "show", "calder", "hebden-level").out)
    assert run("rules", "add", "calder", file).out == "calder: hebden-level version 1\n"


def test_rules_are_read_from_json_and_toml(run: Run, tmp_path: Path) -> None:
    assert run("rules", "add", "calder", written(tmp_path / "a.json", [RIVER])).code == 0
    assert run("rules", "add", "calder", written(tmp_path / "b.toml", RAIN)).code == 0
    found = run("rules", "list", "--area", "calder", "--json").json
    assert [(one["rule"]["code"], one["rule"].get("signal", "level")) for one in found] == [
        ("rain", "accumulation"), ("river", "level"),
    ]  # fmt: skip


def test_the_rules_of_many_areas_are_put_in_force_together_or_not_at_all(run: Run, tmp_path: Path) -> None:
    run("area", "around", "hebden", "--radius-m", "900")
    many = {"calder": [RIVER, RIVER | {"code": "other"}], "hebden": [RIVER]}
    refused = run("rules", "import", written(tmp_path / "bad.json", many | {"nowhere": [RIVER], "x": RIVER | {"k": 2}}))
    assert (refused.code, refused.out) == (1, "")
    for words in ("nowhere: there is no area", "x: rule 'river': k must", "No rule was changed"):
        assert words in refused.err
    assert run("rules", "list", "--json").json == []
    assert run("rules", "import", written(tmp_path / "good.json", many)).out.count("version 1\n") == 3


def test_a_retired_rule_is_listed_only_when_asked_for(run: Run) -> None:
    run(*LADDER, "alert:1.6:minor")
    assert "hebden-level" in run("rules", "list").out
    assert run("rules", "retire", "calder", "hebden-level").code == 0
    assert run("rules", "list").out.startswith("No rules")
    (retired,) = run("rules", "list", "--retired", "--json").json
    assert retired["retired_at"].endswith("Z")


def test_what_looks_odd_is_remarked_beside_what_was_done(run: Run) -> None:
    run("area", "stations", "calder", "--remove", "hebden")
    said = run(*LADDER, "alert:1.6:minor")
    assert (said.code, said.out) == (0, "calder: hebden-level version 1\n")
    assert "hebden: no station that informs the area" in said.err


def test_what_cannot_be_done_ends_in_words_that_say_what_to_do(run: Run, tmp_path: Path) -> None:
    mistakes = {
        (*LADDER, "alert:1.6"): "name:threshold:severity",
        (*LADDER, "alert:high:minor"): "name:threshold:severity",
        (*LADDER, "alert:1:dreadful"): "minor, moderate, severe, extreme",
        (*LADDER, "alert:nan:minor"): "finite",
        (*LADDER, "a:2:minor", "--level", "b:1:minor"): "ascend",
        ("rules", "ladder", "calder", "hebden", "stage", "--level", "a:2:minor"): "no datastream hebden/stage",
        ("rules", "add", "calder", "nowhere.json"): "nowhere.json",
        ("rules", "add", "calder", written(tmp_path / "a.json", "{")): "a.json",
        ("rules", "add", "calder", written(tmp_path / "b.toml", "=")): "b.toml",
        ("rules", "add", "calder", written(tmp_path / "c.json", RIVER | {"colour": 1})): "colour",
        ("rules", "add", "calder", written(tmp_path / "d.json", RIVER | {"levels": []})): "1 to 12 levels",
        ("rules", "import", written(tmp_path / "e.json", [RIVER])): '"AREA"',
        ("rules", "show", "calder", "nothing"): "rules list",
        ("rules", "retire", "calder", "nothing"): "rules list",
        ("rules", "list", "--area", "nowhere"): "area list",
    }
    for command, words in mistakes.items():
        said = run(*command)
        assert (said.code, said.out, "Traceback" in said.err) == (1, "", False), command
        assert words in said.err
    assert run("rules", "list", "--retired", "--json").json == []
