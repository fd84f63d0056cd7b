"""What one client can cost the broker is bounded, and the others are served meanwhile."""

import asyncio
from pathlib import Path

import pytest

from hydroalert.embedded.leftovers import processes_in
from hydroalert.embedded.mosquitto import Broker
from tests.broker._hostile import is_thrown_out, publish_packet
from tests.broker._people import ALL, client, observing

FRAMES = "hydroalert/v1/devices/river-1/frames"
LARGEST = 262144


def _memory_bytes(broker: Broker) -> int:
    """The broker's resident memory now (proc(5), VmRSS)."""
    (pid,) = processes_in(broker.directory)
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


async def test_a_payload_above_the_limit_ends_the_connection_and_reaches_nobody(broker: Broker) -> None:
    async with observing(broker) as observer:
        assert await is_thrown_out(broker, "device", publish_packet(FRAMES, bytes(LARGEST), qos=1))
        assert await observer.seen() == []


async def test_a_payload_below_the_limit_passes(broker: Broker) -> None:
    payload = bytes(LARGEST - len(FRAMES) - 16)
    async with observing(broker) as observer:
        async with client(broker, "device") as device:
            await device.publish(FRAMES, payload, qos=1)
        assert await observer.seen() == [(FRAMES, payload)]


@pytest.mark.parametrize("who", ["anonymous", "device"])
async def test_a_packet_that_claims_256_mib_is_refused_by_its_header_alone(broker: Broker, who: str) -> None:
    before = _memory_bytes(broker)
    claim = b"\x32\xff\xff\xff\x7f"  # PUBLISH, remaining length 268,435,455 (MQTT 3.1.1, section 2.2.3)
    assert await is_thrown_out(broker, who, claim)
    assert _memory_bytes(broker) - before < 8_000_000


async def test_a_connect_that_never_ends_is_refused_by_its_header_alone(broker: Broker) -> None:
    reader, writer = await asyncio.open_connection(broker.host, broker.port)
    writer.write(b"\x10\xff\xff\xff\x7f")
    assert await reader.read(1) == b""
    writer.close()


@pytest.mark.parametrize("who", ["anonymous", "device"])
async def test_thousands_of_subscriptions_are_refused_one_by_one(broker: Broker, who: str) -> None:
    async with client(broker, who) as greedy:
        for start in range(0, 5000, 500):
            topics = [(f"hydroalert/v1/devices/d{n}/receipts", 1) for n in range(start, start + 500)]
            codes = await greedy.subscribe(topics)  # type: ignore[arg-type]
            assert all(code.value >= 128 for code in codes)


async def test_qos_2_is_refused(broker: Broker) -> None:
    async with observing(broker) as observer:
        assert await is_thrown_out(broker, "device", publish_packet(FRAMES, b"level", qos=2))
        assert await observer.seen() == []


@pytest.mark.parametrize(
    "packet", [b"\x00\x00", b"\xf0\x00", b"\x32\x00", b"\x82\x02\x00\x00", b"\x32\x05\x00\x01\xff\x00\x01"]
)
async def test_a_malformed_packet_ends_that_connection_only(broker: Broker, packet: bytes) -> None:
    async with client(broker, "other") as neighbour:
        assert await is_thrown_out(broker, "device", packet)
        await neighbour.publish("hydroalert/v1/devices/river-2/frames", b"undisturbed", qos=1)


@pytest.mark.parametrize("who", ALL)
async def test_a_flood_of_forbidden_messages_leaves_nothing_behind(broker: Broker, who: str) -> None:
    async with observing(broker) as observer:
        async with client(broker, who) as flooding:
            for n in range(300):
                await flooding.publish(f"hydroalert/v1/alerts/a{n}/signed", bytes(1000), qos=1, retain=True)
        assert await observer.seen() == []
