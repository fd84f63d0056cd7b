"""PostgreSQL's binary COPY format, packed by hand for the hot path (PostgreSQL manual, COPY)."""

import struct
from collections.abc import Iterable

from hydroalert.domain.quality import Verdict

COLUMNS = ("phenomenon_time", "received_at", "result", "datastream_id", "quality", "test")
_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ROW = struct.Struct(">hiqiqidiiihih")
_NUMBERED = struct.Struct(">hiqiqidiiihihii")
_POSTGRES_EPOCH_MS = 946_684_800_000
"""2000-01-01, from which a timestamptz counts microseconds."""

Stored = tuple[int, int, int, float, Verdict]
"""(datastream id, phenomenon time in Unix ms, position of its frame in the batch, result, what its tests said)."""


def microseconds(unix_ms: int) -> int:
    """A timestamptz as COPY carries it."""
    return (unix_ms - _POSTGRES_EPOCH_MS) * 1000


def pack_observations(rows: Iterable[Stored], received_ms: int) -> bytes:
    """The rows of `observation`, in the order of COLUMNS."""
    received_us, pack = microseconds(received_ms), _ROW.pack
    packed = [
        pack(6, 8, (time_ms - _POSTGRES_EPOCH_MS) * 1000, 8, received_us, 8, result, 4, datastream, 2, quality, 2, test)
        for datastream, time_ms, _, result, (quality, test) in rows
    ]
    return b"".join((_SIGNATURE, *packed, _TRAILER))


def pack_numbered(rows: Iterable[Stored], received_ms: int) -> bytes:
    """The same with a seventh column, the place of the row among these."""
    received_us, pack = microseconds(received_ms), _NUMBERED.pack
    packed = [
        pack(7, 8, microseconds(time_ms), 8, received_us, 8, result, 4, datastream, 2, quality, 2, test, 4, place)
        for place, (datastream, time_ms, _, result, (quality, test)) in enumerate(rows)
    ]
    return b"".join((_SIGNATURE, *packed, _TRAILER))
