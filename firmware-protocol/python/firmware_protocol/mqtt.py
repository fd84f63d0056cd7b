"""A device on MQTT 5, by aiomqtt: ``pip install hydroalert-firmware-protocol[mqtt]`` (SPEC 1, 6, 7, 9).

:class:`Gateway` connects, says that it is online, sends what is due, settles what receipts answer, and when the
connection is lost begins again. It decides nothing: :class:`firmware_protocol.device.Device` does.
"""

import asyncio
import logging
import ssl
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from random import Random

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from firmware_protocol.device import Answer, Device, Publication
from firmware_protocol.errors import FrameError

log = logging.getLogger(__name__)

SESSION_EXPIRY_S = 86_400
"""Receipts wait for this long (SPEC 1.6); the platform lets each expire after an hour."""
LOOK_EVERY_S = 1.0
"""How often the spool is asked for what has become due."""
FIRST_RECONNECT_S, MOST_RECONNECT_S = 1.0, 60.0
CLOCK_WARNING_MS = 5_000


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to connect, and as whom. ``tls`` None means without, for loopback."""

    host: str
    port: int
    username: str
    password: str = field(repr=False)
    tls: ssl.SSLContext | None = None


class Gateway:
    """Carries one device over MQTT until :meth:`leave`. Run it with ``await gateway.run()``."""

    def __init__(self, device: Device, broker: Broker, *, rng: Random) -> None:
        self.device = device
        self._broker = broker
        self._rng = rng
        self._started_s = time.monotonic()
        self._wake = asyncio.Event()
        self._leaving = asyncio.Event()
        self._settled = asyncio.Event()

    def wake(self) -> None:
        """Something was recorded: send it now rather than within a second."""
        self._wake.set()

    def leave(self) -> None:
        """Say offline, disconnect, and let :meth:`run` return."""
        self._leaving.set()

    async def drained(self, *, within_s: float) -> bool:
        """Wait until the spool is empty; whether it is."""
        until_s = time.monotonic() + within_s
        while len(self.device.spool) and time.monotonic() < until_s:
            self._settled.clear()
            await _set_within(self._settled, until_s - time.monotonic())
        return len(self.device.spool) == 0

    async def run(self) -> None:
        """Connect again and again, until :meth:`leave`; what is lost meanwhile is the connection, never a reading."""
        wait_s = FIRST_RECONNECT_S
        while not self._leaving.is_set():
            connected_s = time.monotonic()
            try:
                await self._connection()
            except aiomqtt.MqttError as error:
                if time.monotonic() - connected_s > MOST_RECONNECT_S:
                    wait_s = FIRST_RECONNECT_S
                log.warning("connection lost: %s; again in about %.0f s", error, wait_s)
                await self._pause(wait_s * (1 + self._rng.random()))
                wait_s = min(wait_s * 2, MOST_RECONNECT_S)

    async def _connection(self) -> None:
        """One connection, from its last will to its end (SPEC 6.3, 6.4, 6.7)."""
        async with self._client(self.device.last_will(_now_ms())) as client:
            await client.subscribe(self.device.receipts_topic, qos=1)
            online = self.device.online(
                _now_ms(), uptime_s=self._uptime_s(), ask_time=True, monotonic_ms=_monotonic_ms()
            )
            await _publish(client, online)
            log.info("connected as %s; %d frames in the spool", self.device.name, len(self.device.spool))
            await _first_of(self._send(client), self._receive(client), self._leave_taking(client))

    def _client(self, will: Publication) -> aiomqtt.Client:
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        session.SessionExpiryInterval = SESSION_EXPIRY_S
        return aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=self._broker.password,
            identifier=self.device.spool.client_id,
            will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=will.retain),
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=False,
            properties=session,
            tls_context=self._broker.tls,
        )

    async def _send(self, client: aiomqtt.Client) -> None:
        while True:
            self._wake.clear()
            for publication in self.device.publications(_now_ms()):
                await _publish(client, publication)
            await _set_within(self._wake, LOOK_EVERY_S)

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            try:
                payload = message.payload if isinstance(message.payload, bytes) else b""
                _report(self.device.on_receipt(payload, monotonic_ms=_monotonic_ms()))
            except FrameError as error:
                log.warning("dropped a message on %s: %s", message.topic, error)
            self._wake.set()
            self._settled.set()

    async def _leave_taking(self, client: aiomqtt.Client) -> None:
        await self._leaving.wait()
        await _publish(client, self.device.offline(_now_ms(), uptime_s=self._uptime_s()))

    async def _pause(self, seconds: float) -> None:
        await _set_within(self._leaving, seconds)

    def _uptime_s(self) -> int:
        return int(time.monotonic() - self._started_s)


async def _publish(client: aiomqtt.Client, publication: Publication) -> None:
    await client.publish(publication.topic, publication.payload, qos=1, retain=publication.retain)


async def _first_of(*ways: Coroutine[None, None, None]) -> None:
    """Run all until the first ends, end the others, and raise what it raised."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return


def _report(answer: Answer) -> None:
    for (boot, sequence), reason in answer.settlement.refused:
        log.error("frame %d of boot %d was refused: %s; is the registration right?", sequence, boot, reason)
    if answer.platform_ms is not None and abs(answer.platform_ms - _now_ms()) > CLOCK_WARNING_MS:
        log.warning("this clock is %.1f s from the platform's", (_now_ms() - answer.platform_ms) / 1000)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000
