"""A broker without access rules for the stand-in, and the simulator as a process of its own."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.device_sim.stand_in import KEY

DATA = Path(__file__).parents[3] / "shared" / "data"


@dataclass(frozen=True)
class Outcome:
    """How a run of ``device-sim`` ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its result, read as ``--json``."""
        return json.loads(self.out)


Simulate = Callable[..., Awaitable[Outcome]]


@pytest.fixture
def anyones_broker(tmp_path: Path, unused_tcp_port: int) -> Iterator[int]:
    """The loopback port of a Mosquitto that lets everybody in."""
    conf = tmp_path / "broker.conf"
    conf.write_text(f"listener {unused_tcp_port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\n")
    broker = subprocess.Popen(["mosquitto", "-c", str(conf)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(unused_tcp_port)
        yield unused_tcp_port
    finally:
        broker.terminate()
        broker.wait()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError("the broker did not start")


@pytest.fixture
def simulate() -> Simulate:
    """Run ``device-sim`` with these arguments; with ``kill_when`` until that holds, then ``kill -9``."""

    async def run(*arguments: object, kill_when: Callable[[], bool] | None = None) -> Outcome:
        words = [str(argument) for argument in arguments]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "device_sim", *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        talking = asyncio.create_task(process.communicate())
        if kill_when is not None:
            await _either(kill_when, talking)
            process.kill()
        out, err = await asyncio.wait_for(talking, 90)
        assert process.returncode is not None
        return Outcome(process.returncode, out.decode(), err.decode())

    return run


async def _either(holds: Callable[[], bool], talking: asyncio.Task[Any]) -> None:
    while not holds() and not talking.done():  # noqa: ASYNC110 - what it waits for is another process
        await asyncio.sleep(0.01)


def fleet_of(devices: Path, fleet: Path) -> Path:
    """Register what ``plan`` wrote, as the platform would: everybody gets the stand-in's key."""
    rows = json.loads(devices.read_text())
    members = [
        {
            "device": row["device"],
            "station": row["station"],
            "key_id": 3,
            "key_hex": KEY.hex(),
            "mqtt_username": row["device"],
            "mqtt_password": "secret",
            "datastreams": [_stream(*word.split(":")) for word in row["datastreams"].split()],
        }
        for row in rows
    ]
    fleet.write_text(json.dumps(members))
    return fleet


def _stream(code: str, unit: str, interval_s: str) -> dict[str, object]:
    return {"code": code, "unit": unit, "interval_s": int(interval_s)}
