"""The frames of a trial, signed before it begins, so that only sending them costs while it runs."""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from firmware_protocol.frames import FLAG_RECEIPT_WANTED, Content, Header, frames_topic, sign_frame

DATASTREAMS = ("water_level:m:1", "rainfall_15min:mm:1")
LEVEL = "water_level"
STEP_MS = 1_000
"""From one frame of a device to its next, in phenomenon time."""
RECORDS = 2


@dataclass(frozen=True)
class Member:
    """A registered device."""

    device: str
    key_id: int
    key: bytes
    username: str
    password: str


def read_fleet(path: Path) -> list[Member]:
    """What `hydroalert device import FILE --json` printed."""
    return [
        Member(one["device"], one["key_id"], bytes.fromhex(one["key_hex"]), one["mqtt_username"], one["mqtt_password"])
        for one in json.loads(path.read_text())
    ]


def publishes(member: Member, count: int, *, boot: int, first_ms: int, receipt_every: int) -> Sequence[bytes]:
    """PUBLISH packets at QoS 1, with packet ids from 1; every n-th frame wants a receipt (0: none)."""
    topic = frames_topic(member.device)
    return [
        publish_packet(
            topic,
            number + 1,
            _frame(member, topic, boot, number, first_ms, wants=bool(receipt_every) and number % receipt_every == 0),
        )
        for number in range(count)
    ]


def _frame(member: Member, topic: str, boot: int, number: int, first_ms: int, *, wants: bool) -> bytes:
    flags = FLAG_RECEIPT_WANTED if wants else 0
    header = Header(Content.SENML_JSON, flags, member.key_id, boot, number)
    return sign_frame(member.key, topic, header, _body(number, first_ms + number * STEP_MS))


def _body(number: int, at_ms: int) -> bytes:
    """Two records as a small logger writes them; about 115 bytes."""
    time_s, level_m, rain_mm = f"{at_ms / 1000:.3f}", 1 + number % 4000 / 1000, number % 50 / 10
    return (
        f'[{{"n":"water_level","u":"m","t":{time_s},"v":{level_m:.3f}}},'
        f'{{"n":"rainfall_15min","u":"mm","t":{time_s},"v":{rain_mm:.1f}}}]'
    ).encode()


def level_frame(member: Member, *, boot: int, sequence: int, at_ms: int, level_m: float) -> bytes:
    """One water level, no receipt wanted."""
    body = f'[{{"n":"{LEVEL}","t":{at_ms / 1000:.3f},"v":{level_m:.3f}}}]'.encode()
    header = Header(Content.SENML_JSON, 0, member.key_id, boot, sequence)
    return sign_frame(member.key, frames_topic(member.device), header, body)


def publish_packet(topic: str, packet_id: int, payload: bytes) -> bytes:
    """PUBLISH, QoS 1, no properties (OASIS MQTT 5.0, section 3.3)."""
    name = topic.encode()
    rest = struct.pack(">H", len(name)) + name + struct.pack(">HB", packet_id % 65_535 or 65_535, 0) + payload
    return b"\x32" + _variable(len(rest)) + rest


def _variable(number: int) -> bytes:
    """A Variable Byte Integer (section 1.5.5)."""
    out = bytearray()
    while True:
        number, digit = divmod(number, 128)
        out.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(out)
