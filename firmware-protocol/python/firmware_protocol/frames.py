"""Frame v1: what a device publishes and what it is answered with (SPEC 1 to 3).

Pure functions over bytes: no clock, no socket, no randomness.
"""

import hmac
import re
import struct
from dataclasses import dataclass
from enum import IntEnum

from firmware_protocol.errors import FrameError
from firmware_protocol.receipts import Receipt, parse_receipt

__all__ = [
    "FLAG_RECEIPT_WANTED",
    "HEADER_BYTES",
    "KEY_BYTES",
    "LAST_WILL_SEQUENCE",
    "MAX_BODY_BYTES",
    "MAX_FRAME_BYTES",
    "MIN_FRAME_BYTES",
    "TAG_BYTES",
    "TIME_TOPIC",
    "VERSION",
    "Content",
    "FrameError",
    "Header",
    "Receipt",
    "commands_topic",
    "frames_topic",
    "parse_receipt",
    "read_header",
    "receipts_topic",
    "sign_frame",
    "status_topic",
    "verify_frame",
]

VERSION = 1
HEADER_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 32
MAX_BODY_BYTES = 4096
MIN_FRAME_BYTES = HEADER_BYTES + 1 + TAG_BYTES
MAX_FRAME_BYTES = HEADER_BYTES + MAX_BODY_BYTES + TAG_BYTES
FLAG_RECEIPT_WANTED = 0x01
LAST_WILL_SEQUENCE = 0xFFFFFFFF
TIME_TOPIC = "hydroalert/v1/time"

_LAYOUT = struct.Struct(">BBBBII")
_DEVICE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class Content(IntEnum):
    """What the body is, and by that on which channel it may stand (SPEC 2.3)."""

    SENML_JSON = 0
    SENML_CBOR = 1
    STATUS = 2
    RECEIPT = 16
    COMMAND = 17


@dataclass(frozen=True, slots=True)
class Header:
    """The fixed part of a frame behind its version byte (SPEC 2.1).

    ``content``, ``flags`` and ``key_id`` are bytes; ``boot`` and ``sequence`` 32 bits, unsigned.
    """

    content: int
    flags: int
    key_id: int
    boot: int
    sequence: int


def frames_topic(device: str) -> str:
    """Where the device publishes its readings (SPEC 1.1)."""
    return _device_topic(device, "frames")


def status_topic(device: str) -> str:
    """Where the device publishes its status, and its last will (SPEC 1.1)."""
    return _device_topic(device, "status")


def receipts_topic(device: str) -> str:
    """Where the platform answers (SPEC 1.1)."""
    return _device_topic(device, "receipts")


def commands_topic(device: str) -> str:
    """Where the platform will send commands (SPEC 1.1)."""
    return _device_topic(device, "commands")


def _device_topic(device: str, channel: str) -> str:
    if _DEVICE.fullmatch(device) is None:
        raise ValueError(f"a device code is [a-z0-9][a-z0-9-]{{0,62}}, not {device!r}")
    return f"hydroalert/v1/devices/{device}/{channel}"


def sign_frame(key: bytes, topic: str, header: Header, body: bytes) -> bytes:
    """The frame to publish on ``topic``: fixed part, body of 1 to 4096 bytes, tag (SPEC 2.1, 3.1).

    Raises ValueError where the key is not 32 bytes, or a part does not fit its field.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key is {KEY_BYTES} bytes, not {len(key)}")
    if not 1 <= len(body) <= MAX_BODY_BYTES:
        raise ValueError(f"a body is 1 to {MAX_BODY_BYTES} bytes, not {len(body)}")
    if header.flags & ~FLAG_RECEIPT_WANTED:
        raise ValueError("only bit 0 of flags may be set")
    signed = _pack(header) + body
    return signed + _tag(key, topic, signed)


def verify_frame(key: bytes, topic: str, frame: bytes) -> tuple[Header, bytes]:
    """Judge the layout, then the tag in constant time, and give back fixed part and body.

    The body is untouched: parse it only now (SPEC 3.3). Raises FrameError with the reason
    ``unsupported_version``, ``malformed`` or ``bad_tag``, the first that applies.
    """
    header = read_header(frame)
    signed, tag = frame[:-TAG_BYTES], frame[-TAG_BYTES:]
    if not hmac.compare_digest(_tag(key, topic, signed), tag):
        raise FrameError("bad_tag", "another key, another topic, or changed on the way")
    return header, signed[HEADER_BYTES:]


def read_header(frame: bytes) -> Header:
    """The fixed part of a frame whose tag is not yet known to be good: enough to choose the key (SPEC 2.4).

    Raises FrameError with the reason ``unsupported_version`` or ``malformed``.
    """
    if frame and frame[0] != VERSION:
        raise FrameError("unsupported_version", "the first byte is not 1")
    if not MIN_FRAME_BYTES <= len(frame) <= MAX_FRAME_BYTES:
        raise FrameError("malformed", f"a frame is {MIN_FRAME_BYTES} to {MAX_FRAME_BYTES} bytes")
    _version, content, flags, key_id, boot, sequence = _LAYOUT.unpack_from(frame)
    if flags & ~FLAG_RECEIPT_WANTED:
        raise FrameError("malformed", "a flag is set that version 1 does not know")
    return Header(content, flags, key_id, boot, sequence)


def _pack(header: Header) -> bytes:
    try:
        return _LAYOUT.pack(VERSION, header.content, header.flags, header.key_id, header.boot, header.sequence)
    except struct.error as error:
        raise ValueError(f"a field of the fixed part is out of its range: {error}") from None


def _tag(key: bytes, topic: str, signed: bytes) -> bytes:
    return hmac.digest(key, topic.encode() + b"\x00" + signed, "sha256")[:TAG_BYTES]
