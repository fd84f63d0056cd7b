"""Each command does what it says, or says what to do."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hydroalert.admission.decide import Arrival, Rules, decide
from hydroalert.admission.settle import Settler
from hydroalert.store.registry import load_registry
from hydroalert.store.sealing import Sealer
from hydroalert.wire.frame import Header, sign_frame
from hydroalert.wire.topics import Channel, device_topic
from tests.cli.conftest import MASTER_KEY, Run

STATION = ("station", "add", "avon", "--name", "Avon at Evesham", "--lon", "-1.94", "--lat", "52.09", "--river", "Avon")
REGISTER = ("device", "register", "gauge-1", "--station", "avon", "--datastream", "level:m:900")
SHAPE = {"device", "key_id", "key_hex", "mqtt_username", "mqtt_password"}


@pytest.fixture
def gauge(run: Run, no_broker: None) -> dict[str, Any]:
    """A registered device, as its registration was printed."""
    assert run(*STATION).code == 0
    registered: dict[str, Any] = run(*REGISTER, "--json").json
    return registered


def fetch(url: str, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the test's database."""

    async def ask() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    return asyncio.run(ask())


def send(url: str, gauge: dict[str, Any], *packs: list[dict[str, object]]) -> None:
    """Settle frames of a device, as a bridge would."""

    async def settle() -> None:
        connection = await asyncpg.connect(url)
        try:
            registry = await load_registry(connection, Sealer(MASTER_KEY))
            now_ms = time.time_ns() // 1_000_000
            rules = Rules(now_ms, 0, now_ms + 300_000)
            topic = device_topic(gauge["device"], Channel.FRAMES)
            for number, pack in enumerate(packs):
                header = Header(0, 1, gauge["key_id"], 7, number)
                frame = sign_frame(bytes.fromhex(gauge["key_hex"]), topic, header, json.dumps(pack).encode())
                decision = decide(Arrival(gauge["device"], Channel.FRAMES, frame), registry, rules)
                await Settler().settle(connection, [decision], now_ms)
        finally:
            await connection.close()

    asyncio.run(settle())


def test_a_station_is_added_then_updated(run: Run, database_url: str) -> None:
    assert run(*STATION).out == "1 added, 0 updated\n"
    assert run(*STATION).out == "0 added, 1 updated\n"
    assert fetch(database_url, "SELECT code, name, river, ST_X(position) FROM station") == [
        ("avon", "Avon at Evesham", "Avon", -1.94)
    ]


@pytest.mark.parametrize(
    "content",
    [
        '[{"code":"Avon 1","name":"A","lon":1,"lat":2},{"code":"b","name":"B","lon":3,"lat":4}]',
        "code,name,lon,lat,river\nAvon 1,A,1,2,\nb,B,3,4,Teme\n",
        (
            '{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},'
            '"properties":{"code":"Avon 1","name":"A"}},{"type":"Feature","geometry":{"type":"Point",'
            '"coordinates":[3,4]},"properties":{"code":"b","name":"B"}}]}'
        ),
    ],
    ids=["json", "csv", "geojson"],
)
def test_stations_are_imported_in_each_form(run: Run, database_url: str, tmp_path: Path, content: str) -> None:
    file = tmp_path / "stations"
    file.write_text(content)
    assert run("station", "import", str(file)).out == "2 added, 0 updated\n"
    assert fetch(database_url, "SELECT code, official_code FROM station ORDER BY 1") == [
        ("avon-1", "Avon 1"),
        ("b", "b"),
    ]


def test_a_registration_prints_exactly_what_a_device_is_given(gauge: dict[str, Any]) -> None:
    assert gauge.keys() == SHAPE
    assert (gauge["device"], gauge["mqtt_username"], gauge["key_id"]) == ("gauge-1", "gauge-1", 0)
    assert (len(bytes.fromhex(gauge["key_hex"])), len(gauge["mqtt_password"]) >= 16) == (32, True)


