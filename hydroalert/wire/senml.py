"""SenML packs (RFC 8428): bytes to resolved records (SPEC 5).

A body is read twice over: a typed decoder takes the ordinary one whole; whatever it does not know (another
field, a value that is not a number, text beyond ASCII) is read again by the strict path, which knows every rule.
Both give the same records wherever both give any.
"""

import math
from collections.abc import Iterable
from typing import Any

import msgspec

from hydroalert.wire import cbor
from hydroalert.wire.strict_json import MAX_DEPTH, BadBody, finite_number, is_integer, read_strictly

MAX_RECORDS = 512
_MAX_VERSION = 10
_FORBIDDEN = ("vs", "vb", "vd", "s", "bs")
_TEXTS = ("bn", "bu", "n", "u")
_TIMES = ("bt", "t", "bv")
_LABELS = {
    -1: "bver", -2: "bn", -3: "bt", -4: "bu", -5: "bv", -6: "bs",
    0: "n", 1: "u", 2: "v", 3: "vs", 4: "vb", 5: "s", 6: "t", 7: "ut", 8: "vd",
}  # RFC 8428, section 6, table 4  # fmt: skip


class Record(msgspec.Struct, frozen=True, gc=False):
    """One resolved record. `time_s` is Unix seconds or infinite; `value` is None where it was no finite number."""

    name: str
    unit: str | None
    time_s: float
    value: float | None


class _Plain(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A record of nothing but known fields of the right type."""

    bn: str | None = None
    bt: float | None = None
    bu: str | None = None
    bv: float | None = None
    bver: int | None = None
    n: str | None = None
    u: str | None = None
    v: float | None = None
    t: float | None = None


_decode_plain = msgspec.json.Decoder(list[_Plain]).decode


def read_json(body: bytes) -> list[Record]:
    """The records of a SenML JSON body. Raises BadBody."""
    return _read_plain(body) or resolve(read_json_strictly(body))


def read_cbor(body: bytes) -> list[Record]:
    """The records of a SenML CBOR body. Raises BadBody."""
    try:
        pack = cbor.decode(body, max_depth=MAX_DEPTH)
    except cbor.CborError as error:
        raise BadBody(str(error)) from None
    return resolve(_named(item) for item in _as_pack(pack))


def read_json_strictly(body: bytes) -> list[dict[Any, Any]]:
    """The objects of a JSON pack, duplicate keys resolved to the last (SPEC 5). Raises BadBody."""
    return _as_pack(read_strictly(body))


def resolve(pack: Iterable[dict[Any, Any]]) -> list[Record]:
    """Resolve base fields from their record on (RFC 8428, section 4.6). Raises BadBody."""
    base: dict[str, Any] = {"bn": "", "bt": 0, "bu": None, "bv": 0}
    records = []
    for fields in pack:
        _check(fields)
        base.update((name, fields[name]) for name in base if name in fields)
        records.append(
            Record(
                base["bn"] + fields.get("n", ""),
                fields.get("u", base["bu"]),
                float(base["bt"]) + float(fields.get("t", 0)),
                _value(fields.get("v"), base["bv"]),
            )
        )
    return records


def _read_plain(body: bytes) -> list[Record] | None:
    """What `resolve` would give, many times as fast; None where anything is out of the ordinary."""
    if not body.isascii() or b"null" in body:
        return None
    try:
        pack = _decode_plain(body)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return None
    return _resolve_plain(pack) if 0 < len(pack) <= MAX_RECORDS else None


def _resolve_plain(pack: list[_Plain]) -> list[Record] | None:
    name, time_s, unit, value = "", 0.0, None, 0.0
    records = []
    for item in pack:
        if item.v is None or (item.bver is not None and not 1 <= item.bver <= _MAX_VERSION):
            return None
        name = name if item.bn is None else item.bn
        time_s = time_s if item.bt is None else item.bt
        unit = unit if item.bu is None else item.bu
        value = value if item.bv is None else item.bv
        records.append(
            Record(
                name if item.n is None else name + item.n,
                unit if item.u is None else item.u,
                time_s if item.t is None else time_s + item.t,
                _finite(value + item.v),
            )
        )
    return records


def _as_pack(pack: object) -> list[dict[Any, Any]]:
    if not isinstance(pack, list) or not 0 < len(pack) <= MAX_RECORDS:
        raise BadBody(f"not an array of 1 to {MAX_RECORDS} records")
    if not all(isinstance(item, dict) for item in pack):
        raise BadBody("a record is not an object")
    return pack


def _named(item: dict[Any, Any]) -> dict[Any, Any]:
    """CBOR's integer labels by their JSON names; text labels name no field of the table, but may be forbidden."""
    return {
        _LABELS.get(label, "") if isinstance(label, int) else f"text:{label}": value for label, value in item.items()
    }


def _check(fields: dict[Any, Any]) -> None:
    """Whatever makes the whole pack unusable (SPEC 5)."""
    for name in fields:
        if name.endswith("_") or name in _FORBIDDEN:
            raise BadBody(f"field {name[:40]!r} must be understood and is not")
    for name in _TEXTS:
        if not isinstance(fields.get(name, ""), str):
            raise BadBody(f"{name} is not text")
    for name in _TIMES:
        if name in fields and finite_number(fields[name]) is None:
            raise BadBody(f"{name} is not a finite number")
    version = fields.get("bver", _MAX_VERSION)
    if not is_integer(version) or not 1 <= version <= _MAX_VERSION:
        raise BadBody("bver is not 1 to 10")


def _value(given: object, base: float) -> float | None:
    number = finite_number(given)
    return None if number is None else _finite(float(base) + number)


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
