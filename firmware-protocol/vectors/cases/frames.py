"""Frames up to their tag and the device's quota: layout, channel, device, key, tag (SPEC 2, 3, 8.2)."""

import hashlib
import hmac
from collections.abc import Iterator

from cases.common import KEYS, NOW_MS, RETENTION_MS, Case, case, fixed_part, frame, refused, tag, topic

PACK = b'[{"n":"level","u":"m","t":1764311400,"v":1.25}]'
STATUS = b'{"status":"online","session":1,"at":1764311400000}'
LONGEST_DEVICE = "d" + "0" * 62

_ACTIVE = {str(key_id): {"hex": key.hex(), "state": "active"} for key_id, key in KEYS.items() if key_id != 2}
_KEYS = {**_ACTIVE, "2": {"hex": KEYS[2].hex(), "state": "revoked"}}
_DATASTREAMS = {"level": {"unit": "m"}}
DEVICES = {
    "gauge-1": {"state": "active", "quota_spent": False, "keys": _KEYS, "datastreams": _DATASTREAMS},
    "d": {"state": "active", "quota_spent": False, "keys": _KEYS, "datastreams": _DATASTREAMS},
    LONGEST_DEVICE: {"state": "active", "quota_spent": False, "keys": _KEYS, "datastreams": _DATASTREAMS},
    "gone-1": {"state": "revoked", "quota_spent": False, "keys": _KEYS, "datastreams": _DATASTREAMS},
    "busy-1": {"state": "active", "quota_spent": True, "keys": _KEYS, "datastreams": _DATASTREAMS},
}


def build() -> Case:
    """All frame cases. Bodies are not judged here; where a frame is good, its fixed part and body are given."""
    cases = [*_lengths(), *_versions(), *_flags(), *_contents(), *_senders(), *_forgeries(), *_numbers(), *_blocks()]
    return {
        "description": "Frames as they arrive on a channel of a device, judged up to tag and quota, not the body. "
        "A `topic` other than that of device and channel never occurs: the broker says who published where.",
        "rules": ["2", "3", "8.2"],
        "now_ms": NOW_MS,
        "retention_ms": RETENTION_MS,
        "devices": DEVICES,
        "cases": cases,
    }


def _bad(case_id: str, comment: str, rules: str, word: str, message: bytes, **where: str) -> Case:
    place = {"device": where.get("device", "gauge-1"), "channel": where.get("channel", "frames")}
    return case(case_id, comment, rules, flags=[word], **place, frame=message.hex(), result=refused(word))


def _good(case_id: str, comment: str, rules: str, body: bytes = PACK, **fields: int | str) -> Case:
    place = {"device": str(fields.pop("device", "gauge-1")), "channel": str(fields.pop("channel", "frames"))}
    numbers = {"content": 0, "flags": 1, "key_id": 1, "boot": 7, "sequence": 0, **fields}
    whole = {name: int(value) for name, value in numbers.items()}
    message = frame(body, **place, **whole)  # type: ignore[arg-type]
    result = {"header": whole, "body": body.hex()}
    return case(case_id, comment, rules, flags=["good"], **place, frame=message.hex(), result=result)


def _lengths() -> Iterator[Case]:
    yield _bad("empty", "no byte at all", "2.4", "malformed", b"")
    good = frame(PACK)
    for size in (1, 2, 11, 12, 13, 27, 28):
        yield _bad(f"cut-to-{size}", f"the first {size} bytes of a good frame", "2.2 2.4", "malformed", good[:size])
    yield _bad("body-0", "28 bytes, no body, and a good tag", "2.2", "malformed", frame(b""))
    for size in (1, 2, 4095, 4096):
        yield _good(f"body-{size}", f"a body of {size} bytes", "2.2", b"x" * size)
    for size in (4097, 4098, 9000):
        yield _bad(f"body-{size}", f"a body of {size} bytes, and a good tag", "2.2", "malformed", frame(b"x" * size))


