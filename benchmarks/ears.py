"""The three ways to hear of an alert, as clients do: MQTT without an account, server-sent events, WebSocket."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import aiomqtt
from websockets.asyncio.client import connect

Tells = Callable[[dict[str, Any]], bool]
"""Whether an area's JSON is what is waited for."""
_ALERTS = "hydroalert/v1/alerts/+"


class Ear:
    """What one way has brought: the newest of each area, and who waits for what comes next."""

    def __init__(self) -> None:
        self.newest: dict[str, dict[str, Any]] = {}
        self._waiting: dict[str, tuple[Tells, asyncio.Future[float]]] = {}
        self._heard = asyncio.Event()

    async def knows(self, areas: set[str]) -> None:
        """Wait until it has heard of all of them."""
        while not areas <= self.newest.keys():
            self._heard.clear()
            await self._heard.wait()

    def expect(self, area: str, tells: Tells) -> asyncio.Future[float]:
        """The moment when the next message of that area that tells it is heard."""
        heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._waiting[area] = (tells, heard)
        return heard

    def hear(self, shown: dict[str, Any]) -> None:
        """An area's JSON has come."""
        now_s, area = time.perf_counter(), shown["area"]
        self.newest[area] = shown
        self._heard.set()
        tells, heard = self._waiting.get(area, (None, None))
        if tells and heard and not heard.done() and tells(shown):
            heard.set_result(now_s)


async def hear_mqtt(host: str, port: int, ear: Ear) -> None:
    """The retained topics, until cancelled."""
    async with aiomqtt.Client(host, port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe(_ALERTS, qos=1)
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            ear.hear(json.loads(message.payload))


async def hear_sse(host: str, port: int, ear: Ear) -> None:
    """`/api/v1/stream`, until cancelled; an event is never split between chunks (RFC 9112, section 7.1)."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET /api/v1/stream?kind=alert HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    event = b""
    while line := await reader.readline():
        if line.startswith(b"event: "):
            event = line[7:].strip()
        elif line.startswith(b"data: ") and event == b"alert":
            ear.hear(json.loads(line[6:]))
    raise RuntimeError("the stream ended")


async def hear_websocket(host: str, port: int, ear: Ear) -> None:
    """`/api/v1/ws`, until cancelled."""
    async with connect(f"ws://{host}:{port}/api/v1/ws?kind=alert", open_timeout=None) as socket:
        async for text in socket:
            said = json.loads(text)
            if said["event"] == "alert":
                ear.hear(said["data"])
    raise RuntimeError("the WebSocket ended")
