"""`hydroalert rules test`: what rules would have told of what is stored; nothing is sent, nothing is written."""

import asyncio
import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from lxml import etree

from tests.cli.conftest import Run

START = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
"""Long enough ago that what is imported now comes too late."""
LEVELS = (0.5, 0.9, 1.3, 1.9, 2.2, 1.8, 1.2, 0.8, 0.5, 0.5)
LADDER = ("--level", "alert:1:minor:0.1", "--level", "flood:2:severe:0.1", "--author", "ann")
WRITTEN = ("revision", "alert", "outbox", "delivery", "cap_message", "due", "rule_version")


def at(step: int) -> str:
    return f"{START + step * timedelta(minutes=15):%Y-%m-%dT%H:%M:%S}.000Z"


@pytest.fixture(autouse=True)
def _area(run: Run, no_broker: None, tmp_path: Path) -> None:
    """An area under a rule, with one flood stored, imported long after it."""
    run("station", "add", "hebden", "--name", "Hebden Bridge", "--lon", "-2.02", "--lat", "53.74")
    run("device", "register", "g", "--station", "hebden", "--datastream", "level:m:900")
    run("area", "add", "calder", "--name", "Calder", "--bbox=-2.1,53.7,-2.0,53.8")
    run("area", "stations", "calder", "--add", "hebden")
    run("rules", "ladder", "calder", "hebden", "level", *LADDER)
    file = tmp_path / "levels.csv"
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("time", "result"))
        rows.writerows((at(step), level) for step, level in enumerate(LEVELS))
    assert run("observations", "import", str(file), "--station", "hebden", "--datastream", "level").code == 0


def replayed(run: Run, *options: str) -> dict[str, Any]:
    (area,) = run("rules", "test", "--area", "calder", "--json", *options).json["areas"]
    found: dict[str, Any] = area
    return found


def rule(*levels: tuple[str, float, str]) -> dict[str, Any]:
    return {
        "code": "other",
        "levels": [dict(zip(("name", "threshold", "severity"), level, strict=True)) for level in levels],
        "members": [{"station": "hebden", "datastream": "level"}],
    }


def counts(database_url: str) -> list[int]:
    async def count() -> list[int]:
        connection = await asyncpg.connect(database_url)
        try:
            return [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in WRITTEN]
        finally:
            await connection.close()

    return asyncio.run(count())


def test_the_alerts_that_would_have_been_are_told_and_nothing_is_written(run: Run, database_url: str) -> None:
    before = counts(database_url)
    area = replayed(run)
    assert counts(database_url) == before
    assert (area["area"], area["from"], area["to"]) == ("calder", at(0), at(9))
    (alert,) = area["alerts"]
    assert (alert["raised_at"], alert["cleared_at"], alert["severity"]) == (at(2), at(7), "severe")
    assert [(one["level"], one["at"], one["lead_s"]) for one in area["crossings"]] == [
        ("alert", at(2), 0.0), ("flood", at(4), 0.0),
    ]  # fmt: skip
    assert [one["transition"] for one in area["revisions"]] == ["raised", "escalated", "lowered", "cleared"]
    assert (area["missed"], area["false_alarms"], area["flaps_per_day"]) == (0, [], 0.0)


def test_rules_that_are_not_stored_are_tested_from_a_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rule(("high", 1.5, "moderate"))))
    assert [one["raised_at"] for one in replayed(run, "--rules", str(file))["alerts"]] == [at(3)]
    file.write_text(json.dumps({"calder": [rule(("high", 0.7, "minor"))]}))
    (area,) = run("rules", "test", "--rules", str(file), "--json").json["areas"]
    assert [one["raised_at"] for one in area["alerts"]] == [at(1)]


def test_only_the_time_that_was_asked_for_is_judged(run: Run) -> None:
    area = replayed(run, "--from", at(6), "--to", at(8))
    assert (area["from"], area["to"], [one["raised_at"] for one in area["alerts"]]) == (at(6), at(8), [at(6)])


def test_what_arrived_long_after_raises_nothing_that_the_public_hears(run: Run) -> None:
    area = replayed(run, "--as-received")
    assert area["missed"] == len(area["crossings"]) == 2
    assert {one["severity"] for one in area["alerts"]} == {None}


def test_people_get_tables_and_pictures(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    said = run("rules", "test", "--plot", str(tmp_path / "pictures"))
    assert said.code == 0
    for words in (f"{START:%Y-%m-%d} 00:30", "severe", "+0:00 h", "2.2 m"):
        assert words in said.out
    assert etree.parse(tmp_path / "pictures" / "calder.svg").getroot().tag.endswith("svg")
    run("rules", "test", "--area", "calder", "--plot", str(tmp_path / "one.svg"))
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "pictures" / "calder.svg").read_bytes()


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--area", "nowhere"), 1, "there is no area nowhere"),
        (("--from", "yesterday"), 2, "give an RFC 3339 time"),
        (("--from", at(5), "--to", at(4)), 1, "--to is earlier than --from"),
        (("--rules", "absent.json"), 1, "absent.json"),
    ],
)
def test_what_cannot_be_tested_says_what_to_do(run: Run, options: tuple[str, ...], code: int, words: str) -> None:
    said = run("rules", "test", *options)
    assert said.code == code
    assert words in said.err


def test_rules_of_a_file_that_cannot_hold_are_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rule(("high", 2.0, "minor"), ("low", 1.0, "severe"))))
    assert "thresholds must ascend" in run("rules", "test", "--area", "calder", "--rules", str(file)).err
    file.write_text(json.dumps(rule(("high", 2.0, "minor")) | {"members": [{"station": "sea", "datastream": "level"}]}))
    assert "there is no datastream sea/level" in run("rules", "test", "--area", "calder", "--rules", str(file)).err
