"""A probing device: its level crosses its area's threshold up and down, and it knows when it said so."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt
import asyncpg
from firmware_protocol.frames import frames_topic

from benchmarks.areas import CROSSED_M
from benchmarks.frames import Member, level_frame

_STANDS = "SELECT EXISTS (SELECT FROM alert JOIN area ON area.id = area_id WHERE active AND code = $1)"
_OFF_M = 0.02
"""So little that no quality test doubts it."""


class Probe:
    """One device on a connection of its own."""

    def __init__(self, client: aiomqtt.Client, member: Member, boot: int) -> None:
        self.area = member.device
        self._client = client
        self._member = member
        self._boot = boot
        self._sequence = 0

    async def say(self, at_ms: int, *, above: bool) -> float:
        """Publish a level of that phenomenon time; the moment on the clock that all processes share, in seconds."""
        level_m = CROSSED_M + (_OFF_M if above else -_OFF_M)
        frame = level_frame(self._member, boot=self._boot, sequence=self._sequence, at_ms=at_ms, level_m=level_m)
        self._sequence += 1
        said_at_s = time.perf_counter()
        await self._client.publish(frames_topic(self._member.device), frame, qos=1)
        return said_at_s


async def calm(database_url: str, probe: Probe) -> None:
    """Go below the threshold, and wait until no alert of its area stands."""
    await probe.say(time.time_ns() // 1_000_000, above=False)
    connection = await asyncpg.connect(database_url)
    try:
        while await connection.fetchval(_STANDS, probe.area):  # noqa: ASYNC110 - another process brings it about
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


@asynccontextmanager
async def connected_probe(host: str, port: int, member: Member, boot: int) -> AsyncIterator[Probe]:
    """A probe for as long as the block lasts."""
    async with aiomqtt.Client(
        host,
        port,
        username=member.username,
        password=member.password,
        identifier=f"probe-{member.device}",
        protocol=aiomqtt.ProtocolVersion.V5,
    ) as client:
        yield Probe(client, member, boot)
