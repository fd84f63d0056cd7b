"""Areas whose state a test sets, and what stands on the broker of them."""

import asyncio
import json
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt

from hydroalert.alerting.pulse import Pulse
from hydroalert.alerting.session import Entry, keep_published
from hydroalert.embedded.mosquitto import Broker
from hydroalert.store import Pool

PATIENCE_S = 30
SQUARE = "SRID=4326;MULTIPOLYGON(((80 7,81 7,81 8,80 8,80 7)))"


class Areas:
    """Puts areas and their revisions into the database, as judging does: state and outbox in one transaction."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.mark = secrets.token_hex(4)
        """The broker outlives a test: each test's areas have codes of their own."""

    async def add(self, name: str) -> str:
        """An area that was never judged; returns its code."""
        code = f"{name}-{self.mark}"
        add = (
            "INSERT INTO area (code, official_code, names, polygon) "
            "VALUES ($1::text, $1::text, '{}', $2::text::geometry)"
        )
        await self.pool.execute(add, code, SQUARE)
        return code

    async def revise(self, code: str, revision: int, *, drill: bool = False) -> None:
        """The area comes to this revision."""
        snapshot = {"area": code, "revision": revision, "status": "exercise" if drill else "actual"}
        state = (
            "UPDATE area_state SET revision = $3, snapshot = $4, judged_at = now(), judge_at = 'infinity' FROM area "
            "WHERE area.id = area_id AND code::text = $1 AND drill = $2"
        )
        waiting = "INSERT INTO outbox SELECT id, $2, $3 FROM area WHERE code::text = $1"
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(state, code, drill, revision, json.dumps(snapshot))
            await connection.execute(waiting, code, drill, revision)

    async def tell(self, code: str, revision: int, xml: str, *, hazard: str = "flood", drill: bool = False) -> None:
        """A revision with a CAP message of one hazard."""
        alert = (
            "INSERT INTO alert (id, area_id, hazard, drill, active, severity, body, raised_at, changed_at, cleared_at) "
            "SELECT $1, id, $3, $4, false, 'severe', '{}', now(), now(), now() FROM area WHERE code::text = $2"
        )
        revised = (
            "INSERT INTO revision SELECT area_id, drill, $2, id, 'raised', hazard, severity, true, now(), null, null, "
            "'{}', '{}' FROM alert WHERE id = $1"
        )
        message = (
            "INSERT INTO cap_message SELECT $3, area_id, drill, $2, id, 'Alert', now(), now(), $4 "
            "FROM alert WHERE id = $1"
        )
        alert_id = uuid.uuid4()
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(alert, alert_id, code, hazard, drill)
            await connection.execute(revised, alert_id, revision)
            await connection.execute(message, alert_id, revision, f"{code}-{revision}-{drill}", xml)
        await self.revise(code, revision, drill=drill)

    async def outbox(self) -> int:
        """How many revisions wait to be shown."""
        waiting: int = await self.pool.fetchval("SELECT count(*) FROM outbox")
        return waiting

    async def until_shown(self) -> None:
        """Wait until nothing waits."""

        async def is_empty() -> bool:
            return await self.outbox() == 0

        await until(is_empty)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for it, or fail."""
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110 - what it looks at sets no event
            await asyncio.sleep(0.02)


def entry_of(broker: Broker, password: str | None = None) -> Entry:
    """How a process enters this broker."""
    return Entry(broker.url, password or broker.alerting_password, secrets.token_hex(16))


@asynccontextmanager
async def publishing(database_url: str, broker: Broker, pulse: Pulse | None = None) -> AsyncIterator[None]:
    """A publisher on this loop."""
    running = asyncio.create_task(keep_published(database_url, entry_of(broker), pulse or Pulse()), name="publish")
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait([running])


async def retained(broker: Broker, *filters: str) -> dict[str, Any]:
    """What a newcomer is told on these topics: JSON as a value, anything else as text."""
    found: dict[str, Any] = {}
    mark = secrets.token_hex(16)
    async with aiomqtt.Client(broker.host, broker.port, protocol=aiomqtt.ProtocolVersion.V5) as reading:
        for one in filters:
            await reading.subscribe(one, qos=1)
        # Retained messages come before the answer to what is asked after them.
        await reading.subscribe(f"hydroalert/v1/alerts/{mark}", qos=1)
        await asyncio.sleep(0.05)
        while len(reading.messages):
            message = await anext(aiter(reading.messages))
            text = bytes(message.payload).decode()
            found[str(message.topic)] = json.loads(text) if text.startswith("{") else text
    return found


async def revision_on(broker: Broker, code: str, *, drill: bool = False) -> int | None:
    """The revision that stands on the area's topic; None where nothing does."""
    topic = f"hydroalert/v1/drill/alerts/{code}" if drill else f"hydroalert/v1/alerts/{code}"
    found = await retained(broker, topic)
    return int(found[topic]["revision"]) if topic in found else None
