"""What the cases share: the moment they play at, and frames made from nothing but hashlib's HMAC."""

import hashlib
import hmac
from typing import Any

Case = dict[str, Any]

NOW_MS = 1_764_311_400_000
"""2025-11-28T06:30:00Z."""
NOW_S = NOW_MS // 1000
RETENTION_MS = 30 * 365 * 86_400_000
FUTURE_MS = 300_000

KEYS = {key_id: hashlib.sha256(b"HydroAlert vector key %d" % key_id).digest() for key_id in (0, 1, 2, 254, 255)}


def topic(device: str, channel: str) -> bytes:
    """The topic string that stands under the tag (SPEC 1.1)."""
    return f"hydroalert/v1/devices/{device}/{channel}".encode()


def fixed_part(
    *, version: int = 1, content: int = 0, flags: int = 1, key_id: int = 1, boot: int = 7, sequence: int = 0
) -> bytes:
    """The twelve bytes of SPEC 2.1; fields may hold what is not allowed."""
    return bytes((version, content, flags, key_id)) + boot.to_bytes(4, "big") + sequence.to_bytes(4, "big")


def tag(key: bytes, topic_bytes: bytes, signed: bytes) -> bytes:
    """SPEC 3.1."""
    return hmac.new(key, topic_bytes + b"\x00" + signed, hashlib.sha256).digest()[:16]


def frame(body: bytes, *, device: str = "gauge-1", channel: str = "frames", **fields: int) -> bytes:
    """A frame signed with the key that its key id names, or with key 1 where no key has that id."""
    signed = fixed_part(**fields) + body
    key = KEYS.get(fields.get("key_id", 1), KEYS[1])
    return signed + tag(key, topic(device, channel), signed)


def case(case_id: str, comment: str, rules: str, **fields: Any) -> Case:
    """One case; ``rules`` names the rules of SPEC.md that it tests, parted by spaces."""
    return {"id": case_id, "comment": comment, "rules": rules.split(), **fields}


def admitted(code: str, time_ms: int, value: float, unit: str) -> Case:
    """What becomes of a record that is admitted; the value in decimal and, exactly, in hexadecimal."""
    return {"code": code, "time_ms": time_ms, "value": value, "value_hex": float(value).hex(), "unit": unit}


def refused(word: str) -> Case:
    """What becomes of a record, or a frame, that is not."""
    return {"refused": word}