def _versions() -> Iterator[Case]:
    for version in (0, 2, 3, 0x7B, 0xFF):
        message = frame(PACK, version=version)
        yield _bad(f"version-{version}", "another version, and a good tag", "2.4", "unsupported_version", message)
        yield _bad(f"version-{version}-1-byte", "its first byte alone", "2.4", "unsupported_version", message[:1])
    both = frame(PACK, version=2, flags=0xFF, content=9)
    yield _bad("version-before-flags", "version is read first", "2.4 8.2", "unsupported_version", both)
    too_long = frame(b"x" * 4097, version=2)
    yield _bad("version-before-length", "version is read first", "2.4 8.2", "unsupported_version", too_long)
    yield _bad("json-instead", "a pack without a frame around it", "2.4", "unsupported_version", PACK)


def _flags() -> Iterator[Case]:
    for flags in (0, 1):
        yield _good(f"flags-{flags}", "receipt wanted, or not", "2.1", flags=flags)
    for flags in (2, 3, 4, 0x80, 0x81, 0xFE, 0xFF):
        yield _bad(f"flags-{flags}", "an unknown flag, good tag", "2.4", "malformed", frame(PACK, flags=flags))
    yield _bad("flags-before-content", "flags first", "2.4 8.2", "malformed", frame(PACK, flags=2, content=9))


def _contents() -> Iterator[Case]:
    yield _good("content-0-on-frames", "SenML JSON", "2.3", content=0)
    yield _good("content-1-on-frames", "SenML CBOR", "2.3", bytes.fromhex("81a10201"), content=1)
    yield _good("content-2-on-status", "a status", "2.3", STATUS, content=2, channel="status")
    for channel, contents in (("frames", (2, 3, 15, 16, 17, 18, 255)), ("status", (0, 1, 3, 16, 17, 255))):
        for content in contents:
            message = frame(PACK, content=content, channel=channel)
            comment = f"content {content} does not belong on {channel}; good tag"
            case_id = f"content-{content}-on-{channel}"
            yield _bad(case_id, comment, "2.3 2.4", "unsupported_content", message, channel=channel)
    elsewhere = frame(PACK, content=3, device="nobody-1")
    comment = "content is judged before the device"
    yield _bad("content-before-device", comment, "8.2", "unsupported_content", elsewhere, device="nobody-1")


def _senders() -> Iterator[Case]:
    for device in ("d", LONGEST_DEVICE):
        yield _good(f"device-of-{len(device)}", f"a device code of {len(device)} letters", "1.2", device=device)
    stranger = frame(PACK, device="nobody-1")
    yield _bad("unknown-device", "not registered", "8.1", "unknown_device", stranger, device="nobody-1")
    gone = frame(PACK, device="gone-1")
    yield _bad("revoked-device", "revoked; its tag is good", "8.1", "revoked_device", gone, device="gone-1")
    both = frame(PACK, device="gone-1", key_id=9)
    comment = "the device is judged before the key"
    yield _bad("revoked-device-before-key", comment, "8.2", "revoked_device", both, device="gone-1")
    for key_id in (3, 9, 253):
        yield _bad(f"no-key-{key_id}", "no such key", "8.1 11.1", "unknown_key", frame(PACK, key_id=key_id))
    yield _bad("revoked-key", "revoked; its tag is good", "8.1 11.1", "unknown_key", frame(PACK, key_id=2))
    forged = frame(PACK, key_id=2)[:-1] + b"\x00"
    yield _bad("revoked-key-before-tag", "the key is judged before the tag", "8.2", "unknown_key", forged)
    busy = frame(PACK, device="busy-1")
    yield _bad("over-quota", "more than agreed; its tag is good", "8.1", "over_quota", busy, device="busy-1")
    junk = frame(b"junk", device="busy-1")
    comment = "the quota is judged before the body"
    yield _bad("over-quota-before-body", comment, "8.2", "over_quota", junk, device="busy-1")
    forged = busy[:-1] + bytes((busy[-1] ^ 1,))
    yield _bad("tag-before-quota", "the tag is judged before the quota", "8.2", "bad_tag", forged, device="busy-1")


