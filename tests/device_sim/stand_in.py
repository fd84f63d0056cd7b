"""A receipt-answering stand-in of the platform: an independent judge of what the simulator sends.

Reads frames with the standard library alone (design 4.2), keeps observations in a dict, and answers.
"""

import asyncio
import hashlib
import hmac
import json
import struct
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import floor
from typing import Any

import aiomqtt

KEY = bytes(range(32))


@dataclass
class StandIn:
    """What it has kept: observations by (device, datastream, time in ms), statuses, and what it refused."""

    observations: dict[tuple[str, str, int], float] = field(default_factory=dict)
    frames: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    statuses: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    answers: bool = True
    refuse_datastreams: frozenset[str] = frozenset()
    extra: dict[tuple[str, str], list[tuple[int, float]]] = field(default_factory=dict)  # shown over HTTP besides

    def judge(self, topic: str, frame: bytes) -> tuple[int, int, int, str | None] | None:
        """(boot, key id, sequence, refusal or None) of a frame that wants a receipt, else None."""
        device, channel = topic.split("/")[3:5]
        reason = self._layout(topic, frame)
        if reason is not None:
            self.refused[device].append(reason)
            return None
        _, content, flags, key_id, boot, sequence = struct.unpack(">BBBBII", frame[:12])
        body = frame[12:-16]
        if channel == "status":
            assert content == 2
            self.statuses[device].append(json.loads(body))
            refusal = None
        else:
            assert content == 0
            self.frames[device].append((boot, sequence))
            refusal = self._keep(device, json.loads(body))
        return (boot, key_id, sequence, refusal) if flags else None

    @staticmethod
    def _layout(topic: str, frame: bytes) -> str | None:
        if not 29 <= len(frame) <= 4124:
            return "malformed"
        tag = hmac.new(KEY, topic.encode() + b"\0" + frame[:-16], hashlib.sha256).digest()[:16]
        return None if tag == frame[-16:] else "bad_tag"

    def _keep(self, device: str, pack: list[dict[str, Any]]) -> str | None:
        refusal = None
        base = pack[0]
        for record in pack:
            code = base.get("bn", "") + record.get("n", "")
            time_ms = floor(1000 * (base.get("bt", 0) + record.get("t", 0)) + 0.5)
            reason = self._record_refusal(code, time_ms)
            if reason is not None:
                refusal = refusal or reason
                self.refused[device].append(reason)
            else:
                self.observations.setdefault((device, code, time_ms), record["v"])
        return refusal

    def _record_refusal(self, code: str, time_ms: int) -> str | None:
        if code in self.refuse_datastreams:
            return "unknown_datastream"
        return "time_in_future" if time_ms > time.time() * 1000 + 300_000 else None

    def receipt(self, topic: str, boot: int, key_id: int, sequence: int, refusal: str | None) -> tuple[str, bytes]:
        """The topic and bytes of one receipt."""
        answer = topic.rsplit("/", 1)[0] + "/receipts"
        stored = [] if refusal else [[sequence, sequence]]
        refused = [[sequence, refusal]] if refusal else []
        body = json.dumps({"boot": boot, "at": 1_700_000_000_000, "stored": stored, "refused": refused}).encode()
        signed = struct.pack(">BBBBII", 1, 16, 0, key_id, boot, 0) + body
        return answer, signed + hmac.new(KEY, answer.encode() + b"\0" + signed, hashlib.sha256).digest()[:16]


@asynccontextmanager
async def standing_in(port: int, stand_in: StandIn | None = None) -> AsyncIterator[StandIn]:
    """A stand-in at work on the broker at that loopback port."""
    platform = stand_in or StandIn()
    async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
        await client.subscribe("hydroalert/v1/devices/+/frames", qos=1)
        await client.subscribe("hydroalert/v1/devices/+/status", qos=1)
        working = asyncio.create_task(_work(client, platform))
        try:
            yield platform
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


async def _work(client: aiomqtt.Client, platform: StandIn) -> None:
    async for message in client.messages:
        assert isinstance(message.payload, bytes)
        wanted = platform.judge(str(message.topic), message.payload)
        if wanted is not None and platform.answers:
            topic, payload = platform.receipt(str(message.topic), *wanted)
            await client.publish(topic, payload, qos=1)
