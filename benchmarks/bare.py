"""The base of a fan-out: a loop that writes the same bytes to as many sockets and does nothing else.

`python -m benchmarks.bare PLAN.json`. `go` is the number of changes that are to be told by now.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.counters import Counters
from benchmarks.crowd import allow_connections

_LOOK_EVERY_S = 0.002
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Plan:
    """Where to listen, for how many, and how many bytes an event has. `result`: gets the moment of each change."""

    host: str
    port: int
    followers: int
    changes: int
    event_bytes: int
    counters: str
    result: str


class Told(asyncio.Protocol):
    """A follower: it asks once, hears what stands, and then what changes."""

    def __init__(self, event: bytes, all_told: list[asyncio.WriteTransport]) -> None:
        self._event = event
        self._all_told = all_told

    def connection_made(self, transport: Any) -> None:  # uvloop's are of no class of asyncio's
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(_HEAD + self._event)
        self._all_told.append(self._transport)


async def tell(plan: Plan) -> list[float]:
    """Write to everybody whenever it is asked; the moments when it began to."""
    counters, told, began_s = Counters(Path(plan.counters)), list[asyncio.WriteTransport](), list[float]()
    event = _event(plan.event_bytes)
    await asyncio.get_running_loop().create_server(
        lambda: Told(event, told), plan.host, plan.port, backlog=plan.followers
    )
    counters["subscriber_ready"] = 1
    while len(began_s) < plan.changes:
        await asyncio.sleep(_LOOK_EVERY_S)
        if counters["go"] > len(began_s):
            began_s.append(time.perf_counter())
            for transport in told:
                transport.write(event)
    return began_s


def _event(size: int) -> bytes:
    event = b"event: alert\ndata: " + b"x" * size + b"\n\n"
    return b"%x\r\n%s\r\n" % (len(event), event)


def main(plan: Plan) -> None:
    """Tell, write down when, and go on listening until ended."""
    allow_connections(plan.followers)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        began_s = runner.run(tell(plan))
        Path(plan.result).write_text(json.dumps(began_s))
        runner.run(asyncio.Event().wait())


if __name__ == "__main__":
    main(Plan(**json.loads(Path(sys.argv[1]).read_text())))
