"""Followers that mean harm, or do not know better: `python -m benchmarks.nuisance PLAN.json`, until ended.

Many ask for everything and never read; after a while each goes and comes anew. Beside them, one after another speaks
garbage over WebSocket. A process of blocking sockets: it costs little, so that what they cost the api is what shows.
"""

import base64
import contextlib
import json
import os
import random
import socket
import struct
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.counters import Counters
from benchmarks.crowd import allow_connections

_STAYS_S = 28.0
"""A little less than the api's kernel waits for who does not read."""
_COME_AT_ONCE = 20
_GARBAGE_EVERY_S = 0.02
_PATIENCE_S = 5.0
_RECEIVE_BUFFER_BYTES = 4_096
_TEXT, _BINARY = 0x81, 0x82


@dataclass(frozen=True)
class Plan:
    """Whom to bother, and with how many that never read."""

    host: str
    port: int
    silent: int
    counters: str


class Nuisance:
    """`present`: how many hang on the api and do not read. `sent`: how many spoke garbage."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._counters = Counters(Path(plan.counters))
        self._silent: deque[tuple[float, socket.socket]] = deque()

    def run(self) -> None:
        """For ever."""
        while True:
            with contextlib.suppress(OSError):  # refused, or ended by the api: then comes the next
                self._hang_on()
                if self._counters["present"] >= self._plan.silent:
                    self._speak()
                    time.sleep(_GARBAGE_EVERY_S)

    def _hang_on(self) -> None:
        """One more that does not read, in the place of one that has been there long enough."""
        while self._silent and time.monotonic() - self._silent[0][0] > _STAYS_S:
            self._silent.popleft()[1].close()
        for _ in range(min(_COME_AT_ONCE, self._plan.silent - len(self._silent))):
            one = self._connect(_RECEIVE_BUFFER_BYTES)
            one.sendall(f"GET /api/v1/stream HTTP/1.1\r\nHost: {self._plan.host}\r\n\r\n".encode())
            self._silent.append((time.monotonic(), one))
        self._counters["present"] = max(self._counters["present"], len(self._silent))

    def _speak(self) -> None:
        """One connection that says what nobody should."""
        with self._connect() as one:
            key = base64.b64encode(os.urandom(16)).decode()
            one.sendall(
                f"GET /api/v1/ws HTTP/1.1\r\nHost: {self._plan.host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
            )
            one.recv(1)
            one.sendall(random.choice(_GARBAGE))
            one.recv(65_536)
        self._counters["sent"] += 1

    def _connect(self, receive_buffer_bytes: int | None = None) -> socket.socket:
        one = socket.socket()
        one.settimeout(_PATIENCE_S)
        if receive_buffer_bytes:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        one.connect((self._plan.host, self._plan.port))
        return one


def _frame(first: int, payload: bytes) -> bytes:
    """A masked frame (RFC 6455, section 5.2); the mask is zero, so the payload stands as it is."""
    size = len(payload)
    length = struct.pack(">B", 0x80 | size) if size < 126 else struct.pack(">BH", 0x80 | 126, size)
    return bytes([first]) + length + bytes(4) + payload


def _subscription(**wanted: object) -> bytes:
    return _frame(_TEXT, json.dumps({"subscribe": wanted}).encode())


_GARBAGE: Final = (
    _frame(_TEXT, b"\x7b" * 3_000),
    _frame(_TEXT, b"\xff\xfe\xfd"),
    _frame(_TEXT, b"a" * 60_000),
    _frame(_BINARY, os.urandom(500)),
    _frame(_TEXT, b'{"ping": null}') * 400,
    _subscription(area=[f"area-{number}" for number in range(200)]) * 30,
    _subscription(bbox="-180,-90,180,90", last_event_id="no-such-area:1") * 30,
    os.urandom(2_000),
)
"""Unfinished JSON, no UTF-8, too long, binary, too often, huge filters, replays of nothing, and noise."""


def main(plan: Plan) -> None:
    """Bother until ended."""
    allow_connections(plan.silent)
    Nuisance(plan).run()


if __name__ == "__main__":
    main(Plan(**json.loads(Path(sys.argv[1]).read_text())))
