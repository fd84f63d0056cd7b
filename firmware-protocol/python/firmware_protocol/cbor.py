"""As much of CBOR (RFC 8949) as a SenML pack needs: definite lengths, no tags (SPEC 5.9)."""

import struct
from collections.abc import Mapping, Sequence

_UNSIGNED, _NEGATIVE, _TEXT, _ARRAY, _MAP = 0x00, 0x20, 0x60, 0x80, 0xA0
_TRUE, _FALSE, _NULL = b"\xf5", b"\xf4", b"\xf6"


def encode(value: object) -> bytes:
    """The shortest well-formed encoding of text, int, float, bool, None, sequences and mappings.

    Raises TypeError for anything else, OverflowError for an integer beyond 64 bits.
    """
    if isinstance(value, str):
        text = value.encode()
        return _head(_TEXT, len(text)) + text
    if isinstance(value, Mapping):
        return _head(_MAP, len(value)) + b"".join(encode(k) + encode(v) for k, v in value.items())
    if isinstance(value, Sequence):
        return _head(_ARRAY, len(value)) + b"".join(encode(item) for item in value)
    return _encode_scalar(value)


def _encode_scalar(value: object) -> bytes:
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, int):
        return _head(_UNSIGNED, value) if value >= 0 else _head(_NEGATIVE, -1 - value)
    if isinstance(value, float):
        return _encode_float(value)
    raise TypeError(f"a pack holds text, numbers, arrays and maps, not {type(value).__name__}")


def _encode_float(value: float) -> bytes:
    """The shortest of 16, 32 and 64 bits that gives back the same number."""
    for initial, form in ((b"\xf9", ">e"), (b"\xfa", ">f")):
        try:
            packed = struct.pack(form, value)
        except OverflowError:
            continue
        if struct.unpack(form, packed)[0] == value:
            return initial + packed
    return b"\xfb" + struct.pack(">d", value)


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes((major | argument,))
    for additional, form in ((24, ">BB"), (25, ">BH"), (26, ">BI"), (27, ">BQ")):
        if argument < 1 << (8 << (additional - 24)):
            return struct.pack(form, major | additional, argument)
    raise OverflowError("CBOR integers have at most 64 bits")
