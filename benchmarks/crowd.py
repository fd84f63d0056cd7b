"""Thousands of followers in one process that costs little: `python -m benchmarks.crowd PLAN.json`.

Each has a connection of its own to `/api/v1/stream` (or to something that answers as it does) and notes when it hears.
"""

import asyncio
import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import uvloop

from benchmarks.counters import Counters

_MARK: Final = b"event: alert\n"
_AT_ONCE = 50
_FILES_BESIDE = 100


@dataclass(frozen=True)
class Plan:
    """Who follows what. `changes`: of how many each hears before all end. `result`: gets the moments, by change."""

    host: str
    port: int
    path: str
    followers: int
    changes: int
    counters: str
    result: str


class Crowd:
    """What all of them have heard, and when, on the clock that all processes share."""

    def __init__(self, plan: Plan) -> None:
        self.request = f"GET {plan.path} HTTP/1.1\r\nHost: {plan.host}:{plan.port}\r\n\r\n".encode()
        self.moments_s: list[list[float]] = [[] for _ in range(plan.changes)]
        self._counters = Counters(Path(plan.counters))

    def note(self, number: int) -> None:
        """One has heard its alert of that number; the first says what stands."""
        if number:
            self.moments_s[number - 1].append(time.perf_counter())
            self._counters["heard"] += 1
        else:
            self._counters["present"] += 1


class Follower(asyncio.Protocol):
    """One connection; the crowd hears of each alert that it gets."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._heard = 0
        self._rest = b""

    def connection_made(self, transport: Any) -> None:  # uvloop's are of no class of asyncio's
        transport.write(self._crowd.request)

    def data_received(self, data: bytes) -> None:
        data = self._rest + data
        for _ in range(data.count(_MARK)):
            self._crowd.note(self._heard)
            self._heard += 1
        self._rest = data[max(data.rfind(_MARK) + len(_MARK), len(data) - len(_MARK) + 1) :]

    def connection_lost(self, exc: Exception | None) -> None:
        raise RuntimeError(f"a follower was dropped: {exc or 'the stream ended'}")


async def follow(plan: Plan) -> list[list[float]]:
    """Follow until each has heard every change."""
    crowd, loop = Crowd(plan), asyncio.get_running_loop()
    failed = loop.create_future()

    def fail(_: asyncio.AbstractEventLoop, said: dict[str, Any]) -> None:
        if not failed.done():
            failed.set_exception(said["exception"])

    loop.set_exception_handler(fail)
    for first in range(0, plan.followers, _AT_ONCE):
        many = min(_AT_ONCE, plan.followers - first)
        await asyncio.gather(
            *(loop.create_connection(lambda: Follower(crowd), plan.host, plan.port) for _ in range(many))
        )
    while len(crowd.moments_s[-1]) < plan.followers:
        await asyncio.wait([failed], timeout=0.1)
        if failed.done():
            failed.result()
    return crowd.moments_s


def allow_connections(many: int) -> None:
    """As many files as that, and some beside."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (many + _FILES_BESIDE, max(hard, many + _FILES_BESIDE)))


def main(plan: Plan) -> None:
    """Follow, and write down what was found."""
    allow_connections(plan.followers)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        moments_s = runner.run(follow(plan))
        runner.get_loop().set_exception_handler(lambda *_: None)  # now they may end
        Path(plan.result).write_text(json.dumps(moments_s))


if __name__ == "__main__":
    main(Plan(**json.loads(Path(sys.argv[1]).read_text())))
