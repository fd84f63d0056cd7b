"""What people get wrong: each mistake ends in words and its exit code, changes nothing, and shows no traceback."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hydroalert.config import MASTER_KEY, RECEIVE_MAXIMUM
from hydroalert.store.sealing import Sealer, check_master_key
from tests.cli.conftest import MASTER_KEY as MASTER
from tests.cli.conftest import Run, Said
from tests.store.planting import plant_device

REGISTER = ("device", "register", "gauge-2", "--station", "at-gauge-1", "--datastream")
IMPORT = ("--station", "at-gauge-1", "--datastream", "level")
ANOTHER_KEY = bytes(32).hex()
A_GOOD_ROW = "2025-11-28T06:30:00Z,1.25"


@pytest.fixture
def gauge(database_url: str) -> None:
    """A device, `gauge-1`, at a station of its own."""

    async def plant() -> None:
        connection, sealer = await asyncpg.connect(database_url), Sealer(MASTER)
        try:
            await check_master_key(connection, sealer)
            await plant_device(connection, sealer)
        finally:
            await connection.close()

    asyncio.run(plant())


def fetch(url: str, sql: str) -> list[Any]:
    """The first column of the test's database."""

    async def ask() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [row[0] for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def assert_told(said: Said, code: int, words: str) -> None:
    """In words, on standard error."""
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((*REGISTER, "l:m:2000000000"), 2, "the interval is 1 to"),
        ((*REGISTER, "l:m", "--rows-per-hour", "99999999999"), 1, "rows an hour"),
        ((*REGISTER, "l:m", "--rows-per-hour", "0"), 1, "rows an hour"),
        (("device", "rotate-key", "gauge-1", "--overlap-s", "99999999999999"), 1, "at most 366 days"),
        (("refused", "list", "--limit", "-1"), 2, "whole number from 1"),
        (("refused", "show", "100000000000000000000"), 2, "whole number from 1"),
        (("refused", "show", "9223372036854775808"), 2, "whole number from 1"),
        (("refused", "show", "9223372036854775807"), 1, "refused list"),
        (("refused", "retry", "0"), 2, "whole number from 1"),
    ],
)
def test_a_number_out_of_bounds_is_told_as_such(run: Run, arguments: tuple[str, ...], code: int, words: str) -> None:
    assert_told(run(*arguments), code, words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"features":5}', "FeatureCollection"),
        ('{"stations":[]}', "FeatureCollection"),
        ("[3]", "list of objects"),
        ("[", "stations"),
        ('{"features":[{"geometry":{"type":"Point","coordinates":[1]},"properties":{}}]}', "no point"),
        ('{"features":[{"geometry":null,"properties":{"code":"a","name":"A"}}]}', "no point"),
        ('[{"code":"a","name":"A\\u0000","lon":1,"lat":2}]', "NUL"),
        ('[{"code":"a","lon":1,"lat":2}]', "row 1"),
        ('[{"code":"a","name":"A","lon":1,"lat":"north"}]', "row 1"),
        ("code,name,lon,lat\na,A,1,2\na,A,1,2\n", "same code"),
    ],
)
def test_stations_that_cannot_be_read_are_not_imported(
    run: Run, database_url: str, tmp_path: Path, content: str, words: str
) -> None:
    file = tmp_path / "stations"
    file.write_text(content)
    assert_told(run("station", "import", str(file)), 1, words)
    assert fetch(database_url, "SELECT code FROM station") == []


@pytest.mark.usefixtures("gauge")
@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("9999-12-31T23:59:59Z,1", "in the future"),
        ("9999-12-31T23:59:59-12:00,1", "in the future"),
        ("1950-01-01T00:00:00Z,1", "older than the retention"),
        ("0001-01-01T00:00:00+14:00,1", "before the year 1700"),
        ("2025-11-28T06:30:00,1", "has no offset"),
        ("yesterday,1", "yesterday"),
        ("2025-11-28T06:45:00Z,nan", "finite"),
        ("2025-11-28T06:45:00Z", "line 3"),
    ],
)
def test_of_a_series_with_a_row_that_cannot_be_right_nothing_is_imported(
    run: Run, database_url: str, tmp_path: Path, row: str, words: str
) -> None:
    file = tmp_path / "series.csv"
    file.write_text(f"time,result\n{A_GOOD_ROW}\n{row}\n")
    said = run("observations", "import", str(file), *IMPORT)
    assert_told(said, 1, words)
    assert "line 3" in said.err
    assert fetch(database_url, "SELECT result FROM observation") == []


