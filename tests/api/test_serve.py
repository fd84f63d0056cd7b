"""Laws of `hydroalert api` as a process."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

from hydroalert.api.serve import listen
from hydroalert.domain.errors import Unavailable
from tests.api.conftest import MASTER_KEY


async def start(port: int, database_url: str, data_dir: Path) -> asyncio.subprocess.Process:
    environ = os.environ | {
        "HYDROALERT_DATABASE_URL": database_url,
        "HYDROALERT_BROKER_URL": "mqtt://127.0.0.1:9",
        "HYDROALERT_MASTER_KEY": MASTER_KEY.hex(),
        "HYDROALERT_BROKER_BRIDGE_PASSWORD": "secret-of-the-bridge",
    }
    command = (sys.executable, "-m", "hydroalert", "api", "--port", str(port), "--data-dir", str(data_dir))
    return await asyncio.create_subprocess_exec(*command, env=environ, stderr=asyncio.subprocess.PIPE)


async def until_it_answers(port: int) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}/health")
                return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_ends_cleanly_when_it_is_told_to_and_logs_no_secret(
    unused_tcp_port: int, database_url: str, tmp_path: Path, number: signal.Signals
) -> None:
    process = await start(unused_tcp_port, database_url, tmp_path)
    await until_it_answers(unused_tcp_port)
    async with httpx.AsyncClient() as client:
        await client.get(f"http://127.0.0.1:{unused_tcp_port}/api/v1/stations?token=hunter2")
    process.send_signal(number)
    _, logged = await process.communicate()
    assert process.returncode == 0, logged.decode()
    assert b'"path": "/api/v1/stations"' in logged
    for secret in (b"hunter2", MASTER_KEY.hex().encode(), b"secret-of-the-bridge"):
        assert secret not in logged


async def test_it_starts_before_its_database_and_says_that_it_is_not_ready(
    unused_tcp_port: int, tmp_path: Path
) -> None:
    process = await start(unused_tcp_port, "postgresql://nobody@127.0.0.1:9/nothing", tmp_path)
    await until_it_answers(unused_tcp_port)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as client:
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.post("/api/v1/frames/avon-1", content=b"\1")).status_code == 503
    process.terminate()
    await process.communicate()
    assert process.returncode == 0


def test_a_port_that_is_taken_is_said_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"127.0.0.1:{port}.*--port"):
            listen("127.0.0.1", port)
