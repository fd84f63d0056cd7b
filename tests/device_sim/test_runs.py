"""Whole runs of ``device-sim`` against a real broker, judged by a stand-in that knows the contract alone."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.device_sim.conftest import Simulate, fleet_of
from tests.device_sim.http_face import serving
from tests.device_sim.stand_in import StandIn, standing_in

ROWS = [("Upper Mill", 1_764_500_000 + 900 * n, 1 + n / 100) for n in range(40)] + [
    ("Lower Mill", 1_764_500_000 + 900 * n, -1 - n / 100) for n in range(40)
]


class Field:
    """One test's files and addresses."""

    def __init__(self, folder: Path, broker: int, http: str, platform: StandIn) -> None:
        self.folder, self.platform, self.http = folder, platform, http
        self.state = folder / "state"
        self.where = ["--broker", f"mqtt://127.0.0.1:{broker}", "--http", http, "--state", self.state, "--json"]

    def source(self) -> Path:
        path = self.folder / "all.tsv"
        lines = ["station_name\ttime_ut\twater_level_m", *(f"{name}\t{time}\t{level}" for name, time, level in ROWS)]
        path.write_text("\n".join(lines) + "\n")
        places = [{"name": name, "lat_lng": [7.0, 80.0]} for name in ("Upper Mill", "Lower Mill")]
        (self.folder / "stations.json").write_text(json.dumps(places))
        return path

    async def fleet(self, simulate: Simulate, *plan: object) -> Path:
        stations, devices = self.folder / "planned-stations.json", self.folder / "planned-devices.json"
        planned = await simulate("plan", *plan, "--stations", stations, "--devices", devices)
        assert planned.code == 0, planned.err
        return fleet_of(devices, self.folder / "fleet.json")

    def reconcile(self) -> list[object]:
        return ["reconcile", "--state", self.state, "--http", self.http, "--json"]


@asynccontextmanager
async def field(folder: Path, broker: int, platform: StandIn | None = None) -> AsyncIterator[Field]:
    async with standing_in(broker, platform) as judge, serving(judge) as http:
        yield Field(folder, broker, http, judge)