@pytest.mark.usefixtures("gauge")
def test_a_series_reaches_five_minutes_ahead_and_no_further(run: Run, database_url: str, tmp_path: Path) -> None:
    file, now = tmp_path / "series.csv", datetime.now(UTC)
    for ahead in (timedelta(minutes=4), timedelta(minutes=10)):
        file.write_text(f"time,result\n{(now + ahead).isoformat()},1\n")
        said = run("observations", "import", str(file), *IMPORT)
    assert_told(said, 1, "in the future")
    assert fetch(database_url, "SELECT count(*) FROM observation") == [1]


@pytest.mark.usefixtures("gauge")
def test_of_two_results_for_one_time_in_a_series_the_first_stands_whatever_their_size(
    run: Run, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "series.csv"
    file.write_text("time,result\n2025-11-28T06:30:00Z,9\n2025-11-28T06:30:00Z,2\n")
    assert run("observations", "import", str(file), *IMPORT).out == "1 stored, 0 already there, 1 kept as conflicts\n"
    assert fetch(database_url, "SELECT result FROM observation") == [9.0]
    assert fetch(database_url, "SELECT result FROM conflict") == [2.0]
    assert fetch(database_url, "SELECT results FROM settlement") == [[9.0]]


@pytest.mark.usefixtures("gauge")
@pytest.mark.parametrize(
    "command",
    [
        (*REGISTER, "level_b:m"),
        ("device", "rotate-key", "gauge-1"),
    ],
    ids=["register", "rotate-key"],
)
def test_under_another_master_key_nothing_is_sealed(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """The bridge could not read it, and the device would be refused for ever."""
    monkeypatch.setenv(MASTER_KEY, ANOTHER_KEY)
    assert_told(run(*command), 1, "another master key")
    assert fetch(database_url, "SELECT key_id FROM device_key") == [0]


@pytest.mark.usefixtures("gauge", "no_broker")
def test_a_bridge_with_another_master_key_ends_and_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MASTER_KEY, ANOTHER_KEY)
    said = run("bridge")
    assert said.code == 1
    assert "hydroalert: " in said.err
    assert "another master key" in said.err
    assert "Traceback" not in said.err


@pytest.mark.usefixtures("gauge", "no_broker")
def test_a_key_is_shown_although_the_broker_cannot_be_told(run: Run) -> None:
    """It is shown once: what is registered and not shown would be lost."""
    said = run(*REGISTER, "level_b:m", "--json")
    assert (said.code, said.json["device"], len(said.json["key_hex"])) == (0, "gauge-2", 64)
    assert "The broker does not know yet" in said.err


@pytest.mark.usefixtures("gauge")
def test_where_no_broker_is_named_a_bridge_is_to_tell_it(run: Run) -> None:
    """It is waited for some seconds, so that who registers a device can start it at once."""
    said = run("device", "revoke", "gauge-1")
    assert (said.code, said.out) == (0, "gauge-1 is revoked\n")
    assert "a running bridge will tell it" in said.err


@pytest.mark.usefixtures("no_broker")
@pytest.mark.parametrize("value", ["0", "65536", "-1", "many", "1" * 40])
def test_a_bridge_is_not_started_with_a_receive_maximum_that_mqtt_does_not_know(
    run: Run, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(RECEIVE_MAXIMUM, value)
    assert_told(run("bridge"), 1, f"{RECEIVE_MAXIMUM} must be a whole number from 1 to 65535")


@pytest.mark.parametrize("command", [("migrate",), ("clock", "trust"), ("refused", "list")], ids=" ".join)
def test_without_a_database_a_command_says_how_to_start_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.delenv("HYDROALERT_DATABASE_URL")
    assert_told(run(*command), 3, "hydroalert up")


@pytest.mark.parametrize("command", [("migrate",), ("clock", "trust"), ("refused", "list")], ids=" ".join)
def test_a_database_that_does_not_answer_is_told_as_such(
    run: Run, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("HYDROALERT_DATABASE_URL", f"postgresql://x@127.0.0.1:{unused_tcp_port}/x")
    assert_told(run(*command), 3, "does not answer")


def test_a_database_without_its_schema_says_to_migrate(
    run: Run, monkeypatch: pytest.MonkeyPatch, empty_database_url: str
) -> None:
    monkeypatch.setenv("HYDROALERT_DATABASE_URL", empty_database_url)
    assert_told(run("refused", "list"), 1, "hydroalert migrate")


def test_trusting_the_clock_brings_the_newest_arrival_back_to_now(run: Run, database_url: str) -> None:
    fetch(database_url, "UPDATE platform SET newest_arrival = now() + interval '1 year' RETURNING newest_arrival")
    assert "is believed" in run("clock", "trust").out
    assert fetch(database_url, "SELECT newest_arrival <= now() FROM platform") == [True]
