"""Laws of `/api/v1/ws`, against a client that means no good too."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from hydroalert.api.services import Services
from tests.api.alarms import Alarms
from tests.api.live.following import Voice, following, slow_pace


@asynccontextmanager
async def talking(base_url: str, query: str = "") -> AsyncIterator[ClientConnection]:
    """A connection of its own."""
    async with connect(f"{base_url.replace('http', 'ws')}/api/v1/ws{query}", compression=None, proxy=None) as socket:
        yield socket


async def until(socket: ClientConnection, event: str) -> list[dict[str, Any]]:
    """What comes before the next event of that name, and that event at the end."""
    heard = [json.loads(await socket.recv())]
    while heard[-1]["event"] != event:
        heard.append(json.loads(await socket.recv()))
    return heard


async def closed(socket: ClientConnection) -> int:
    """The code that the connection ends with."""
    with suppress(ConnectionClosed):
        async for _ in socket:
            pass
    assert socket.close_code is not None
    return socket.close_code


async def test_the_same_events_come_over_websocket(alarms: Alarms, voice: Voice, base_url: str) -> None:
    await alarms.add_area("avon")
    await alarms.revise("avon", "minor")
    async with talking(base_url, "?area=avon") as socket:
        while "id" not in (alert := (await until(socket, "alert"))[-1]):
            pass  # this process has not looked since it began: so far the area never changed
        assert (alert["id"], alert["data"]["severity"]) == ("avon:1", "minor")
        await alarms.revise("avon", "severe")
        await voice.hint_area("avon")
        assert (await until(socket, "alert"))[-1]["data"]["revision"] == 2


async def test_a_client_may_want_something_else_on_the_way(
    alarms: Alarms, client: httpx.AsyncClient, base_url: str
) -> None:
    for code in ("avon", "calder"):
        await alarms.add_area(code)
        await alarms.revise(code, "minor")
        async with following(client, area=code) as follower:
            while (await follower.alert()).id is None:
                pass  # this process has not looked since it began
    async with talking(base_url, "?area=avon") as socket:
        assert [one["id"] for one in await until(socket, "heartbeat") if one["event"] == "alert"] == ["avon:1"]
        await socket.send('{"subscribe": {"area": ["calder"]}}')
        assert [one["id"] for one in (await until(socket, "alert")) if one["event"] == "alert"] == ["calder:1"]
        await socket.send('{"ping": "anybody there?"}')
        assert (await until(socket, "pong"))[-1]["data"] == "anybody there?"


GARBAGE: list[tuple[str | bytes, int]] = [
    ("", 1008),
    ("{", 1008),
    ("[" * 4000, 1008),
    ("null", 1008),
    ("{}", 1008),
    ('{"subscribe": 7}', 1008),
    ('{"subscribe": {"areas": []}}', 1008),
    ('{"subscribe": {"area": ["Not A Code"]}}', 1008),
    ('{"subscribe": {"bbox": "1,2"}}', 1008),
    ('{"ping": 1' + "0" * 400 + "}", 1008),
    (b"\x00\xff", 1003),
    ('{"ping": "' + "x" * 5000 + '"}', 1009),
    ("x" * 100_000, 1009),
]


async def test_who_sends_garbage_is_told_and_closed_and_others_are_served(
    alarms: Alarms, voice: Voice, base_url: str
) -> None:
    await alarms.add_area("avon")
    async with talking(base_url) as other:
        await until(other, "alert")
        for number, (message, code) in enumerate(GARBAGE, start=1):
            async with talking(base_url) as socket:
                await socket.send(message)
                if len(message) < 65_536:
                    assert (await until(socket, "error"))[-1]["data"]["reason"]
                assert await closed(socket) == code
            await alarms.revise("avon", "minor")
            await voice.hint_area("avon")
            assert (await until(other, "alert"))[-1]["id"] == f"avon:{number}"


async def test_who_floods_is_closed(alarms: Alarms, base_url: str) -> None:
    async with talking(base_url) as socket:
        for _ in range(200):
            await socket.send('{"ping": 1}')
        heard = await until(socket, "error")
        assert sum(one["event"] == "pong" for one in heard) < 60
        assert await closed(socket) == 1008


async def test_who_wants_something_else_too_often_is_told_keeps_what_it_had_and_is_closed_if_it_goes_on(
    alarms: Alarms, voice: Voice, base_url: str, services: Services
) -> None:
    await alarms.add_area("avon")
    services.live.pace = slow_pace(burst=2)
    async with talking(base_url, "?area=avon") as socket:
        await until(socket, "heartbeat")
        for _ in range(2):
            await socket.send('{"subscribe": {"area": ["avon"], "kind": ["alert"]}}')
        error = (await until(socket, "error"))[-1]["data"]
        assert "too often" in error["reason"]
        assert error["retry_ms"] > 0
        await alarms.revise("avon", "minor")
        await voice.hint_area("avon")
        while (await until(socket, "alert"))[-1].get("id") != "avon:1":
            pass
        for _ in range(10):
            await socket.send('{"subscribe": {}}')
        assert await closed(socket) == 1008
    with pytest.raises(InvalidStatus) as refused:
        async with talking(base_url):
            pass
    assert (refused.value.response.status_code, "Retry-After" in refused.value.response.headers) == (429, True)


async def test_a_filter_that_cannot_be_right_is_refused_before_the_handshake(base_url: str) -> None:
    areas = ",".join(f"area-{number}" for number in range(300))
    with pytest.raises(InvalidStatus) as refused:
        async with talking(base_url, f"?area={areas}"):
            pass
    assert refused.value.response.status_code == 400
    assert json.loads(refused.value.response.body)["parameter"] == "area"


async def test_a_client_that_breaks_off_in_the_middle_harms_nobody(alarms: Alarms, base_url: str) -> None:
    port = int(base_url.rsplit(":", 1)[1])
    key = "GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    key += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    for tail in (b"", b"\x81", b"\xff" * 64, b"\x88\x00", b"\x01\x80\0\0\0\0"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(key.encode() + tail)
        await reader.readline()
        writer.close()
    async with talking(base_url) as socket:
        assert (await until(socket, "heartbeat"))[-1]["data"]["at"]