async def test_every_row_of_a_file_arrives_once_and_a_second_replay_adds_nothing(
    tmp_path: Path, anyones_broker: int, simulate: Simulate
) -> None:
    async with field(tmp_path, anyones_broker) as place:
        source = place.source()
        fleet = await place.fleet(simulate, "replay", source)
        for _ in range(2):
            outcome = await simulate("replay", source, "--fleet", fleet, *place.where, "--records", 7)
            assert outcome.code == 0, outcome.err
            assert {(t // 1000, v) for (_, _, t), v in place.platform.observations.items()} == {row[1:] for row in ROWS}
        judged = await simulate(*place.reconcile())
        assert judged.code == 0, judged.err
        assert (judged.json["sent"], judged.json["stored"]) == (80, 80)


@pytest.mark.parametrize("way", [["--no-receipts"], ["--transport", "http"]])
async def test_the_other_ways_to_the_platform_bring_every_row_too(
    tmp_path: Path, anyones_broker: int, simulate: Simulate, way: list[str]
) -> None:
    async with field(tmp_path, anyones_broker) as place:
        source = place.source()
        fleet = await place.fleet(simulate, "replay", source)
        outcome = await simulate("replay", source, "--fleet", fleet, *place.where, *way)
        assert outcome.code == 0, outcome.err
        await eventually(lambda: len(place.platform.observations) == 80)
        assert (await simulate(*place.reconcile())).code == 0


async def test_what_has_no_receipt_stays_in_the_spool_and_goes_out_in_the_next_run(
    tmp_path: Path, anyones_broker: int, simulate: Simulate
) -> None:
    async with field(tmp_path, anyones_broker, StandIn(answers=False)) as place:
        source = place.source()
        fleet = await place.fleet(simulate, "replay", source)
        arguments = ["replay", source, "--fleet", fleet, *place.where, "--drain", 0.5]
        silent = await simulate(*arguments)
        assert (silent.code, silent.json["stored"]) == (1, 0)
        assert silent.json["in_spools"] == silent.json["frames"]
        waiting = await simulate(*place.reconcile())
        assert (waiting.code, waiting.json["lost"]) == (1, 0)
        assert waiting.json["waiting_frames"] == silent.json["frames"]


async def test_a_killed_storm_goes_on_under_a_new_boot_and_nothing_of_it_is_lost(
    tmp_path: Path, anyones_broker: int, simulate: Simulate
) -> None:
    async with field(tmp_path, anyones_broker) as place:
        fleet = await place.fleet(simulate, "storm", "--stations-count", 3)
        storm = ["storm", "--fleet", fleet, *place.where, "--speed", 900]
        killed = await simulate(*storm, kill_when=lambda: len(place.platform.observations) > 60)
        assert killed.code == -9
        boots = {boot for frames in place.platform.frames.values() for boot, _ in frames}
        # What the kill left under way has its receipt in the broker's queue, or is sent again after a minute: waiting.
        second = await simulate(*storm, "--duration", 1, "--drain", 1)
        assert second.json["stored"] > 0, second.err
        assert {boot for frames in place.platform.frames.values() for boot, _ in frames} > boots
        judged = (await simulate(*place.reconcile())).json
        assert [judged[amiss] for amiss in ("lost", "doubled", "wrong", "unsent")] == [0, 0, 0, 0]
        assert judged["stored"] == len(place.platform.observations)


async def test_no_fault_makes_the_ledger_and_the_platform_disagree(
    tmp_path: Path, anyones_broker: int, simulate: Simulate
) -> None:
    wild = ["--duplicate", 0.5, "--reorder", 0.5, "--forged", 0.5, "--replayed", 0.5, "--truncated", 0.5]
    sensors = ["--stuck", 0.2, "--spike", 0.2, "--low-battery", 0.2, "--clock", 0.2]
    async with field(tmp_path, anyones_broker) as place:
        fleet = await place.fleet(simulate, "storm", "--stations-count", 4)
        arguments = ["faults", "--fleet", fleet, *place.where, "--none", *wild, *sensors, "--duration", 4]
        outcome = await simulate(*arguments, "--speed", 3600)
        assert outcome.code == 0, outcome.err
        judged = await simulate(*place.reconcile())
        assert judged.code == 0, judged.out
        assert judged.json["refused_as_expected"].keys() == {"time_in_future"}
        assert judged.json["unsigned_sent"] == judged.json["unsigned_counted"]
        assert judged.json["kinds"].keys() >= {"good", "duplicate", "replayed", "forged", "truncated", "spike", "stuck"}


async def test_load_counts_what_receipts_say_and_every_record_is_there(
    tmp_path: Path, anyones_broker: int, simulate: Simulate
) -> None:
    async with field(tmp_path, anyones_broker) as place:
        fleet = await place.fleet(simulate, "load", "--devices-count", 20)
        for way in ([], ["--prepare"], ["--spool"]):
            outcome = await simulate(
                "load", "--fleet", fleet, *place.where, "--frames", 200, "--rate", 2000, "--records", 3, *way
            )
            assert outcome.code == 0, outcome.err
            assert (outcome.json["stored"], outcome.json["records"]) == (200, 600)
            assert outcome.json["latency_p99_ms"] >= outcome.json["latency_p50_ms"] > 0
        judged = await simulate(*place.reconcile())
        assert (judged.code, judged.json["stored"]) == (0, 1800)


@pytest.mark.parametrize(
    ("amiss", "name"),
    [("lost", "lost"), ("doubled", "doubled"), ("wrong", "wrong"), ("unsent", "unsent")],
)
async def test_reconcile_sees_what_a_platform_does_wrong(
    tmp_path: Path, anyones_broker: int, simulate: Simulate, amiss: str, name: str
) -> None:
    async with field(tmp_path, anyones_broker) as place:
        source = place.source()
        fleet = await place.fleet(simulate, "replay", source)
        assert (await simulate("replay", source, "--fleet", fleet, *place.where)).code == 0
        key = ("upper-mill-logger", "level", ROWS[3][1] * 1000)
        if amiss == "lost":
            del place.platform.observations[key]
        elif amiss == "wrong":
            place.platform.observations[key] += 0.001
        else:
            time_ms = key[2] if amiss == "doubled" else key[2] + 1
            place.platform.extra["upper-mill", "level"] = [(time_ms, ROWS[3][2])]
        judged = await simulate(*place.reconcile())
        assert judged.code == 1
        assert judged.json[name] == 1
        assert judged.json["series"][0]["station"] == "upper-mill"


async def test_an_unexpected_refusal_is_not_passed_over(
    tmp_path: Path, anyones_broker: int, simulate: Simulate
) -> None:
    async with field(tmp_path, anyones_broker, StandIn(refuse_datastreams=frozenset({"level"}))) as place:
        source = place.source()
        fleet = await place.fleet(simulate, "replay", source)
        outcome = await simulate("replay", source, "--fleet", fleet, *place.where)
        assert outcome.json["refused"] == {"unknown_datastream": outcome.json["frames"]}
        judged = await simulate(*place.reconcile())
        assert judged.code == 1
        assert judged.json["refused_unexpectedly"] == {"unknown_datastream": outcome.json["frames"]}


async def test_a_device_says_online_with_a_session_of_its_own_and_offline_when_it_goes(
    tmp_path: Path, anyones_broker: int, simulate: Simulate
) -> None:
    async with field(tmp_path, anyones_broker) as place:
        fleet = await place.fleet(simulate, "storm", "--stations-count", 1)
        for _ in range(2):
            await simulate("storm", "--fleet", fleet, *place.where, "--duration", 0.5)
        (said,) = place.platform.statuses.values()
        await eventually(lambda: len(said) == 4)
        assert [one["status"] for one in said] == ["online", "offline"] * 2
        assert said[0]["session"] == said[1]["session"] != said[2]["session"]


async def test_nobody_at_the_address_is_exit_code_3(tmp_path: Path, unused_tcp_port: int, simulate: Simulate) -> None:
    stations, devices = tmp_path / "s.json", tmp_path / "d.json"
    await simulate("plan", "storm", "--stations", stations, "--devices", devices)
    fleet = fleet_of(devices, tmp_path / "fleet.json")
    where = ["--broker", f"mqtt://127.0.0.1:{unused_tcp_port}", "--state", tmp_path / "state", "--give-up", 0.5]
    outcome = await simulate("storm", "--fleet", fleet, *where)
    assert outcome.code == 3
    assert "no device could connect" in outcome.err
    http = f"http://127.0.0.1:{unused_tcp_port}"
    assert (await simulate("reconcile", "--state", tmp_path / "state", "--http", http)).code == 3


@pytest.mark.parametrize(
    "words", [[], ["replay"], ["storm", "--fleet", "nowhere.json"], ["plan", "replay", "nowhere.csv"], ["reconcile"]]
)
async def test_wrong_usage_is_exit_code_2_and_says_why(tmp_path: Path, simulate: Simulate, words: list[str]) -> None:
    more = {"plan": ["--stations", tmp_path / "s", "--devices", tmp_path / "d"], "reconcile": ["--state", tmp_path]}
    outcome = await simulate(*words, *more.get(words[0] if words else "", []))
    assert outcome.code == 2
    assert outcome.err.strip()


async def eventually(holds: object) -> None:
    assert callable(holds)
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about in 10 s")
