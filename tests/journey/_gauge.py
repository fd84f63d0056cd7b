"""A gauge in the field: registered by the command line, speaking by the firmware's own library."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
from firmware_protocol.device import Answer, Device, KeyRing
from firmware_protocol.frames import FLAG_RECEIPT_WANTED, Content, Header, sign_frame
from firmware_protocol.senml import Reading, split_packs
from firmware_protocol.spool import MemorySpool

from tests.journey._platform import Platform

RECEIPT_WITHIN_S = 20.0


def now_ms() -> int:
    """The gauge's clock."""
    return time.time_ns() // 1_000_000


class Gauge:
    """One registered device with its station; `registered` is what the command line said of it."""

    def __init__(self, platform: Platform, registered: dict[str, Any] | None = None) -> None:
        self.platform = platform
        self.registered = registered or platform.registered_device()
        self.name: str = self.registered["device"]
        self.station: str = self.registered["station"]
        key_id = self.registered["key_id"]
        self.keys = KeyRing({key_id: bytes.fromhex(self.registered["key_hex"])}, key_id)
        self.device = Device(self.name, self.keys, MemorySpool(), rng=Random(1))

    def client(self, **settings: Any) -> aiomqtt.Client:
        """Its connection to the broker."""
        place = urlsplit(self.platform.mqtt)
        assert place.hostname
        return aiomqtt.Client(
            place.hostname,
            place.port or 1883,
            username=self.registered["mqtt_username"],
            password=self.registered["mqtt_password"],
            identifier=self.device.spool.client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            **settings,
        )

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[aiomqtt.Client]:
        """Connected and listening for receipts."""
        async with self.client() as client:
            await client.subscribe(self.device.receipts_topic, qos=1)
            yield client

    async def deliver(self, *readings: Reading) -> list[Answer]:
        """Record readings, publish them, and wait until receipts have emptied the spool; the answers."""
        self.device.record(readings)
        async with self.connected() as client:
            for publication in self.device.publications(now_ms()):
                await client.publish(publication.topic, publication.payload, qos=1)
            return await self.answers(client)

    async def answers(self, client: aiomqtt.Client) -> list[Answer]:
        """Read receipts until nothing is in the spool."""
        answers = []
        async with asyncio.timeout(RECEIPT_WITHIN_S):
            while len(self.device.spool):
                message = await anext(client.messages)
                assert isinstance(message.payload, bytes)
                answers.append(self.device.on_receipt(message.payload))
        return answers

    async def publish(self, *payloads: bytes) -> None:
        """Publish these bytes as frames, as whoever holds its broker password could."""
        async with self.client() as client:
            for payload in payloads:
                await client.publish(self.device.frames_topic, payload, qos=1)

    def frame(self, *readings: Reading, sequence: int = 0, key: bytes | None = None) -> bytes:
        """One frame of these readings that wants a receipt, signed with `key` or its current one."""
        ((body, _),) = split_packs(readings)
        header = Header(Content.SENML_JSON, FLAG_RECEIPT_WANTED, self.keys.current, 7, sequence)
        return sign_frame(key or self.keys.keys[self.keys.current], self.device.frames_topic, header, body)


def refused_of(answers: Sequence[Answer]) -> list[str]:
    """Every refusal word in these answers."""
    return [reason for answer in answers for _, reason in answer.receipt.refused]
