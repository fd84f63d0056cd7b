"""Many who send over HTTP at once, in one process that costs little: `python -m benchmarks.senders PLAN.json`.

Each has a connection of its own and sends one thing after the other. Who is told to come later (429, 503) does, after
as long as was said; who is cut off connects anew.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
import uvloop

_LATER: Final = {429, 503}
_PIECE_BYTES = 262_144
_MOST_TRIES = 50


@dataclass(frozen=True)
class Post:
    """What one sends: what is in the `file`, if any, and then `text`."""

    path: str
    headers: dict[str, str]
    text: str = ""
    file: str = ""


@dataclass(frozen=True)
class Plan:
    """What is sent, over how many connections; `rate`: so many a second, or None: as fast as it is answered."""

    host: str
    port: int
    posts: list[Post]
    connections: int
    result: str
    rate: float | None = None


@dataclass
class Answer:
    """The last answer. `seconds`: how long it took; `later`: after how often being told to come later; `cut`: after
    how often being cut off; `ended_s`: when, from the first sender's beginning on."""

    status: int = 0
    body: str = ""
    seconds: float = 0.0
    ended_s: float = 0.0
    later: int = 0
    cut: int = 0


@dataclass
class Sender:
    """One connection, and what all senders share."""

    plan: Plan
    files: dict[str, bytes] = field(repr=False)
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, post: Post) -> Answer:
        """Until it is answered for good. Raises RuntimeError where it never is."""
        answer = Answer()
        for _ in range(_MOST_TRIES):
            started = time.perf_counter()
            try:
                answer.status, wait_s, answer.body = await self._ask(post)
            except (ConnectionError, asyncio.IncompleteReadError):
                self._disconnect()
                answer.cut += 1
                continue
            answer.seconds = time.perf_counter() - started
            if answer.status not in _LATER:
                return answer
            answer.later += 1
            self._disconnect()  # whoever waits longer than the server does finds the connection closed
            await asyncio.sleep(wait_s)
        raise RuntimeError(f"never answered for good: {post.path} {answer}")

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection, made anew where there is none."""
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.plan.host, self.plan.port)
        return self.streams

    def _disconnect(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None

    async def _ask(self, post: Post) -> tuple[int, float, str]:
        """Status, seconds to wait where it says so, and body."""
        reader, writer = await self.connect()
        content, text = self.files.get(post.file, b""), post.text.encode()
        headers = {"Host": self.plan.host, "Content-Length": str(len(content) + len(text)), **post.headers}
        lines = [f"POST {post.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        for at in range(0, len(content), _PIECE_BYTES):
            writer.write(memoryview(content)[at : at + _PIECE_BYTES])
            await writer.drain()
        writer.write(text)
        return await _answer(reader)


async def _answer(reader: asyncio.StreamReader) -> tuple[int, float, str]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    body = await reader.readexactly(int(fields["content-length"]))
    return int(head[0].split()[1]), float(fields.get("retry-after", 0)), body.decode()


async def send_all(plan: Plan, files: dict[str, bytes]) -> list[Answer]:
    """Send everything, once all are connected; the answers, in the order of what was sent."""
    senders = [Sender(plan, files) for _ in range(plan.connections)]
    for sender in senders:
        await sender.connect()
    answers: dict[int, Answer] = {}
    left, started = iter(enumerate(plan.posts)), time.perf_counter()

    async def work(sender: Sender) -> None:
        for place, post in left:
            if plan.rate:
                await asyncio.sleep(started + place / plan.rate - time.perf_counter())
            answers[place] = await sender.send(post)
            answers[place].ended_s = time.perf_counter() - started

    await asyncio.gather(*map(work, senders))
    return [answers[place] for place in range(len(plan.posts))]


def main(path: Path) -> None:
    """Send, and write down what was answered."""
    plan = msgspec.json.decode(path.read_bytes(), type=Plan)
    files = {name: Path(name).read_bytes() for name in {post.file for post in plan.posts if post.file}}
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        answers = runner.run(send_all(plan, files))
    Path(plan.result).write_bytes(msgspec.json.encode(answers))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
