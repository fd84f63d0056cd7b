"""Laws of patience with bodies, through a real socket."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from hydroalert.api import app as application
from hydroalert.api.patience import Patient
from hydroalert.api.services import Services
from tests.api.conftest import serving

HEAD = (
    "POST /api/v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
)


@pytest.fixture
async def port(services: Services, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """Where an api listens that waits for a fifth of a second."""
    monkeypatch.setattr(application, "Patient", lambda app: Patient(app, patience_s=0.2))
    async with serving(services) as base_url:
        yield int(base_url.rpartition(":")[2])


async def test_a_body_that_does_not_come_is_refused_and_the_connection_closed(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD.encode() + b"{")
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["type"] == "urn:hydroalert:problem:too-slow"


async def test_who_only_listens_is_listened_to_for_longer(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    await asyncio.sleep(0.5)
    reading = asyncio.create_task(reader.read())
    await asyncio.sleep(0.2)
    assert not reading.done()
    reading.cancel()
    writer.close()
