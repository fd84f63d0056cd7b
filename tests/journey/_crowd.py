"""Followers that mean harm: bytes on sockets, no library to hold them back."""

import base64
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from tests.journey._platform import Platform

TEXT, BINARY = 0x81, 0x82
_RECEIVE_BUFFER_BYTES = 4_096
_FOLLOW = b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n"
_UPGRADE = (
    b"GET /api/v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\n\r\n"
)
_HALF = (b"", b"GET /api/v1/stream HT", _FOLLOW[:-2], _UPGRADE[:-2])


def frame(opcode: int, payload: bytes) -> bytes:
    """One frame (RFC 6455, 5.2), masked by zeros."""
    size = len(payload)
    if size < 126:
        length = bytes((0x80 | size,))
    else:
        length = struct.pack(">BH", 0xFE, size) if size < 65_536 else struct.pack(">BQ", 0xFF, size)
    return bytes((opcode,)) + length + bytes(4) + payload


_ANEW = frame(TEXT, b'{"subscribe":{"drill":true}}') * 20
"""As many as are taken in one breath."""


@contextmanager
def dialled(platform: Platform) -> Iterator[socket.socket]:
    """A connection to the api that takes little at a time."""
    place = urlsplit(platform.http)
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        wire.settimeout(20)
        wire.connect((place.hostname, place.port))
        yield wire


@contextmanager
def crowd(platform: Platform, followers: int, sockets: int, half_open: int) -> Iterator[None]:
    """Those that follow and never read; WebSockets that want all anew, again and again, and never read; and those that
    never finish their request."""
    with ExitStack() as stack:
        for opening in (_FOLLOW,) * followers + (_UPGRADE + _ANEW,) * sockets:
            stack.enter_context(dialled(platform)).sendall(opening)
        for number in range(half_open):
            stack.enter_context(dialled(platform)).sendall(_HALF[number % len(_HALF)])
        yield


@contextmanager
def websocket(platform: Platform) -> Iterator[socket.socket]:
    """Upgraded, by hand."""
    with dialled(platform) as wire:
        wire.sendall(_UPGRADE)
        assert wire.recv(12) == b"HTTP/1.1 101"
        yield wire


def wait_for_its_end(wire: socket.socket) -> None:
    """Read until the other side closes, or says that it does and why (RFC 6455, 5.5.1). Raises TimeoutError."""
    said = b""
    try:
        while said[-4:-2] != b"\x88\x02" and (part := wire.recv(65_536)):
            said += part
    except ConnectionResetError:
        pass
