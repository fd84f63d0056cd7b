"""The part of CBOR (RFC 8949) that a SenML pack may use: definite lengths, no tags, no byte strings (SPEC 5)."""

import struct
from typing import Any

_UNSIGNED, _NEGATIVE, _TEXT, _ARRAY, _MAP, _SIMPLE = 0, 1, 3, 4, 5, 7
_SIMPLES: dict[int, object] = {20: False, 21: True, 22: None}
_FLOATS = {25: struct.Struct(">e"), 26: struct.Struct(">f"), 27: struct.Struct(">d")}
_ARGUMENT_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}


class CborError(Exception):
    """The bytes are not one item of the allowed part of CBOR."""


def decode(data: bytes, max_depth: int) -> Any:
    """The one item that `data` holds, of a duplicate key the last. Raises CborError."""
    reader = _Reader(data, max_depth)
    item = reader.item(0)
    if reader.at != len(data):
        raise CborError("bytes after the item")
    return item


class _Reader:
    """A position in the bytes; every read is checked against their end, so a length can promise nothing."""

    def __init__(self, data: bytes, max_depth: int) -> None:
        self.data = data
        self.max_depth = max_depth
        self.at = 0

    def item(self, depth: int) -> Any:
        """One item. RFC 8949, section 3: the major type in the top three bits, its argument below."""
        initial = self._take(1)[0]
        major, info = initial >> 5, initial & 0x1F
        if major == _SIMPLE:
            return self._simple(info)
        argument = self._argument(info)
        if major in (_UNSIGNED, _NEGATIVE):
            return argument if major == _UNSIGNED else -1 - argument
        if major == _TEXT:
            return self._text(argument)
        return self._container(major, argument, depth)

    def _argument(self, info: int) -> int:
        if info < 24:
            return info
        if info not in _ARGUMENT_BYTES:
            raise CborError("an indefinite length or a reserved argument")
        return int.from_bytes(self._take(_ARGUMENT_BYTES[info]), "big")

    def _simple(self, info: int) -> object:
        if info in _FLOATS:
            number: float = _FLOATS[info].unpack(self._take(_FLOATS[info].size))[0]
            return number
        if info not in _SIMPLES:
            raise CborError(f"simple value {info}")
        return _SIMPLES[info]

    def _text(self, length: int) -> str:
        try:
            return self._take(length).decode()
        except UnicodeDecodeError:
            raise CborError("text that is not UTF-8") from None

    def _container(self, major: int, count: int, depth: int) -> object:
        if major not in (_ARRAY, _MAP):
            raise CborError("a byte string or a tag")
        if depth >= self.max_depth:
            raise CborError(f"nested deeper than {self.max_depth} levels")
        if count > len(self.data) - self.at:
            raise CborError("more items promised than there are bytes")
        if major == _ARRAY:
            return [self.item(depth + 1) for _ in range(count)]
        return dict(self._pair(depth + 1) for _ in range(count))

    def _pair(self, depth: int) -> tuple[int | str, object]:
        label = self.item(depth)
        if isinstance(label, bool) or not isinstance(label, int | str):
            raise CborError("a label that is neither integer nor text")
        return label, self.item(depth)

    def _take(self, count: int) -> bytes:
        start, self.at = self.at, self.at + count
        if self.at > len(self.data):
            raise CborError("cut short")
        return self.data[start : self.at]
