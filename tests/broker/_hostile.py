"""Clients that break the rules, byte by byte, since no library would send this."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hydroalert.embedded.mosquitto import Broker
from tests.broker._people import credentials

CONNACK_BYTES = 4


def _text(value: str) -> bytes:
    encoded = value.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def connect_packet(user: str | None, password: str | None, *, will_topic: str | None = None) -> bytes:
    """CONNECT of MQTT 3.1.1 (section 3.1), clean session, no client id."""
    flags = 0x02 | (0x0C if will_topic else 0) | (0xC0 if user else 0)
    body = _text("MQTT") + bytes([4, flags]) + (60).to_bytes(2, "big") + _text("")
    if will_topic:
        body += _text(will_topic) + _text("a will")
    if user:
        body += _text(user) + _text(password or "")
    return bytes([0x10, len(body)]) + body


@asynccontextmanager
async def raw_connection(
    broker: Broker, who: str, *, will_topic: str | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection that the broker accepted, ended without DISCONNECT."""
    reader, writer = await asyncio.open_connection(broker.host, broker.port)
    try:
        writer.write(connect_packet(*credentials(broker, who), will_topic=will_topic))
        assert await reader.readexactly(CONNACK_BYTES) == b"\x20\x02\x00\x00"
        yield reader, writer
    finally:
        writer.close()


def publish_packet(topic: str, payload: bytes, *, qos: int) -> bytes:
    """PUBLISH of MQTT 3.1.1 (section 3.3), packet id 1."""
    body = _text(topic) + b"\x00\x01" + payload
    length = b""
    remaining = len(body)
    while True:  # seven bits a byte, the lowest first (section 2.2.3)
        remaining, low = divmod(remaining, 128)
        length += bytes([low | (0x80 if remaining else 0)])
        if not remaining:
            return bytes([0x30 | qos << 1]) + length + body


async def is_thrown_out(broker: Broker, who: str, packet: bytes) -> bool:
    """Whether the broker ends a connection that sends this; it may say a word first."""
    async with raw_connection(broker, who) as (reader, writer):
        writer.write(packet)
        try:
            async with asyncio.timeout(10):
                await reader.read()
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True


async def die_with_will(broker: Broker, who: str, topic: str) -> None:
    """Connect with a will and violate the protocol, so that the broker ends it and, if it may, publishes the will."""
    async with raw_connection(broker, who, will_topic=topic) as (reader, writer):
        writer.write(b"\xf0\x00")  # packet type 15 does not exist in MQTT 3.1.1
        assert await reader.read(1) == b""
