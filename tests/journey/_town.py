"""A warned place: a gauge, an area around it with a ladder, and everyone who listens there."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
import httpx
from firmware_protocol.senml import Reading
from websockets.asyncio.client import ClientConnection, connect

from tests.alerting.notify.receivers import Mailbox, Webhook
from tests.api.live.following import Follower, following
from tests.journey._gauge import Gauge, now_ms
from tests.journey._platform import INTERVAL_S, LAT, LON, SOON_S, Platform, wait_until

CALM_M, HIGH_M, WORST_M = 1.0, 2.2, 3.2
LADDER = ("alert:2:moderate", "flood:3:severe")
ALERTS = "hydroalert/v1/alerts"
DRILLS = "hydroalert/v1/drill/alerts"

Heard = Callable[[dict[str, Any]], bool]


class Town:
    """An area with the code of its station, calm and known to be calm."""

    def __init__(self, gauge: Gauge) -> None:
        self.gauge = gauge
        self.platform = gauge.platform
        self.area = gauge.station

    async def report(self, level_m: float) -> None:
        """The gauge measures that now, and has its receipt."""
        await self.gauge.deliver(Reading("level", now_ms(), level_m, "m"))

    async def command(self, *arguments: str) -> str:
        """A command that must succeed; what it prints."""
        return await asyncio.to_thread(self.platform.command, *arguments)

    async def ask(self, *arguments: str) -> Any:
        """The same, as JSON."""
        return await asyncio.to_thread(self.platform.ask, *arguments)

    async def miss_it_after(self, silence_s: float) -> None:
        """Let the gauge count as silent here so soon after its last word; the area is judged anew at once."""
        outline, factor = f"--circle={LON},{LAT},900", str(silence_s / INTERVAL_S)
        await self.command("area", "add", self.area, "--name", self.area, outline, "--silence-factor", factor)

    async def alert_id(self) -> str:
        """Of the alert that stands here."""
        (alert,) = await self.ask("alert", "list", "--area", self.area)
        return str(alert["body"]["id"])


async def warned_town(platform: Platform, registered: dict[str, Any] | None = None) -> Town:
    """A gauge that has spoken, an area around it, a ladder over its level."""
    town = Town(Gauge(platform, registered))
    await town.report(CALM_M)
    await town.command("area", "around", town.area, "--radius-m", "900")
    levels = [part for level in LADDER for part in ("--level", level)]
    await town.command("rules", "ladder", town.area, town.area, "level", *levels)
    await asyncio.to_thread(wait_until, lambda: is_calm(platform, town.area))
    return town


def is_calm(platform: Platform, area: str) -> bool:
    """Judged, and heard of."""
    shown = platform.get(f"areas/{area}")
    return (shown["state"], shown["blind"]) == ("cleared", False)


class Broker:
    """What anybody hears on topics: every message in its order, by topic."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self.heard: list[tuple[str, bytes]] = []

    async def until(self, topic: str, holds: Callable[[bytes], bool]) -> bytes:
        """The next message of the topic that is so."""
        async with asyncio.timeout(SOON_S):
            while True:
                message = await anext(self._client.messages)
                assert isinstance(message.payload, bytes)
                self.heard.append((message.topic.value, message.payload))
                if message.topic.matches(topic) and holds(message.payload):
                    return message.payload

    async def area(self, topic: str, holds: Heard) -> dict[str, Any]:
        """The next state of an area that is so."""
        said: dict[str, Any] = json.loads(await self.until(topic, lambda payload: holds(json.loads(payload))))
        return said


@asynccontextmanager
async def anybody(platform: Platform, *topics: str) -> AsyncIterator[Broker]:
    """Somebody without an account, who follows these topics."""
    place = urlsplit(platform.mqtt)
    assert place.hostname
    async with aiomqtt.Client(place.hostname, place.port or 1883, protocol=aiomqtt.ProtocolVersion.V5) as client:
        for topic in topics:
            await client.subscribe(topic, qos=1)
        yield Broker(client)


class Listeners:
    """One of each kind that hears of an area."""

    def __init__(self, broker: Broker, stream: Follower, socket: ClientConnection) -> None:
        self.broker = broker
        self._stream = stream
        self._socket = socket

    async def streamed(self, event: str, holds: Heard) -> dict[str, Any]:
        """The next such event over server-sent events."""
        async with asyncio.timeout(SOON_S):
            while True:
                said = (await self._stream.until(event))[-1].data
                if holds(said):
                    return dict(said)

    async def socketed(self, event: str, holds: Heard) -> dict[str, Any]:
        """The next such event over WebSocket."""
        async with asyncio.timeout(SOON_S):
            while True:
                said = json.loads(await self._socket.recv())
                if said["event"] == event and holds(said["data"]):
                    return dict(said["data"])


@asynccontextmanager
async def listeners(town: Town, *, drill: bool = False) -> AsyncIterator[Listeners]:
    """Connected, and following the town alone."""
    query = f"area={town.area}&drill={str(drill).lower()}"
    topics = [f"{root}/{town.area}{below}" for root in (ALERTS, DRILLS) for below in ("", "/+/cap")]
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(anybody(town.platform, *topics))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=town.platform.http, timeout=30))
        stream = await stack.enter_async_context(following(client, area=town.area, drill=str(drill).lower()))
        address = f"{town.platform.http.replace('http', 'ws', 1)}/api/v1/ws?{query}"
        socket = await stack.enter_async_context(connect(address, proxy=None))
        yield Listeners(broker, stream, socket)


async def subscribe(town: Town, to: Webhook | Mailbox, *options: str) -> dict[str, Any]:
    """Let a receiver hear of the town from minor on; what the command shows, once."""
    arguments = ("--to", to.url, "--area", town.area, "--severity", "minor", *options)
    shown: dict[str, Any] = await town.ask("subscription", "add", *arguments)
    return shown


async def arrived(to: Webhook | Mailbox, number: int) -> None:
    """Wait until so many messages came."""
    async with asyncio.timeout(SOON_S):
        while len(to.arrived) < number:  # noqa: ASYNC110 - what arrives is counted elsewhere
            await asyncio.sleep(0.05)


def feed_of(town: Town, **query: str) -> str:
    """The Atom feed of the town's CAP messages."""
    answer = httpx.get(f"{town.platform.http}/api/v1/cap", params={"area": town.area, **query}, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.text


def listed_in(feed: str) -> list[str]:
    """Where the messages of a feed are, the newest first."""
    return re.findall(r'href="([^"]*/cap/[^"?]+)"', feed)
