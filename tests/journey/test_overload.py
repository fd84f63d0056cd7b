"""A bridge far too slow for what is offered loses nothing: the broker holds it, receipts come when they come."""

import asyncio
from collections.abc import Iterator

import pytest
from firmware_protocol.senml import Reading

from tests._services import open_directory
from tests.journey._gauge import Gauge, now_ms
from tests.journey._platform import Platform, running

FRAMES = 400
FRAMES_PER_S = 80


@pytest.fixture
def throttled() -> Iterator[Platform]:
    """A platform whose bridge brakes."""
    with open_directory("throttled") as home:
        brake = {"HYDROALERT_BRIDGE_FRAMES_PER_S": str(FRAMES_PER_S), "HYDROALERT_BRIDGE_RECEIVE_MAXIMUM": "16"}
        with running(home, brake) as platform:
            yield platform


async def test_a_bridge_that_brakes_loses_nothing_and_receipts_everything(throttled: Platform) -> None:
    gauge = Gauge(throttled)
    start_ms = now_ms() - FRAMES
    frames = [gauge.frame(Reading("level", start_ms + n, n / 100, "m"), sequence=n) for n in range(FRAMES)]
    stored: set[int] = set()
    async with gauge.connected() as client:
        await asyncio.gather(*(client.publish(gauge.device.frames_topic, frame, qos=1) for frame in frames))
        async with asyncio.timeout(120):
            while len(stored) < FRAMES:
                message = await anext(client.messages)
                assert isinstance(message.payload, bytes)
                for first, last in gauge.device.on_receipt(message.payload).receipt.stored:
                    stored |= set(range(first, last + 1))
    results = [result for _, result in throttled.observations(gauge.station)]
    assert results == [n / 100 for n in range(FRAMES)]
