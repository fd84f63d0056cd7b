"""What one stolen broker password can cost the bridge is bounded, and the others are served meanwhile (G5)."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from random import Random
from urllib.parse import urlsplit

import mqtt5
import pytest
from firmware_protocol.senml import Reading

from tests.journey._gauge import Gauge, now_ms, refused_of
from tests.journey._hostile import intruder, pour, publish
from tests.journey._platform import Platform, wait_until

BOUND_BYTES = 48 * 1024 * 1024
"""The receive maximum is 4,096 frames of at most 4,125 kept bytes: 17 MB for a lane, and as much under way."""
LARGEST = 262_144 - 100
Flood = Callable[[Gauge], Iterable[bytes]]
FRAMES = "hydroalert/v1/devices/{}/frames"


def _garbage(gauge: Gauge) -> Iterable[bytes]:
    dice = Random(1)
    return publish(FRAMES.format(gauge.name), (dice.randbytes(dice.randint(0, 300)) for _ in range(20_000)))


def _huge(gauge: Gauge) -> Iterable[bytes]:
    return publish(FRAMES.format(gauge.name), (bytes(LARGEST) for _ in range(200)))


def _forged(gauge: Gauge) -> Iterable[bytes]:
    frame = gauge.frame(Reading("level", now_ms(), 1.0, "m"), key=bytes(32))
    return publish(FRAMES.format(gauge.name), (frame[:8] + n.to_bytes(4) + frame[12:] for n in range(20_000)))


def _others_topics(gauge: Gauge) -> Iterable[bytes]:
    for n in range(20_000):
        yield from publish(FRAMES.format(f"d-{n}"), [b"\x01\x00\x01\x00" + bytes(30)])


def _subscriptions(_: Gauge) -> Iterator[bytes]:
    for n in range(2_000):
        filters = [mqtt5.TopicFilter(FRAMES.format(f"d-{n}-{m}")) for m in range(10)]
        yield mqtt5.SubscribePacket(n + 1, filters).write()


def _receipts_nobody_reads(gauge: Gauge) -> Iterator[bytes]:
    yield mqtt5.SubscribePacket(1, [mqtt5.TopicFilter(gauge.device.receipts_topic)]).write()
    frame = gauge.frame(Reading("level", now_ms(), 1.0, "m"))
    yield from publish(FRAMES.format(gauge.name), (frame for _ in range(20_000)))


def _heard(platform: Platform, gauge: Gauge) -> int:
    """How many frames of this device the bridge has dealt with, whatever became of them."""
    devices = platform.get("devices", limit="1000")["devices"]
    tally = next(one for one in devices if one["device"] == gauge.name)
    return max(int(tally["frames"]), sum(int(refused["frames"]) for refused in tally["refused"].values()))


async def _peak_bytes_until(platform: Platform, holds: Callable[[], bool]) -> int:
    """The bridge's largest resident memory until this holds."""
    peak, until = 0, time.monotonic() + 60
    while not await asyncio.to_thread(holds):
        peak = max(peak, platform.resident_bytes("bridge"))
        assert time.monotonic() < until
    return max(peak, platform.resident_bytes("bridge"))


@pytest.mark.parametrize("flood", [_garbage, _huge, _forged, _receipts_nobody_reads], ids=lambda one: one.__name__)
async def test_a_flood_that_reaches_the_bridge_costs_it_little_and_the_others_nothing(
    platform: Platform, flood: Flood
) -> None:
    thief, honest = Gauge(platform), Gauge(platform)
    await honest.deliver(Reading("level", now_ms(), 1.0, "m"))
    before = platform.resident_bytes("bridge")
    with intruder(thief, f"thief-{thief.name}") as wire:
        pouring = asyncio.create_task(asyncio.to_thread(pour, wire, flood(thief)))
        answers = await honest.deliver(Reading("level", now_ms(), 2.0, "m"))
        sent = await pouring
        peak = await _peak_bytes_until(platform, lambda: _heard(platform, thief) >= sent * 0.9)
    assert sent >= 200
    assert peak - before < BOUND_BYTES
    assert refused_of(answers) == []
    await honest.deliver(Reading("level", now_ms(), 3.0, "m"))
    assert [result for _, result in platform.observations(honest.station)] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("flood", [_others_topics, _subscriptions], ids=lambda one: one.__name__)
async def test_a_flood_of_what_is_forbidden_never_reaches_the_bridge(platform: Platform, flood: Flood) -> None:
    thief, honest = Gauge(platform), Gauge(platform)
    before = platform.get("devices", limit="1000")["devices"]
    with intruder(thief, f"thief-{thief.name}") as wire:
        assert await asyncio.to_thread(pour, wire, flood(thief)) >= 1000
        await honest.deliver(Reading("level", now_ms(), 1.0, "m"))
    assert _heard(platform, thief) == 0
    assert len(platform.get("devices", limit="1000")["devices"]) == len(before)
    assert len(platform.observations(honest.station)) == 1


def test_posts_that_are_cut_off_leave_no_trace_of_a_fault_in_the_log(platform: Platform) -> None:
    place = urlsplit(platform.http)
    head = b"POST /api/v1/frames/nobody HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    for _ in range(20):
        with socket.create_connection((place.hostname, place.port)) as wire:
            wire.sendall(head + b"half of it")
    log = platform.data_dir / "logs" / "api.log"
    wait_until(lambda: log.read_text().count("frames/nobody") >= 20)
    assert "unforeseen" not in log.read_text()
