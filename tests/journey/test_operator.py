"""What an operator does on the command line: look at refused frames and retry, prefer, import, rebuild the broker."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import aiomqtt
import pytest
from firmware_protocol.senml import Reading

from tests.journey._gauge import Gauge, now_ms, refused_of
from tests.journey._platform import Platform

STATION = "kelani-ganga-7"


@pytest.fixture(autouse=True, scope="module")
def _station(platform: Platform) -> None:
    platform.command("station", "add", "Kelani-Ganga 7", "--name", "Seven", "--lon=80.2", "--lat=6.95")


def test_a_device_that_is_registered_by_itself_is_told_its_secrets_once(platform: Platform) -> None:
    told = platform.ask("device", "register", "k-7", "--station", STATION, "--datastream", "level:m")
    assert sorted(told) == ["device", "key_hex", "key_id", "mqtt_password", "mqtt_username"]
    assert (told["device"], told["mqtt_username"], len(bytes.fromhex(told["key_hex"]))) == ("k-7", "k-7", 32)


async def test_a_frame_over_quota_is_kept_shown_and_stored_by_its_retry(platform: Platform) -> None:
    registered = platform.ask(
        "device", "register", "k-8", "--station", STATION, "--datastream", "level_b:m", "--rows-per-hour", "1"
    )
    gauge = Gauge(platform, registered | {"station": STATION})
    refused: list[str] = []
    while not refused:  # what a device has written is looked up every few seconds
        refused = refused_of(await gauge.deliver(Reading("level_b", now_ms(), 4.5, "m")))
    assert refused == ["over_quota"]
    before = len(platform.observations(STATION, "level_b"))

    (kept,) = platform.ask("refused", "list", "--device", "k-8")
    assert (kept["reason"], kept["authentic"]) == ("over_quota", True)
    assert "over_quota" in platform.command("refused", "show", str(kept["id"]))
    assert platform.ask("refused", "retry", str(kept["id"]))[0]["reason"] is None
    assert platform.ask("refused", "list", "--device", "k-8") == []
    assert len(platform.observations(STATION, "level_b")) == before + 1


async def test_a_frame_whose_cause_is_not_mended_stays_refused(platform: Platform) -> None:
    gauge = Gauge(platform)
    assert refused_of(await gauge.deliver(Reading("wind", now_ms(), 4.5, "m/s"))) == ["unknown_datastream"]
    (again,) = platform.ask("refused", "retry", "--device", gauge.name)
    assert again["reason"] == "unknown_datastream"
    assert len(platform.ask("refused", "list", "--device", gauge.name)) == 1


async def test_a_datastream_that_is_added_later_takes_what_was_refused_for_want_of_it(platform: Platform) -> None:
    gauge = Gauge(platform)
    assert refused_of(await gauge.deliver(Reading("wind", now_ms(), 4.5, "m/s"))) == ["unknown_datastream"]
    platform.command("device", "add-datastream", gauge.name, "wind:m/s:900")
    (again,) = platform.ask("refused", "retry", "--device", gauge.name)
    assert again["reason"] is None
    assert [result for _, result in platform.observations(gauge.station, "wind")] == [4.5]
    assert platform.ask("refused", "list", "--device", gauge.name) == []


async def test_a_second_value_is_kept_aside_until_an_operator_prefers_it(platform: Platform) -> None:
    gauge = Gauge(platform)
    time_ms = now_ms()
    await gauge.deliver(Reading("level", time_ms, 1.0, "m"))
    assert refused_of(await gauge.deliver(Reading("level", time_ms, 1.4, "m"))) == []
    assert [result for _, result in platform.observations(gauge.station)] == [1.0]

    (conflict,) = platform.ask("conflicts", "list", "--station", gauge.station)
    assert (conflict["result"], conflict["series_result"]) == (1.4, 1.0)
    platform.command("conflicts", "prefer", str(conflict["id"]))
    assert [result for _, result in platform.observations(gauge.station)] == [1.4]


def test_an_imported_series_is_stored_once_however_often_it_is_imported(platform: Platform, tmp_path: Path) -> None:
    gauge = Gauge(platform)
    series = tmp_path / "series.csv"
    series.write_text("time,result\n2024-05-01T00:00:00Z,1.5\n2024-05-01T00:15:00Z,1.75\n")
    arguments = ("observations", "import", str(series), "--station", gauge.station, "--datastream", "level")
    said = [platform.command(*arguments) for _ in range(2)]
    assert said[0].startswith("2 stored, 0 already there")
    assert said[1].startswith("0 stored, 2 already there")
    assert platform.observations(gauge.station) == [
        ("2024-05-01T00:00:00.000Z", 1.5),
        ("2024-05-01T00:15:00.000Z", 1.75),
    ]


def test_stations_are_imported_from_geojson_and_updated_by_their_code(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "stations.geojson"

    def imported(name: str) -> str:
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [79.5, 7.5]},
            "properties": {"code": "from-a-file", "name": name, "river": "Deduru Oya"},
        }
        file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
        return platform.command("station", "import", str(file)).strip()

    assert imported("First") == "1 added, 0 updated"
    assert imported("Second") == "0 added, 1 updated"
    found = platform.get("stations", bbox="79.4,7.4,79.6,7.6")["stations"]
    assert [(one["code"], one["name"]) for one in found] == [("from-a-file", "Second")]


async def test_broker_sync_gives_back_an_account_that_the_broker_lost(platform: Platform) -> None:
    gauge = Gauge(platform)
    await _forget_account(platform, gauge.name)
    with pytest.raises(aiomqtt.MqttError):
        async with gauge.client():
            pass
    assert platform.command("broker", "sync").startswith("1 created")
    await gauge.deliver(Reading("level", now_ms(), 1.1, "m"))
    assert len(platform.observations(gauge.station)) == 1


async def _forget_account(platform: Platform, name: str) -> None:
    """As a broker that lost its disk: by the plugin's own control topic."""
    place = urlsplit(platform.mqtt)
    password = (platform.data_dir / "secrets" / "broker-admin-password").read_text().strip()
    command = {"commands": [{"command": "deleteClient", "username": name}]}
    assert place.hostname
    async with aiomqtt.Client(place.hostname, place.port or 1883, username="_admin", password=password) as admin:
        await admin.publish("$CONTROL/dynamic-security/v1", json.dumps(command), qos=1)


def test_a_command_that_cannot_be_done_says_why_and_fails(platform: Platform) -> None:
    done = platform.run("device", "register", "x-1", "--station", "no-such-station", "--datastream", "level:m")
    assert done.returncode == 1
    assert "no-such-station" in done.stderr
