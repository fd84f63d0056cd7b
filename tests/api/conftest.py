"""The api as a client meets it: uvicorn on a real socket, over a real database."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from hydroalert.api.serve import Binding, Server, http_config, listen, open_services
from hydroalert.api.services import Services
from hydroalert.cli.logging import configure
from hydroalert.domain.actors import Role
from tests.api.people import logged_in
from tests.api.world import World

configure()

MASTER_KEY = bytes(range(32))


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """What is in the database, and how a test puts more there."""
    connection = await asyncpg.connect(database_url)
    yield World(connection)
    await connection.close()


@pytest.fixture
def broker_url(unused_tcp_port: int) -> str:
    """Where the broker should be; there is none."""
    return f"mqtt://127.0.0.1:{unused_tcp_port}"


@pytest.fixture
async def services(database_url: str, broker_url: str, tmp_path: Path) -> AsyncIterator[Services]:
    """What the routes stand on."""
    binding = Binding(
        host="127.0.0.1",
        port=0,
        database_url=database_url,
        broker_url=broker_url,
        broker_bridge_password=None,
        master_key=MASTER_KEY,
        data_dir=tmp_path,
    )
    async with open_services(binding) as opened:
        yield opened


@contextlib.asynccontextmanager
async def serving(services: Services) -> AsyncIterator[str]:
    """Where the api answers on these services."""
    server = Server(http_config(services), services.live)
    with listen("127.0.0.1", 0) as listening:
        task = asyncio.create_task(server._serve(sockets=[listening]), name="http")
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await task


@pytest.fixture
async def base_url(services: Services) -> AsyncIterator[str]:
    """Where the api answers."""
    async with serving(services) as url:
        yield url


@pytest.fixture
async def client(base_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client of the api that nobody is logged in with."""
    async with httpx.AsyncClient(base_url=base_url, timeout=30) as opened:
        yield opened


@pytest.fixture
async def operator(base_url: str, services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """The client of an operator, Asha."""
    headers = await logged_in(services, Role.OPERATOR, "asha")
    async with httpx.AsyncClient(base_url=base_url, timeout=30, headers=headers) as opened:
        yield opened


@pytest.fixture
async def admin(base_url: str, services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """The client of an administrator, Ann."""
    headers = await logged_in(services, Role.ADMIN, "ann")
    async with httpx.AsyncClient(base_url=base_url, timeout=30, headers=headers) as opened:
        yield opened
