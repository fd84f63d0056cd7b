"""How a benchmark has citizens send, and what else it asks the api meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec

from benchmarks.senders import Answer, Plan, Post
from benchmarks.stage import Stage, python, running_until
from hydroalert.embedded import ports


async def sent(
    stage: Stage, http_url: str, posts: Sequence[Post], connections: int, rate: float | None = None
) -> list[Answer]:
    """All of it, by a process of its own. Raises RuntimeError where one is not taken in the end."""
    result = stage.directory / "senders-result.json"
    plan = Plan(ports.LOOPBACK, urlsplit(http_url).port or 80, list(posts), connections, str(result), rate)
    async with running_until(python(stage, "senders", "benchmarks.senders", asdict(plan))) as child:
        if await child.wait():
            raise RuntimeError(f"the senders failed:\n{child.program.log_path.read_text()[-2000:]}")
    answers = _read(result)
    refused = [one for one in answers if one.status != httpx.codes.CREATED]
    if refused:
        raise RuntimeError(f"{len(refused)} of {len(answers)} were refused, such as {refused[0]}")
    return answers


@asynccontextmanager
async def asked_meanwhile(http: httpx.AsyncClient, path: str, pause_s: float) -> AsyncIterator[list[float]]:
    """How long each answer took, in seconds, asked again and again while the block lasts."""
    latencies_s: list[float] = []

    async def ask() -> None:
        while True:
            started = time.perf_counter()
            (await http.get(path)).raise_for_status()
            latencies_s.append(time.perf_counter() - started)
            await asyncio.sleep(pause_s)

    async with asyncio.TaskGroup() as asking:
        task = asking.create_task(ask())
        yield latencies_s
        task.cancel()


def _read(result: Path) -> list[Answer]:
    return msgspec.json.decode(result.read_bytes(), type=list[Answer])
