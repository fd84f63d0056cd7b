"""CBOR by hand (RFC 8949, section 3): also what no encoder would write."""

import struct


def head(major: int, argument: int, width: int | None = None) -> bytes:
    """The first bytes of an item; ``width`` (0, 1, 2, 4 or 8 bytes) may be longer than needed."""
    if width is None:
        width = next(w for w in (0, 1, 2, 4, 8) if argument < (24 if w == 0 else 1 << (8 * w)))
    if width == 0:
        return bytes((major << 5 | argument,))
    return bytes((major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[width],)) + argument.to_bytes(width, "big")


def whole(value: int, width: int | None = None) -> bytes:
    """An integer."""
    return head(0, value, width) if value >= 0 else head(1, -1 - value, width)


def text(value: str | bytes, width: int | None = None) -> bytes:
    """Text, of bytes that need not be UTF-8."""
    raw = value if isinstance(value, bytes) else value.encode()
    return head(3, len(raw), width) + raw


def array(*items: bytes, width: int | None = None) -> bytes:
    """An array of items that are encoded already."""
    return head(4, len(items), width) + b"".join(items)


def pairs(*items: tuple[bytes, bytes], width: int | None = None) -> bytes:
    """A map of keys and values that are encoded already."""
    return head(5, len(items), width) + b"".join(key + value for key, value in items)


def half(value: float) -> bytes:
    """A float of 16 bits."""
    return b"\xf9" + struct.pack(">e", value)


def single(value: float) -> bytes:
    """A float of 32 bits."""
    return b"\xfa" + struct.pack(">f", value)


def double(value: float) -> bytes:
    """A float of 64 bits."""
    return b"\xfb" + struct.pack(">d", value)


FALSE, TRUE, NULL, UNDEFINED, BREAK = b"\xf4", b"\xf5", b"\xf6", b"\xf7", b"\xff"
BVER, BN, BT, BU, BV, BS = (whole(-n) for n in range(1, 7))
N, U, V, VS, VB, S, T, UT, VD = (whole(n) for n in range(9))
