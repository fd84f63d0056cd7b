"""What SPEC.md says about a message, written a second time: it shares no code with `hydroalert` or `firmware_protocol`.

Slow, plain, and in the order of the specification, so that it can be read beside it.
"""

import hashlib
import hmac
import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

U32, U53 = 2**32, 2**53
UNITS = {
    "mm cm": 10, "mm m": 1000, "cm m": 100, "m km": 1000, "l/s m3/s": 1000, "g kg": 1000,
    "mV V": 1000, "mA A": 1000, "ms s": 1000, "Pa hPa": 100, "Pa kPa": 1000, "hPa kPa": 10,
}  # SPEC 5.4  # fmt: skip
CBOR_NAMES = dict(zip(range(-6, 0), ("bs", "bv", "bu", "bt", "bn", "bver"), strict=True)) | dict(
    enumerate(("n", "u", "v", "vs", "vb", "s", "t", "ut", "vd"))
)


@dataclass(frozen=True)
class Series:
    """A datastream while a device fills it: phenomenon times since ≤ t < until, in Unix ms."""

    id: int
    unit: str
    since_ms: float = -math.inf
    until_ms: float = math.inf


@dataclass(frozen=True)
class Known:
    """A registered device: keys by id with the moment at which they end."""

    keys: dict[int, tuple[bytes, float]]
    series: dict[str, list[Series]]
    revoked: bool = False
    spent: bool = False


