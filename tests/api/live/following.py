"""A follower of `/api/v1/stream` that reads it as the standard says."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiomqtt
import httpx

from hydroalert.api.live.pace import Pace
from hydroalert.embedded.mosquitto import Broker
from hydroalert.wire.topics import ROOT


@dataclass(frozen=True)
class Heard:
    """One event."""

    name: str
    data: Any
    id: str | None


class Follower:
    """Events of one answer, in their order; `last_id` is what a browser would send when it comes back."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()
        self.last_id: str | None = None
        self.retry_ms = 0

    async def next(self) -> Heard:
        """The next event. Raises StopAsyncIteration at the end of the answer."""
        name, data, identity = "message", "", None
        async for line in self._lines:
            field, _, value = line.partition(": ")
            match field:
                case "event":
                    name = value
                case "data":
                    data = value
                case "id":
                    self.last_id = identity = value
                case "retry":
                    self.retry_ms = int(value)
                case "" if data:
                    return Heard(name, json.loads(data), identity)
        raise StopAsyncIteration

    async def until(self, name: str) -> list[Heard]:
        """What comes before the next event of that name, and that event at the end."""
        heard = [await self.next()]
        while heard[-1].name != name:
            heard.append(await self.next())
        return heard

    async def state(self) -> list[Heard]:
        """What comes first, without the heartbeat that ends it."""
        return (await self.until("heartbeat"))[:-1]

    async def alert(self) -> Heard:
        """The next alert."""
        return (await self.until("alert"))[-1]


@asynccontextmanager
async def following(
    client: httpx.AsyncClient, *, last_id: str | None = None, headers: dict[str, str] | None = None, **query: Any
) -> AsyncIterator[Follower]:
    """Follow with that filter, from that event on; `headers` say who does."""
    sent = (headers or {}) | ({} if last_id is None else {"Last-Event-ID": last_id})
    async with client.stream("GET", "/api/v1/stream", params=query, headers=sent) as answer:
        assert answer.status_code == 200
        yield Follower(answer)


class Voice:
    """Says on the broker that something changed."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client

    async def hint_area(self, code: str, *, drill: bool = False) -> None:
        """As the retained message of an area."""
        await self._client.publish(f"{ROOT}/{'drill/' if drill else ''}alerts/{code}", b"{}", qos=1)


@asynccontextmanager
async def connected_voice(broker: Broker) -> AsyncIterator[Voice]:
    """Connected as alerting is."""
    async with aiomqtt.Client(
        broker.host,
        broker.port,
        username="_alerting",
        password=broker.alerting_password,
        protocol=aiomqtt.ProtocolVersion.V5,
    ) as client:
        yield Voice(client)


def slow_pace(burst: int) -> Pace:
    """So many looks at all that stands, and hardly any more; for this machine too."""
    return Pace(rate_per_s=0.001, burst=burst, party=str)
