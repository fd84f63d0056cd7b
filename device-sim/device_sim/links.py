"""How an agent's frames travel: over MQTT, or over ``POST /api/v1/frames/{device}``."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
from firmware_protocol.device import Publication

from device_sim.agent import Agent, Dial, Link
from device_sim.fleet import Member
from device_sim.mqtt import AT_LEAST_ONCE, Account, Broker, BrokerLost, Will, connect

_HTTP_AT_ONCE = 8  # posts of one device under way
_DIALS_AT_ONCE = 100  # thousands at a time would overrun a broker's backlog of connections
_HTTP_TIMEOUT_S = 30.0
_WAIT_S = 1.0  # where an answer names no Retry-After
_LAST_POSTS_S = 2.0  # what is still under way at the end is cut off after this


def mqtt_dial(broker: Broker, members: dict[str, Member], *, receipts: bool) -> Dial:
    """Links over MQTT; subscribes to the device's receipts before anything is sent."""

    at_once = asyncio.Semaphore(_DIALS_AT_ONCE)

    async def dial(agent: Agent, will: Publication) -> Link:
        async with at_once:
            return await _open(agent, will)

    async def _open(agent: Agent, will: Publication) -> Link:
        member = members[agent.name]
        account = Account(agent.outbox.device.spool.client_id, member.mqtt_username, member.mqtt_password)
        last_will = Will(will.topic, payload=will.payload, qos=AT_LEAST_ONCE, retain=will.retain)
        link = await connect(broker, account, last_will, agent.hear)
        if receipts:
            await link.subscribe(agent.outbox.device.receipts_topic)
        return link

    return dial


@asynccontextmanager
async def http_links(url: str) -> AsyncIterator[Dial]:
    """Links over HTTP for the time of the block; leaving it waits a moment for the posts under way.

    There is no last will, and nothing to connect: a link opens when the platform answers at all.
    """
    posts: set[asyncio.Task[None]] = set()
    async with http_client(url) as client:

        async def dial(agent: Agent, will: Publication) -> Link:
            await reachable(client)
            return HttpLink(client, agent.name, agent.outbox.device.receipts_topic, posts)

        yield dial
        if posts:
            _, late = await asyncio.wait(posts, timeout=_LAST_POSTS_S)
            for post in late:
                post.cancel()


def http_client(url: str) -> httpx.AsyncClient:
    """A client of the platform's HTTP API. Raises ValueError for what is no URL."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"the platform's address is http://host:port, not {url!r}")
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    return httpx.AsyncClient(base_url=url.rstrip("/"), timeout=_HTTP_TIMEOUT_S, limits=limits)


def _nothing(*_: object) -> None:
    """The callback of somebody who does not listen."""


class HttpLink:
    """One device's posts. Status 200 carries the receipt; 429 and 503 are tried again after Retry-After."""

    def __init__(
        self, client: httpx.AsyncClient, device: str, receipts_topic: str, all_posts: set[asyncio.Task[None]]
    ) -> None:
        self.on_message: Callable[[str, bytes], None] = _nothing
        self.on_settled: Callable[[int, str | None], None] = _nothing
        self.on_lost: Callable[[], None] = _nothing
        self._client = client
        self._path = f"/api/v1/frames/{device}"
        self._receipts_topic = receipts_topic
        self._posts: set[asyncio.Task[None]] = set()
        self._all_posts = all_posts
        self._number = 0
        self._open = True

    @property
    def room(self) -> int:
        """How many more posts may be under way."""
        return _HTTP_AT_ONCE - len(self._posts) if self._open else 0

    @property
    def is_open(self) -> bool:
        """Whether posts are accepted."""
        return self._open

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Post one frame in the background; the path carries frames and statuses alike."""
        self._number += 1
        post = asyncio.get_running_loop().create_task(self._post(self._number, payload))
        for posts in (self._posts, self._all_posts):
            posts.add(post)
            post.add_done_callback(posts.discard)
        return self._number

    def close(self) -> None:
        """Take no more posts; those under way go on."""
        self._open = False

    def drop(self) -> None:
        """Cut everything off."""
        if self._open:
            self._open = False
            for post in self._posts:
                post.cancel()
            self.on_lost()

    async def _post(self, number: int, payload: bytes) -> None:
        try:
            response = await self._client.post(self._path, content=payload)
            while response.status_code in {429, 503}:
                await asyncio.sleep(_retry_after_s(response))
                response = await self._client.post(self._path, content=payload)
        except httpx.TransportError:
            self.drop()
            return
        await asyncio.sleep(0)  # the caller learns the number before its answer
        if response.status_code == 200:
            self.on_message(self._receipts_topic, response.content)
        self.on_settled(number, None if response.status_code == 200 else f"http {response.status_code}")


def _retry_after_s(response: httpx.Response) -> float:
    said = response.headers.get("retry-after", "")
    return float(said) if said.isdigit() else _WAIT_S


async def reachable(client: httpx.AsyncClient) -> None:
    """Raises BrokerLost where nobody answers over HTTP."""
    try:
        await client.get("/health")
    except httpx.TransportError as error:
        raise BrokerLost(f"cannot reach {client.base_url}: {error}") from error