@pytest.mark.usefixtures("no_broker")
def test_a_fleet_is_imported_whole_or_not_at_all(run: Run, database_url: str, tmp_path: Path) -> None:
    run(*STATION)
    file = tmp_path / "fleet.json"
    good = {"device": "gauge-1", "station": "avon", "datastreams": "level:m:900 rainfall:mm"}
    file.write_text(json.dumps([good, {**good, "device": "gauge-2"}]))
    refused = run("device", "import", str(file), "--json")
    assert (refused.code, "filled by device gauge-1" in refused.err) == (1, True)
    assert fetch(database_url, "SELECT code FROM device") == []
    file.write_text(json.dumps([good, {**good, "device": "gauge-2", "datastreams": ["level_b:m"]}]))
    assert [one["device"] for one in run("device", "import", str(file), "--json").json] == ["gauge-1", "gauge-2"]


def test_a_key_is_rotated_and_shown_once(run: Run, gauge: dict[str, Any]) -> None:
    rotated = run("device", "rotate-key", "gauge-1", "--overlap-s", "60", "--json").json
    assert (rotated["device"], rotated["key_id"]) == ("gauge-1", 1)
    assert rotated["key_hex"] != gauge["key_hex"]


def test_a_device_is_revoked(run: Run, database_url: str, gauge: dict[str, Any]) -> None:
    assert run("device", "revoke", gauge["device"]).out == "gauge-1 is revoked\n"
    assert fetch(database_url, "SELECT revoked_at IS NOT NULL FROM device") == [(True,)]


def test_a_quota_is_set_and_lifted(run: Run, database_url: str, gauge: dict[str, Any]) -> None:
    assert "500 an hour" in run("device", "quota", gauge["device"], "500").out
    assert fetch(database_url, "SELECT rows_per_hour FROM device") == [(500,)]
    assert run("device", "quota", gauge["device"]).code == 0
    assert fetch(database_url, "SELECT rows_per_hour FROM device") == [(None,)]


def test_a_station_is_forgotten_only_where_nothing_hangs_on_it(
    run: Run, database_url: str, gauge: dict[str, Any]
) -> None:
    kept = run("station", "remove", "avon")
    assert (kept.code, "(datastreams: 1, devices: 1)" in kept.err) == (1, True)
    run("station", "add", "teme", "--name", "Teme", "--lon", "0", "--lat", "0")
    assert (run("station", "remove", "teme").code, run("station", "remove", "teme").code) == (0, 1)
    assert fetch(database_url, "SELECT code FROM station") == [("avon",)]


