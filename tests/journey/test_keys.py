"""Keys rotate without a gap; a revoked device is out at once, on the broker and in admission."""

import asyncio

import aiomqtt
import pytest
from firmware_protocol.device import Device
from firmware_protocol.senml import Reading
from firmware_protocol.spool import MemorySpool

from tests.journey._gauge import Gauge, now_ms, refused_of
from tests.journey._platform import Platform, wait_until


def _counted(platform: Platform, gauge: Gauge, reason: str) -> int:
    """How many frames of this device were refused for that reason."""
    devices = platform.get("devices", limit="1000")["devices"]
    refused = next(one["refused"] for one in devices if one["device"] == gauge.name)
    return int(refused.get(reason, {"frames": 0})["frames"])


async def test_both_keys_sign_during_the_overlap_and_only_the_new_one_after_it(platform: Platform) -> None:
    gauge = Gauge(platform)
    await gauge.deliver(Reading("level", now_ms(), 1.0, "m"))
    old = gauge.frame(Reading("level", now_ms(), 3.0, "m"), sequence=9)

    rotated = platform.ask("device", "rotate-key", gauge.name, "--overlap-s", "3600")
    await gauge.deliver(Reading("level", now_ms(), 1.1, "m"))
    gauge.device.keys = gauge.keys = gauge.keys.rotated(rotated["key_id"], bytes.fromhex(rotated["key_hex"]))
    assert refused_of(await gauge.deliver(Reading("level", now_ms(), 1.2, "m"))) == []
    assert [result for _, result in platform.observations(gauge.station)] == [1.0, 1.1, 1.2]

    again = platform.ask("device", "rotate-key", gauge.name, "--overlap-s", "0")
    gauge.device.keys = gauge.keys.rotated(again["key_id"], bytes.fromhex(again["key_hex"]))
    assert refused_of(await gauge.deliver(Reading("level", now_ms(), 1.3, "m"))) == []
    replayed = gauge.frame(Reading("level", now_ms(), 6.0, "m"), sequence=10)
    await gauge.publish(old, replayed)
    wait_until(lambda: _counted(platform, gauge, "unknown_key") >= 1)
    assert 6.0 not in [result for _, result in platform.observations(gauge.station)]


async def test_a_revoked_device_is_thrown_out_at_once_and_let_in_no_more(platform: Platform) -> None:
    gauge = Gauge(platform)
    frame = gauge.frame(Reading("level", now_ms(), 1.0, "m"))
    async with gauge.connected() as client:
        await asyncio.to_thread(platform.command, "device", "revoke", gauge.name)
        with pytest.raises(aiomqtt.MqttError):
            await client.publish(gauge.device.frames_topic, frame, qos=1)
    with pytest.raises(aiomqtt.MqttError):
        async with gauge.client():
            pass


def test_a_revoked_devices_frames_are_refused_whoever_carries_them(platform: Platform) -> None:
    revoked = Gauge(platform)
    platform.command("device", "revoke", revoked.name)
    frame = revoked.frame(Reading("level", now_ms(), 2.0, "m"))
    assert platform.post_frame(revoked.name, frame).status_code == 401
    assert platform.observations(revoked.station) == []


async def test_a_device_that_lost_its_spool_goes_on_under_a_new_boot(platform: Platform) -> None:
    gauge = Gauge(platform)
    await gauge.deliver(Reading("level", now_ms(), 1.0, "m"))
    gauge.device = Device(gauge.name, gauge.keys, MemorySpool(), rng=gauge.device._rng)
    await gauge.deliver(Reading("level", now_ms(), 2.0, "m"))
    assert [result for _, result in platform.observations(gauge.station)] == [1.0, 2.0]
