"""The audit from the command line, and what `migrate` says where it is not append-only."""

import csv
import json
from getpass import getuser
from pathlib import Path

import pytest

from hydroalert.store.entrenching import entrenching
from tests.cli.conftest import Run

STATION = ("station", "add", "avon", "--name", "Avon at Bath", "--lon", "-2.36", "--lat", "51.38")


def test_who_ran_a_command_is_in_the_audit_which_is_exported_once_to_a_file(run: Run, tmp_path: Path) -> None:
    assert run(*STATION).code == 0
    assert run(*STATION[:4], "Bath", *STATION[5:]).code == 0
    added, changed = reversed(run("audit", "list", "--thing", "station", "--json").json)
    assert (added["act"], added["target"], added["after"]["name"]) == ("added", "avon", "Avon at Bath")
    assert (changed["actor_kind"], changed["actor"]) == ("command-line", getuser())
    assert (changed["before"], changed["after"]) == ({"name": "Avon at Bath"}, {"name": "Bath"})
    assert "changed" in run("audit", "list", "--act", "changed").out
    assert run("audit", "list", "--actor", "nobody").out == "No entries.\n"
    path = tmp_path / "audit.csv"
    assert run("audit", "export", "--target", "avon", str(path)).err.endswith("2 entries\n")
    with path.open(newline="") as file:
        assert [row["act"] for row in csv.DictReader(file)] == ["changed", "added"]
    assert "name a new file" in run("audit", "export", str(path)).err
    (exported,) = run("audit", "list", "--act", "exported", "--json").json
    assert exported["after"] == {"target": "avon"}


def test_an_export_to_standard_output_is_one_object_a_line(run: Run) -> None:
    assert run(*STATION).code == 0
    said = run("audit", "export", "--format", "ndjson", "--thing", "station")
    assert [json.loads(line)["target"] for line in said.out.splitlines()] == ["avon"]


def test_migrate_says_what_a_superuser_runs_where_the_audit_could_be_changed(
    run: Run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("migrate").err == ""
    monkeypatch.setenv("HYDROALERT_DATABASE_URL", empty_database_url)
    said = run("migrate")
    assert said.code == 0
    assert entrenching("hydroalert") in said.err


def test_every_route_is_listed_with_its_rule_and_rate(run: Run) -> None:
    routes = {(one["method"], one["path"]): one for one in run("routes", "--json").json}
    login = routes["POST", "/api/v1/login"]
    assert (login["access"], login["rate"]) == ("anyone", "login: 10 in 60 s by address")
    assert routes["GET", "/api/v1/audit"]["access"] == "admin, keys with audit:read"
    assert routes["WebSocket", "/api/v1/ws"]["rate"] is None
    assert "/api/v1/audit" in run("routes").out