@dataclass(frozen=True)
class Verdict:
    """What is to become of one message; numbers exactly, as hexadecimal floats."""

    authentic: bool
    reason: str | None
    rows: list[tuple[int, int, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    status: tuple[str, int, int] | None = None


class Bad(Exception):
    """bad_body."""


def judge(device: str, channel: str, frame: bytes, known: dict[str, Known], now_ms: int, retention_ms: int) -> Verdict:
    """SPEC 2.4, then 8.2: the first word that applies."""
    if len(frame) == 0:
        return Verdict(False, "malformed")
    if frame[0] != 1:
        return Verdict(False, "unsupported_version")
    if len(frame) < 29 or len(frame) > 4124:
        return Verdict(False, "malformed")
    who = known.get(device)
    unproven = proof_fault(who, device, channel, frame, now_ms)
    for applies, word in (
        (frame[2] > 1, "malformed"),
        (frame[1] not in {"frames": (0, 1), "status": (2,)}[channel], "unsupported_content"),
        (unproven is not None, unproven),
        (who is not None and who.spent and channel == "frames", "over_quota"),  # of rows: a status writes none
    ):
        if applies:
            return Verdict(unproven is None, word)
    assert who is not None
    return judge_body(who, frame[1], frame[12:-16], now_ms, retention_ms)


def proof_fault(who: Known | None, device: str, channel: str, frame: bytes, now_ms: int) -> str | None:
    """Why the sender is not proven."""
    if who is None:
        return "unknown_device"
    if who.revoked:
        return "revoked_device"
    key, ends_ms = who.keys.get(frame[3], (b"", -math.inf))
    if ends_ms <= now_ms:
        return "unknown_key"
    return None if sign(key, device, channel, frame[:-16]) == frame else "bad_tag"


def sign(key: bytes, device: str, channel: str, unsigned: bytes) -> bytes:
    """SPEC 3.1."""
    said = f"hydroalert/v1/devices/{device}/{channel}".encode() + bytes(1) + unsigned
    return unsigned + hmac.new(key, said, hashlib.sha256).digest()[:16]


def judge_body(who: Known, content: int, body: bytes, now_ms: int, retention_ms: int) -> Verdict:
    """SPEC 5 and 6, for a frame whose tag was good."""
    try:
        if content == 2:
            return Verdict(True, None, status=status_of(json_of(body)))
        pack = json_of(body) if content == 0 else [named(item) for item in listed(cbor_of(body))]
        records = list(resolved(pack))
    except Bad:
        return Verdict(True, "bad_body")
    rows: list[tuple[int, int, str]] = []
    refused: list[str] = []
    for record in records:
        found = judge_record(who, record, now_ms, retention_ms)
        refused.append(found) if isinstance(found, str) else rows.append(found)
    return Verdict(True, None, rows, refused)


# ---- JSON ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Whole:
    """A JSON number written without fraction and exponent."""

    value: int


def json_of(body: bytes) -> Any:
    """SPEC 5.1. Integers come as `Whole`."""
    try:
        text = body.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise Bad from None
    if depth_of(text) > 64:
        raise Bad
    try:
        return json.loads(
            text, parse_int=lambda digits: Whole(int(digits)), parse_constant=forbidden, object_pairs_hook=last_counts
        )
    except ValueError:
        raise Bad from None


def depth_of(text: str) -> int:
    """How deep brackets nest outside of strings; of text that is no JSON any number."""
    deepest = depth = 0
    inside = escaped = False
    for sign_ in text:
        if inside:
            inside, escaped = escaped or sign_ != '"', sign_ == "\\" and not escaped
        elif sign_ == '"':
            inside = True
        elif sign_ in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign_ in "]}":
            depth -= 1
    return deepest


def forbidden(_: str) -> None:
    """NaN and Infinity are no JSON."""
    raise Bad


def last_counts(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a duplicate key the last."""
    return dict(pairs)


# ---- CBOR ---------------------------------------------------------------------------------------------------


@dataclass
class Open:
    """A container of which some items still lack."""

    is_map: bool
    lacks: int
    items: list[Any] = field(default_factory=list)

    def closed(self) -> Any:
        """What it holds."""
        return paired(self.items) if self.is_map else self.items


def cbor_of(body: bytes) -> Any:
    """SPEC 5.9, with a stack of open containers instead of recursion. Integers come as `Whole`."""
    at, stack = 0, [Open(False, 1)]
    while stack[0].lacks:
        value, at, is_map = cbor_head(body, at)
        if is_map is None:
            stack[-1].items.append(value)
            stack[-1].lacks -= 1
        else:
            stack.append(Open(is_map, value * (1 + is_map)))
        if len(stack) > 65:  # the bottom one is no container of the body
            raise Bad
        while len(stack) > 1 and stack[-1].lacks == 0:
            done = stack.pop()
            stack[-1].items.append(done.closed())
            stack[-1].lacks -= 1
    if at != len(body):
        raise Bad
    return stack[0].items[0]


def cbor_head(body: bytes, at: int) -> tuple[Any, int, bool | None]:
    """(value, next position, None), or (count, next position, whether a map) of a container."""
    first, at = cut(body, at, 1)
    major, low = divmod(first[0], 32)
    if major == 7 and low in (20, 21, 22):
        return {20: False, 21: True, 22: None}[low], at, None
    if major == 7 and low in (25, 26, 27):
        raw, at = cut(body, at, 1 << (low - 24))
        return struct.unpack("!" + "efd"[low - 25], raw)[0], at, None
    if major in (2, 6, 7) or low > 27:
        raise Bad
    argument = low
    if low > 23:
        raw, at = cut(body, at, 1 << (low - 24))
        argument = sum(byte << 8 * place for place, byte in enumerate(reversed(raw)))
    if major in (0, 1):
        return Whole(argument if major == 0 else -argument - 1), at, None
    if major in (4, 5):
        return argument, at, major == 5
    raw, at = cut(body, at, argument)
    try:
        return str(raw, "utf-8"), at, None
    except UnicodeDecodeError:
        raise Bad from None


def cut(body: bytes, at: int, count: int) -> tuple[bytes, int]:
    """The next bytes, if there are so many."""
    if count > len(body) - at:
        raise Bad
    return body[at : at + count], at + count


def paired(items: list[Any]) -> dict[Any, Any]:
    """A map; a label is an integer or text."""
    labels = [label.value if isinstance(label, Whole) else label for label in items[::2]]
    if not all(type(label) in (int, str) for label in labels):
        raise Bad
    return last_counts(list(zip(labels, items[1::2], strict=True)))


def named(item: Any) -> Any:
    """RFC 8428, table 4. A text label names an unknown field, which may still have to be understood."""
    if not isinstance(item, dict):
        raise Bad
    found = {}
    for label, value in item.items():
        if isinstance(label, int):
            found[CBOR_NAMES.get(label, "?")] = value
        else:
            found["??" + label] = value
    return found


# ---- SenML --------------------------------------------------------------------------------------------------


def listed(pack: Any) -> list[Any]:
    """SPEC 5.1: 1 to 512 records."""
    if type(pack) is not list or len(pack) not in range(1, 513):
        raise Bad
    return pack


def resolved(pack: Any) -> Iterator[tuple[str, str | None, float, float | None]]:
    """(name, unit, seconds, value) of each record: SPEC 5.2 to 5.8."""
    bn, bt, bu, bv = "", 0.0, None, 0.0
    for record in listed(pack):
        check(record)
        bn, bu = record.get("bn", bn), record.get("bu", bu)
        bt = double(record["bt"]) if "bt" in record else bt
        bv = double(record["bv"]) if "bv" in record else bv
        t = double(record["t"]) if "t" in record else 0.0
        assert t is not None  # `check` saw them all
        assert bt is not None
        assert bv is not None
        v = double(record.get("v"))
        total = None if v is None or not math.isfinite(bv + v) else bv + v
        yield bn + record.get("n", ""), record.get("u", bu), bt + t, total


def check(record: Any) -> None:
    """SPEC 5.7 and 5.8."""
    if type(record) is not dict:
        raise Bad
    if any(name.endswith("_") for name in record) or record.keys() & {"vs", "vb", "vd", "s", "bs"}:
        raise Bad
    if any(type(record[name]) is not str for name in ("n", "bn", "u", "bu") if name in record):
        raise Bad
    if any(double(record[name]) is None for name in ("t", "bt", "bv") if name in record):
        raise Bad
    version = record.get("bver", Whole(10))
    if type(version) is not Whole or version.value < 1 or version.value > 10:
        raise Bad


def double(given: Any) -> float | None:
    """A finite IEEE double."""
    if type(given) is Whole:
        try:
            return float(given.value)
        except OverflowError:
            return None
    return given if type(given) is float and math.isfinite(given) else None


def judge_record(
    who: Known, record: tuple[str, str | None, float, float | None], now_ms: int, retention_ms: int
) -> str | tuple[int, int, str]:
    """SPEC 5.10: the order of the words; 5.4 the unit; 5.5 the time."""
    name, unit, seconds, value = record
    exact = 1000.0 * seconds + 0.5
    ms = math.floor(exact) if math.isfinite(exact) else exact
    series = [
        one
        for one in who.series.get(name, [])
        if one.since_ms <= ms and (ms < one.until_ms or one.until_ms == math.inf)
    ]
    if not series:
        return "unknown_datastream"
    factor = 1 if unit is None or unit == series[0].unit else UNITS.get(f"{unit} {series[0].unit}")
    if factor is None:
        return "wrong_unit"
    if value is None:
        return "not_a_number"
    if seconds < 2**28:
        return "relative_time"
    if ms > now_ms + 300_000:
        return "time_in_future"
    if ms < now_ms - retention_ms:
        return "time_too_old"
    return series[0].id, int(ms), (value / factor).hex()


# ---- Status -------------------------------------------------------------------------------------------------


def status_of(body: Any) -> tuple[str, int, int]:
    """SPEC 6.1."""
    if type(body) is not dict or body.get("status") not in ["online", "offline"]:
        raise Bad
    for name in ("session", "at"):
        number = body.get(name)
        if type(number) is not Whole or number.value < 0 or number.value >= U53:
            raise Bad
    if "firmware" in body and type(body["firmware"]) is not str:
        raise Bad
    uptime = double(body.get("uptime_s", 0.0))
    if uptime is None or uptime < 0:
        raise Bad
    return body["status"], body["session"].value, body["at"].value