def test_a_series_is_imported_once(run: Run, database_url: str, gauge: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "series.csv"
    file.write_text("time,result\n2025-11-28T06:30:00Z,1.25\n2025-11-28T12:15:00+05:30,1.5\n2025-11-28T06:30:00Z,9\n")
    command = ("observations", "import", str(file), "--station", "avon", "--datastream", "level")
    assert gauge["device"] == "gauge-1"
    assert run(*command).out == "2 stored, 0 already there, 1 kept as conflicts\n"
    assert run(*command).out == "0 stored, 3 already there, 0 kept as conflicts\n"
    assert fetch(database_url, "SELECT result FROM observation ORDER BY phenomenon_time") == [(1.25,), (1.5,)]
    begun = fetch(database_url, "SELECT target, after ->> 'file' FROM audit.entry WHERE act = 'import begun'")
    assert begun == 2 * [("avon/level", "series.csv")]


def test_refused_frames_are_listed_shown_and_retried(run: Run, database_url: str, gauge: dict[str, Any]) -> None:
    send(database_url, gauge, [{"n": "rainfall", "t": int(time.time()), "v": 4}])
    (listed,) = run("refused", "list", "--device", "gauge-1", "--json").json
    shown = run("refused", "show", str(listed["id"]))
    assert listed["reason"] == "unknown_datastream"
    assert "unknown_datastream" in shown.out
    assert "rainfall" in "".join(line[-16:] for line in shown.out.splitlines())
    (retried,) = run("refused", "retry", "--json").json
    assert retried["reason"] == "unknown_datastream"


def test_a_conflict_is_listed_and_preferred(run: Run, database_url: str, gauge: dict[str, Any]) -> None:
    now_s = int(time.time())
    send(database_url, gauge, *([{"n": "level", "t": now_s, "v": value}] for value in (1, 2)))
    (listed,) = run("conflicts", "list", "--station", "avon", "--json").json
    assert (listed["result"], listed["series_result"]) == (2.0, 1.0)
    assert run("conflicts", "prefer", str(listed["id"])).code == 0
    assert fetch(database_url, "SELECT result FROM observation") == [(2.0,)]


def test_a_schema_that_is_the_newest_is_left_alone(run: Run) -> None:
    assert run("migrate").out == "The schema is the newest already.\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((*STATION[:5], "--lon", "181", "--lat", "0"), 1, "longitude comes first"),
        (("station", "add", "…", "--name", "x", "--lon", "0", "--lat", "0"), 1, "nothing of it can be kept"),
        (("station", "add", "a", "--name", "x", "--lon", "east", "--lat", "0"), 2, "--lon"),
        (("station", "import", "nowhere.csv"), 1, "nowhere.csv"),
        (REGISTER, 1, "hydroalert station add avon"),
        (("device", "register", "g", "--station", "a"), 2, "--datastream"),
        (("device", "register", "g", "--station", "a", "--datastream", "Level"), 2, "level:m:900"),
        (("device", "rotate-key", "gauge-9"), 1, "no device gauge-9"),
        (("device", "rotate-key", "gauge-9", "--overlap-s", "-1"), 2, "whole number"),
        (("device", "revoke", "gauge-9"), 1, "no device gauge-9"),
        (("refused", "show", "9"), 1, "refused list"),
        (("conflicts", "prefer", "9"), 1, "conflicts list"),
        (("observations", "import", "x.csv", "--station", "a", "--datastream", "b"), 1, "has no datastream b"),
        (("broker", "sync"), 3, "hydroalert up"),
        ((), 2, "COMMAND"),
    ],
)
def test_what_cannot_be_done_ends_in_words_that_say_what_to_do(
    run: Run, arguments: tuple[str, ...], code: int, words: str
) -> None:
    said = run(*arguments)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert "Traceback" not in said.err


def test_without_a_database_every_command_says_how_to_start_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HYDROALERT_DATABASE_URL")
    said = run(*STATION)
    assert (said.code, "hydroalert up" in said.err) == (3, True)


def test_a_database_that_does_not_answer_is_unavailable(
    run: Run, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("HYDROALERT_DATABASE_URL", f"postgresql://x@127.0.0.1:{unused_tcp_port}/x")
    said = run(*STATION)
    assert (said.code, "does not answer" in said.err) == (3, True)


@pytest.mark.parametrize("key", ["", "00", "zz" * 32])
def test_a_wrong_master_key_registers_nothing(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    run(*STATION)
    monkeypatch.setenv("HYDROALERT_MASTER_KEY", key)
    said = run(*REGISTER)
    assert (said.code, "HYDROALERT_MASTER_KEY" in said.err) == (1, True)
    assert fetch(database_url, "SELECT * FROM device") == []


COMMANDS = (
    ("up",), ("migrate",), ("bridge",), ("api",), ("station", "add"), ("station", "import"), ("device", "register"),
    ("station", "remove"), ("device", "quota"), ("device", "import"), ("device", "rotate-key"), ("device", "revoke"),
    ("refused", "list"), ("refused", "show"),
    ("refused", "retry"), ("conflicts", "list"), ("conflicts", "prefer"), ("broker", "sync"), ("broker", "init"),
    ("observations", "import"), ("clock", "trust"), ("area", "import"), ("area", "add"), ("area", "list"),
    ("area", "show"), ("area", "stations"), ("area", "suggest"), ("area", "around"), ("area", "remove"),
    ("rules", "add"), ("rules", "ladder"), ("rules", "import"), ("rules", "list"), ("rules", "show"),
    ("rules", "history"), ("rules", "retire"),
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(run: Run, command: tuple[str, ...]) -> None:
    said = run(*command, "--help")
    assert said.code == 0
    assert f"usage: hydroalert {' '.join(command)}" in said.out
