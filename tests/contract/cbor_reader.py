"""A CBOR reader for what the device library writes; it shares no code with it."""

import struct
from typing import Any


def read_cbor(data: bytes) -> Any:
    """The one item of ``data``."""
    item, rest = _item(data)
    assert rest == b""
    return item


def _item(data: bytes) -> tuple[Any, bytes]:
    major, info, rest = data[0] >> 5, data[0] & 31, data[1:]
    if major == 7:
        form = {25: ">e", 26: ">f", 27: ">d"}[info]
        return struct.unpack_from(form, rest)[0], rest[struct.calcsize(form) :]
    size = {24: 1, 25: 2, 26: 4, 27: 8}.get(info, 0)
    argument, rest = (int.from_bytes(rest[:size], "big") if size else info), rest[size:]
    if major < 2:
        return (argument if major == 0 else -1 - argument), rest
    if major == 3:
        return rest[:argument].decode(), rest[argument:]
    return _items(major, argument, rest)


def _items(major: int, count: int, rest: bytes) -> tuple[Any, bytes]:
    found = []
    for _ in range(count * (major - 3)):  # a map holds two items a pair
        item, rest = _item(rest)
        found.append(item)
    return (found if major == 4 else dict(zip(found[::2], found[1::2], strict=True))), rest
