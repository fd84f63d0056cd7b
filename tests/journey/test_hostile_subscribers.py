"""Followers that mean harm cost the api little, and the one who listens hears the alert all the same (G5)."""

import asyncio
from random import Random

import httpx
import pytest

from tests.journey._crowd import BINARY, TEXT, crowd, frame, wait_for_its_end, websocket
from tests.journey._platform import Platform
from tests.journey._town import HIGH_M, Listeners, Town, listeners, warned_town

FOLLOWERS, SOCKETS, HALF_OPEN = 300, 100, 100
BOUND_BYTES = 64 * 1024 * 1024
"""More for 500 connections than an honest one costs (some 40 kB), and far less than what they ask for."""
GARBAGE = {
    "binary": frame(BINARY, b'{"ping":1}'),
    "no UTF-8": frame(TEXT, b"\xff\xfe\xfd"),
    "no JSON": frame(TEXT, b'{"subscribe":'),
    "unknown": frame(TEXT, b'{"shutdown":true}'),
    "deep": frame(TEXT, b"[" * 4_000),
    "large": frame(TEXT, b" " * 5_000),
    "huge": frame(TEXT, bytes(1_000_000)),
    "many areas": frame(TEXT, b'{"subscribe":{"area":[%s]}}' % b",".join(b'"a%d"' % n for n in range(400))),
    "unmasked": bytes((TEXT, 2)) + b"{}",
    "reserved bits": bytes((0xF1, 0x80)) + bytes(4),
    "noise": Random(1).randbytes(4_096),
    "too often": frame(TEXT, b'{"ping":1}') * 1_000,
}
HUGE_QUERIES = {
    "many areas": "area=" + ",".join(f"a{n}" for n in range(1_000)),
    "one area": "area=" + "a" * 20_000,
    "as long as a line may be": "area=" + "a" * 60_000,
    "box": "bbox=" + "9" * 5_000 + ",0,1,1",
    "no numbers": "bbox=nan,nan,inf,1",
    "severity": "severity=" + "x" * 10_000,
}


@pytest.fixture
async def town(platform: Platform) -> Town:
    """A calm town of this test's own."""
    return await warned_town(platform)


async def assert_alert_is_heard(town: Town, ears: Listeners) -> None:
    """Who follows hears of the water that rises now."""
    await town.report(HIGH_M)
    told = await asyncio.gather(
        ears.streamed("alert", lambda said: said["state"] == "active"),
        ears.socketed("alert", lambda said: said["state"] == "active"),
    )
    assert told[0]["revision"] == told[1]["revision"] == 1


async def test_a_crowd_that_never_reads_costs_little_and_takes_nothing_from_those_who_do(town: Town) -> None:
    before = town.platform.resident_bytes("api")
    async with listeners(town) as ears:
        with crowd(town.platform, FOLLOWERS, SOCKETS, HALF_OPEN):
            await assert_alert_is_heard(town, ears)
            assert town.platform.get(f"areas/{town.area}")["state"] == "active"
            peak = town.platform.resident_bytes("api")
    assert peak - before < BOUND_BYTES


async def test_garbage_ends_its_own_connection_and_no_other(town: Town) -> None:
    async with listeners(town) as ears:
        for garbage in GARBAGE.values():
            with websocket(town.platform) as wire:
                wire.sendall(garbage)
                await asyncio.to_thread(wait_for_its_end, wire)
        await assert_alert_is_heard(town, ears)
    assert "unforeseen" not in (town.platform.data_dir / "logs" / "api.log").read_text()


def test_a_filter_that_cannot_be_right_is_refused_whatever_its_size(platform: Platform) -> None:
    for query in HUGE_QUERIES.values():
        for path in ("stream", "alerts"):
            assert 400 <= httpx.get(f"{platform.http}/api/v1/{path}?{query}", timeout=30).status_code < 500