def _forgeries() -> Iterator[Case]:
    good = frame(PACK)
    for at in [3, 4, 7, 8, 11, 12, len(good) - 17, *range(len(good) - 16, len(good))]:
        flipped = bytearray(good)
        flipped[at] ^= 0x01 if at != 3 else 0xFF  # key id 254 exists, and signed nothing here
        yield _bad(f"flipped-{at}", f"byte {at} changed on the way", "3.1", "bad_tag", bytes(flipped))
    yield _bad("flags-cleared", "receipt wanted, taken away on the way", "3.1", "bad_tag", good[:2] + b"\0" + good[3:])
    yield _bad("cut-by-1", "the last byte is missing", "3.1", "bad_tag", good[:-1])
    yield _bad("longer-by-1", "one byte more", "3.1", "bad_tag", good + b"\x00")
    yield _bad("zero-tag", "sixteen zeros", "3.1", "bad_tag", good[:-16] + bytes(16))
    yield _bad("tag-before-body", "no parser sees junk that nobody signed", "3.3", "bad_tag", b"\1\0\1\1" + bytes(40))
    for case_id, comment, forged_tag in _wrong_tags(good[:-16]):
        yield _bad(case_id, comment, "3.1", "bad_tag", good[:-16] + forged_tag)
    status = frame(STATUS, content=2, channel="frames")
    yield _bad("moved-channel", "signed for frames, sent on status", "3.4", "bad_tag", status, channel="status")
    moved = frame(PACK, device="d")
    yield _bad("moved-device", "signed for another device with the same key", "3.4", "bad_tag", moved)


def _wrong_tags(signed: bytes) -> Iterator[tuple[str, str, bytes]]:
    key, place = KEYS[1], topic("gauge-1", "frames")
    whole = hmac.new(key, place + b"\0" + signed, hashlib.sha256).digest()
    yield "tag-last-16", "the last sixteen bytes of the MAC", whole[16:]
    yield "tag-reversed", "the bytes in reverse", whole[15::-1]
    yield "tag-other-key", "made with another key of the device", tag(KEYS[254], place, signed)
    yield "tag-hex-key", "made with the key's hex digits", tag(key.hex().encode(), place, signed)
    yield "tag-no-topic", "the topic left out", hmac.new(key, signed, hashlib.sha256).digest()[:16]
    yield "tag-no-zero", "the zero byte left out", hmac.new(key, place + signed, hashlib.sha256).digest()[:16]
    yield "tag-two-zeros", "a terminated string, and the zero byte", tag(key, place + b"\0", signed)
    yield "tag-slash", "a slash before the topic", tag(key, b"/" + place, signed)
    yield "tag-upper", "the topic in upper case", tag(key, place.upper(), signed)
    yield "tag-body-only", "the fixed part left out", tag(key, place, signed[12:])
    yield "tag-sha256", "a hash, not a MAC", hashlib.sha256(key + place + b"\0" + signed).digest()[:16]
    yield "tag-sha1", "another hash inside", hmac.new(key, place + b"\0" + signed, hashlib.sha1).digest()[:16]
    little = signed[:4] + signed[7:3:-1] + signed[8:]
    yield "tag-little-endian", "boot in little-endian under the tag", tag(key, place, little)


def _numbers() -> Iterator[Case]:
    for number in (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF):
        yield _good(f"boot-{number:#010x}", "any 32 bits", "2.5", boot=number)
        yield _good(f"sequence-{number:#010x}", "any 32 bits", "2.5 4.5", sequence=number)
    for key_id in (0, 1, 254, 255):
        yield _good(f"key-{key_id}", "any of the device's keys", "2.5 11.1", key_id=key_id)
    will = b'{"status":"offline","session":1,"at":1764311400000}'
    number = 0xFFFFFFFF
    yield _good("last-will", "the last will", "4.5 6.4", will, content=2, channel="status", flags=0, sequence=number)


def _blocks() -> Iterator[Case]:
    """Bodies that end around SHA-256's block and padding boundaries, where a home-made hash goes wrong."""
    before = len(topic("gauge-1", "frames")) + 1 + len(fixed_part())
    for rest in (54, 55, 56, 57, 63, 64, 65):
        size = 64 * 3 + rest - before
        yield _good(f"block-{rest}", f"{rest} bytes in the hash's last block", "3.1", b"y" * size)
