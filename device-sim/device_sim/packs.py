"""SenML packs back to readings: for frames that a spool still holds and the ledger has not heard of.

Reads only what ``firmware_protocol.senml`` writes.
"""

import json
import struct
from math import floor
from typing import Any

from firmware_protocol.frames import Content
from firmware_protocol.senml import CBOR_LABELS, Reading

_NAMES = {label: name for name, label in CBOR_LABELS.items()}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}


def decode_pack(body: bytes, content: int) -> list[Reading]:
    """The readings of a pack of our own, base fields resolved (RFC 8428, 4.1)."""
    records: list[dict[str, Any]] = json.loads(body) if content == Content.SENML_JSON else _Cbor(body).records()
    base = {field: records[0].get(field) for field in ("bn", "bt", "bu")}
    return [
        Reading(
            (base["bn"] or "") + record.get("n", ""),
            floor(1000 * ((base["bt"] or 0) + record.get("t", 0)) + 0.5),
            record["v"],
            record.get("u", base["bu"]),
        )
        for record in records
    ]


class _Cbor:
    """Definite arrays, maps, text, integers and floats (RFC 8949, 3)."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def records(self) -> list[dict[str, Any]]:
        return [{_NAMES[label]: value for label, value in record.items()} for record in self._item()]

    def _item(self) -> Any:
        first = self._take(1)[0]
        major, small = first >> 5, first & 0x1F
        if major == 7:
            form = _FLOATS[small]
            return struct.unpack(form, self._take(struct.calcsize(form)))[0]
        number = small if small < 24 else int.from_bytes(self._take(1 << (small - 24)))
        if major <= 1:
            return number if major == 0 else -1 - number
        if major == 3:
            return self._take(number).decode()
        if major == 4:
            return [self._item() for _ in range(number)]
        return {self._item(): self._item() for _ in range(number)}

    def _take(self, size: int) -> bytes:
        self._at += size
        return self._body[self._at - size : self._at]
