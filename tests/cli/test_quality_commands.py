"""How an operator sets tests, flags a value, and takes a station into maintenance."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_commands import REGISTER, STATION, fetch

LEVEL = ("avon", "level")
ONE = "SELECT quality, test FROM observation ORDER BY phenomenon_time"
AREA = """
INSERT INTO area (code, official_code, names, polygon)
VALUES ('here', 'here', '{}', ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(-1.94, 52.09), 4326), 0.1)))
"""
HEARING = "INSERT INTO area_datastream SELECT datastream.id, area.id FROM datastream, area"


@pytest.fixture
def level(run: Run) -> None:
    """The station avon with its datastream level."""
    assert run(*STATION).code == 0
    assert run(*REGISTER).code == 0


@pytest.fixture
def at(run: Run, level: None, tmp_path: Path) -> str:
    """The time of the second of three values that were imported."""
    noon = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    times = [(noon + place * timedelta(minutes=15)).isoformat() for place in range(3)]
    file = tmp_path / "series.csv"
    file.write_text("time,result\n" + "".join(f"{time},1.0\n" for time in times))
    assert run("observations", "import", str(file), "--station", "avon", "--datastream", "level").code == 0
    return times[1]


def let_hear(database_url: str) -> None:
    """An area hears the level, and nothing waits."""
    for sql in (AREA, HEARING, "DELETE FROM due", "DELETE FROM area_due"):
        fetch(database_url, sql)


def settings_of(run: Run, *options: str) -> Any:
    """What `datastream tests` says after these options."""
    return run("datastream", "tests", *LEVEL, *options, "--json").json


@pytest.mark.usefixtures("level")
def test_settings_go_before_defaults_and_can_be_taken_back(run: Run) -> None:
    usual = settings_of(run)
    assert usual["settings"] == {}
    changed = settings_of(run, "--set", "sensor_max=6", "--set", "rise_per_h=1.5", "--off", "flat_line")
    assert changed["settings"] == {"sensor_max": 6.0, "rise_per_h": 1.5, "off": ["flat_line"]}
    assert "flat_suspect_s" not in changed["in_effect"]
    assert changed["in_effect"]["fall_per_h"] == usual["in_effect"]["fall_per_h"]
    assert settings_of(run, "--unset", "sensor_max", "--unset", "rise_per_h", "--on", "flat_line") == usual


@pytest.mark.usefixtures("level")
@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--set", "sensor_min=6", "--set", "sensor_max=5"), 1, "sensor_min must be below sensor_max"),
        (("--set", "sensor_max=5", "--set", "operator_max=6"), 1, "within the sensor's span"),
        (("--set", "rise_per_h=-1"), 1, "above 0"),
        (("--set", "flat_suspect_s=99999999"), 1, "seconds here"),
        (("--set", "flat_suspect_s=0.5"), 1, "whole seconds"),
        (("--set", "sensor_max=nan"), 2, "write NAME=NUMBER"),
        (("--set", "sensor=5"), 2, "sensor_max"),
        (("--off", "everything"), 2, "flat_line"),
    ],
)
def test_settings_that_make_no_sense_change_nothing_and_say_why(
    run: Run, options: tuple[str, ...], code: int, words: str
) -> None:
    said = run("datastream", "tests", *LEVEL, *options)
    assert (said.code, words in said.err) == (code, True)
    assert settings_of(run)["settings"] == {}


@pytest.mark.usefixtures("at")
def test_other_settings_test_the_last_two_days_anew(run: Run, database_url: str) -> None:
    let_hear(database_url)
    settings_of(run, "--set", "sensor_max=6")
    assert fetch(database_url, "SELECT now() - since > interval '47 hours' FROM due") == [(True,)]


def test_an_import_keeps_the_flags_of_its_source(run: Run, database_url: str, level: None, tmp_path: Path) -> None:
    file = tmp_path / "series.csv"
    rows = ["2025-11-28T06:30:00Z,1,9", "2025-11-28T06:45:00Z,1,good", "2025-11-28T07:00:00Z,1,"]
    file.write_text("\n".join(["time,result,quality", *rows]))
    command = ("observations", "import", str(file), "--station", "avon", "--datastream", "level")
    assert run(*command).code == 0
    assert fetch(database_url, ONE) == [(9, 20), (1, 20), (2, 0)]
    file.write_text("time,result,quality\n2025-11-28T06:30:00Z,1,fine\n")
    assert "not_evaluated" in run(*command).err


def test_a_person_says_what_a_value_is_and_takes_it_back(run: Run, database_url: str, at: str) -> None:
    let_hear(database_url)
    said = ("observations", "flag", *LEVEL, "--time", at, "--reason", "a boat", "--by", "Ada", "--quality")
    assert run(*said, "fail").code == 0
    assert fetch(database_url, ONE) == [(2, 0), (4, 21), (2, 0)]
    assert fetch(database_url, "SELECT count(*) FROM due") == [(1,)]
    assert fetch(database_url, "SELECT count(*) > 0 FROM area_due") == [(True,)]
    assert "so already" in run(*said, "fail").err
    assert run(*said, "tests").code == 0
    assert fetch(database_url, ONE) == [(2, 0)] * 3
    kept = "SELECT quality, author, reason FROM flagging ORDER BY id"
    assert fetch(database_url, kept) == [(4, "Ada", "a boat"), (2, "Ada", "a boat")]


def test_what_is_not_there_is_not_flagged(run: Run, at: str) -> None:
    said = run("observations", "flag", *LEVEL, "--time", "2001-01-01T00:00:00Z", "--quality", "fail", "--reason", "x")
    assert (said.code, "no observation of exactly" in said.err) == (1, True)


@pytest.mark.usefixtures("level")
@pytest.mark.parametrize(
    ("command", "table"),
    [(("station", "maintenance", "avon"), "station"), (("datastream", "maintenance", *LEVEL), "datastream")],
)
def test_maintenance_has_an_end_and_wakes_whoever_hears_it(
    run: Run, database_url: str, command: tuple[str, ...], table: str
) -> None:
    let_hear(database_url)
    until = f"SELECT maintenance_until BETWEEN now() + interval '118 min' AND now() + interval '2 h' FROM {table}"
    assert "raises nothing" in run(*command, "--for", "2h").out
    assert fetch(database_url, until) == [(True,)]
    assert fetch(database_url, "SELECT count(*) FROM area_due") == [(1,)]
    assert "counts again" in run(*command, "--end").out
    assert fetch(database_url, f"SELECT maintenance_until FROM {table}") == [(None,)]
    assert run(*command, "--until", "2026-11-22T18:00").code == 2
    assert run(*command).code == 2


@pytest.mark.usefixtures("at")
def test_a_datastream_shows_its_newest_value_and_its_tests(run: Run) -> None:
    shown = run("datastream", "show", *LEVEL).out
    assert all(words in shown for words in ("interval", "rise_per_h", "spike_suspect"))
    assert run("datastream", "show", "avon", "flow").code == 1


@pytest.mark.parametrize(
    "command",
    [
        ("datastream", "show"), ("datastream", "tests"), ("datastream", "maintenance"), ("station", "maintenance"),
        ("observations", "flag"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_each_of_these_commands_explains_itself(run: Run, command: tuple[str, ...]) -> None:
    said = run(*command, "--help")
    assert (said.code, f"usage: hydroalert {' '.join(command)}" in said.out) == (0, True)
