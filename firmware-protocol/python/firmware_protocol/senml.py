"""Readings to SenML packs, JSON or CBOR (RFC 8428; SPEC 5)."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from firmware_protocol import cbor as cbor_codec
from firmware_protocol.errors import PackError
from firmware_protocol.frames import MAX_BODY_BYTES

MAX_RECORDS = 512
RELATIVE_BELOW_S = 2**28
CBOR_LABELS = {"bn": -2, "bt": -3, "bu": -4, "n": 0, "u": 1, "v": 2, "t": 6}
"""RFC 8428, table 4: the labels that this encoder writes."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,31}")

Record = Mapping[str, str | float]


@dataclass(frozen=True, slots=True)
class Reading:
    """One result of one datastream.

    ``code`` is the datastream's, ``[a-z][a-z0-9_]{0,31}``; ``time_ms`` Unix milliseconds, UTC;
    ``value`` finite, in ``unit``; a ``unit`` of None means the datastream's own.
    """

    code: str
    time_ms: int
    value: float
    unit: str | None = None


def encode_pack(records: Sequence[Reading], *, compact: bool = True, cbor: bool = False) -> bytes:
    """One pack of 1 to 512 readings, in the order given.

    ``compact`` moves what all records share into base fields. Raises PackError where a reading cannot
    be said (SPEC 5.3 to 5.7), or the pack would pass 4096 bytes: :func:`split_packs` never does.
    """
    body = _encode(records, compact=compact, cbor=cbor)
    if len(body) > MAX_BODY_BYTES:
        raise PackError(f"{len(records)} readings take {len(body)} bytes; a body holds {MAX_BODY_BYTES}")
    return body


def split_packs(records: Sequence[Reading], *, cbor: bool = False) -> Iterator[tuple[bytes, Sequence[Reading]]]:
    """Packs that each fit a frame, with the readings that each holds, in the order given.

    A run that does not fit is halved until it does: one reading always fits.
    """
    for start in range(0, len(records), MAX_RECORDS):
        yield from _halve_until_it_fits(records[start : start + MAX_RECORDS], cbor=cbor)


def _halve_until_it_fits(records: Sequence[Reading], *, cbor: bool) -> Iterator[tuple[bytes, Sequence[Reading]]]:
    body = _encode(records, compact=True, cbor=cbor)
    if len(body) <= MAX_BODY_BYTES or len(records) == 1:
        yield encode_pack(records, cbor=cbor), records
        return
    middle = len(records) // 2
    yield from _halve_until_it_fits(records[:middle], cbor=cbor)
    yield from _halve_until_it_fits(records[middle:], cbor=cbor)


def _encode(records: Sequence[Reading], *, compact: bool, cbor: bool) -> bytes:
    if not 1 <= len(records) <= MAX_RECORDS:
        raise PackError(f"a pack holds 1 to {MAX_RECORDS} readings, not {len(records)}")
    for reading in records:
        _check(reading)
    base = _base_fields(records) if compact else {}
    pack = [_record(reading, base) for reading in records]
    pack[0] = {**base, **pack[0]}
    if cbor:
        return cbor_codec.encode([{CBOR_LABELS[name]: v for name, v in record.items()} for record in pack])
    return json.dumps(pack, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _check(reading: Reading) -> None:
    if _CODE.fullmatch(reading.code) is None:
        raise PackError(f"a datastream's code is [a-z][a-z0-9_]{{0,31}}, not {reading.code!r}")
    if not math.isfinite(reading.value):
        raise PackError(f"{reading.code}: a value is a finite number, not {reading.value!r}")
    if reading.time_ms < RELATIVE_BELOW_S * 1000:
        raise PackError(f"{reading.code}: {reading.time_ms} ms is before July 1978: is the clock set?")
    if reading.unit == "":
        raise PackError(f"{reading.code}: a unit is text, or None for the datastream's own")


def _base_fields(records: Sequence[Reading]) -> Record:
    """What is worth saying once: name and unit where all agree, and always the whole second of the first."""
    if len(records) == 1:
        return {}
    first = records[0]
    base: dict[str, str | float] = {"bt": first.time_ms // 1000}
    if all(reading.code == first.code for reading in records):
        base["bn"] = first.code
    if first.unit is not None and all(reading.unit == first.unit for reading in records):
        base["bu"] = first.unit
    return base


def _record(reading: Reading, base: Record) -> Record:
    record: dict[str, str | float] = {}
    if "bn" not in base:
        record["n"] = reading.code
    if reading.unit is not None and "bu" not in base:
        record["u"] = reading.unit
    since_base_s = _seconds_after(int(base.get("bt", 0)), reading.time_ms)
    if since_base_s:
        record["t"] = since_base_s
    record["v"] = reading.value
    return record


def _seconds_after(base_s: int, time_ms: int) -> int | float:
    """``t`` such that floor(1000·(bt+t)+0.5) in IEEE double is ``time_ms`` again (SPEC 5.5)."""
    since_ms = time_ms - base_s * 1000
    seconds = since_ms // 1000 if since_ms % 1000 == 0 else since_ms / 1000
    if math.floor(1000.0 * (float(base_s) + seconds) + 0.5) != time_ms:
        raise PackError(f"{time_ms} ms is too far away to be written in whole milliseconds")
    return seconds
