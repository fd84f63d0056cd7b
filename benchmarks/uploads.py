"""A hundred large pictures at once: whether all are answered, and what it takes of memory and of everyone's time."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random

import httpx

from benchmarks.figures import Section, Table, percentile_ms, verdict
from benchmarks.flood import told
from benchmarks.noisy import make_pictures, remade
from benchmarks.platform import Platform, platform
from benchmarks.processes import address_space_limit_mb, cpu_s, family, memory_mb
from benchmarks.reports import CITIZENS, posts_of
from benchmarks.scale import Scale
from benchmarks.senders import Answer, Post
from benchmarks.sending import asked_meanwhile, sent
from benchmarks.stage import Stage

NAME = "uploads"
UPLOADS = 100
ABOUT = f"""\
{UPLOADS} reports, and to each at once a picture of 10 MB, each over a connection of its own to one api process: every
other one a JPEG of 12 megapixels, every other one a PNG, all noise, no two with the same bytes. Who is told to come
later (429, 503 with Retry-After) does. Meanwhile two others ask for the api's health and for the list of alerts, twenty
times a second each; at rest and while pictures come in. The api reads pictures in processes of their own, each with a
bound on its address space. Memory is resident, of the process alone: before, and the most that it ever was. Beside it
the least that must be done with a picture: Pillow decodes and encodes it again, in one process."""
_WAYS = {"/health": "the api's health", "/api/v1/alerts": "the list of alerts"}
_PAUSE_S, _LOOK_EVERY_S = 0.05, 0.2
_SEED = 20
_MOST_GROWN_MB, _BOUND_S = 100, 0.5


@dataclass
class _Memory:
    """Of the api alone, in MB; of each process that reads pictures: the most resident, the most of its address space,
    and its bound."""

    before_mb: float
    peak_mb: float = 0.0
    readers: dict[int, tuple[float, float, float]] = field(default_factory=dict)

    def look(self, api: int) -> None:
        """Note what it is now: a reader may end."""
        self.peak_mb = memory_mb(api, "VmHWM")
        for pid in family(api)[1:]:
            with contextlib.suppress(OSError):
                self.readers[pid] = memory_mb(pid, "VmHWM"), memory_mb(pid, "VmPeak"), address_space_limit_mb(pid)


@dataclass(frozen=True)
class _Found:
    """What was answered, and what it took."""

    answers: list[Answer]
    sent_mb: float
    memory: _Memory
    cpu_s: dict[str, float]
    bare_s: float

    @property
    def took_s(self) -> float:
        """From the first byte to the last answer."""
        return max(one.ended_s for one in self.answers)


async def run(stage: Stage, scale: Scale) -> Section:
    """At rest, then with everything at once."""
    pictures = await asyncio.to_thread(make_pictures, stage.directory)
    async with platform(stage) as running, httpx.AsyncClient(base_url=running.http_url, timeout=60) as http:
        posts = await _posts(stage, running, pictures)
        async with _others(http) as rest_s:
            await asyncio.sleep(scale.probing_s / 3)
        async with _others(http) as meanwhile_s:
            found = await _uploaded(stage, running, posts, pictures)
    tables = [_answered(found), _memory(found), _waiting(rest_s, meanwhile_s), _costs(found)]
    return Section("Pictures, a hundred at once", ABOUT, tables, _verdicts(found, meanwhile_s))


async def _posts(stage: Stage, running: Platform, pictures: Sequence[Path]) -> list[Post]:
    """One picture for each of so many reports, which are sent here. What hangs behind a picture's end makes its bytes
    its own."""
    chance = Random(_SEED + stage.trials)
    said = list(islice(told(datetime.now(UTC), chance), UPLOADS))
    answers = await sent(stage, running.http_url, posts_of(said, chance), CITIZENS)
    codes = [json.loads(one.body)["tracking_code"] for one in answers]
    return [
        Post("/api/v1/reports/tracked/evidence", {"X-Tracking-Code": code}, code, str(pictures[place % len(pictures)]))
        for place, code in enumerate(codes)
    ]


async def _uploaded(stage: Stage, running: Platform, posts: Sequence[Post], pictures: Sequence[Path]) -> _Found:
    api = running.processes["api"].pid
    before_s = _cpu(running)
    async with _watched(api) as memory:
        answers = await sent(stage, running.http_url, posts, len(posts))
    cost = {name: after_s - before_s[name] for name, after_s in _cpu(running).items()}
    began_s = time.process_time()
    remade(pictures, stage.directory / "remade.jpg")
    bare_s = (time.process_time() - began_s) / len(pictures)
    return _Found(answers, _size_mb(posts), memory, cost, bare_s)


def _size_mb(posts: Sequence[Post]) -> float:
    return sum(Path(one.file).stat().st_size for one in posts) / 1e6


@asynccontextmanager
async def _others(http: httpx.AsyncClient) -> AsyncIterator[dict[str, list[float]]]:
    """Who ask for something else while the block lasts: seconds of each answer, by path."""
    first, second = _WAYS
    async with asked_meanwhile(http, first, _PAUSE_S) as first_s, asked_meanwhile(http, second, _PAUSE_S) as second_s:
        yield {first: first_s, second: second_s}


@asynccontextmanager
async def _watched(api: int) -> AsyncIterator[_Memory]:
    memory = _Memory(memory_mb(api, "VmRSS"))

    async def watch() -> None:
        while True:
            memory.look(api)
            await asyncio.sleep(_LOOK_EVERY_S)

    async with asyncio.TaskGroup() as watching:
        task = watching.create_task(watch())
        yield memory
        memory.look(api)
        task.cancel()


def _cpu(running: Platform) -> dict[str, float]:
    return {name: cpu_s(child.pid) for name, child in running.processes.items() if name in {"api", "database"}}


def _answered(found: _Found) -> Table:
    seconds = [one.ended_s for one in found.answers]
    figures = [f"{percentile_ms(seconds, share) / 1000:,.1f}" for share in (0.5, 0.99, 1.0)]
    later, cut = (sum(values) for values in zip(*((one.later, one.cut) for one in found.answers), strict=True))
    head = ["pictures", "MB", "taken (201)", "told to come later", "cut off", "in s", "p50, s", "p99, s", "most, s"]
    counts = [f"{len(found.answers)}", f"{found.sent_mb:,.0f}", f"{len(found.answers)}", f"{later}", f"{cut}"]
    return Table(head, [[*counts, f"{found.took_s:,.1f}", *figures]])


def _memory(found: _Found) -> Table:
    memory = found.memory
    table = Table(["", "before, MB", "most, MB", "address space, MB", "its bound, MB"])
    table.rows.append(["the api", f"{memory.before_mb:.0f}", f"{memory.peak_mb:.0f}", "", ""])
    for number, figures in enumerate(memory.readers.values(), start=1):
        table.rows.append([f"reader {number}", "", *(f"{one:,.0f}" for one in figures)])
    grown = memory.peak_mb - memory.before_mb
    table.rows.append(["growth of the api to the bytes under way", "", f"{grown / found.sent_mb:.2f}", "", ""])
    return table


def _waiting(rest_s: dict[str, list[float]], meanwhile_s: dict[str, list[float]]) -> Table:
    shares = ("p50, ms", "p99, ms", "most, ms")
    head = ["", *(f"{name}: {share}" for name in ("at rest", "meanwhile") for share in shares), "p99, ratio", "asked"]
    table = Table(head)
    for path, words in _WAYS.items():
        both = rest_s[path], meanwhile_s[path]
        figures = [f"{percentile_ms(one, share):,.1f}" for one in both for share in (0.5, 0.99, 1.0)]
        ratio = percentile_ms(both[1], 0.99) / percentile_ms(both[0], 0.99)
        table.rows.append([words, *figures, f"{ratio:.1f}", f"{len(both[0]):,}; {len(both[1]):,}"])
    return table


def _costs(found: _Found) -> Table:
    table = Table(["CPU a picture", "s", "to Pillow alone"], [["Pillow alone", f"{found.bare_s:.2f}", "1"]])
    for name, spent_s in found.cpu_s.items():
        each_s = spent_s / len(found.answers)
        words = "the api with its readers" if name == "api" else name
        table.rows.append([words, f"{each_s:.2f}", f"{each_s / found.bare_s:.1f}"])
    return table


def _verdicts(found: _Found, meanwhile_s: dict[str, list[float]]) -> list[str]:
    grown_mb = found.memory.peak_mb - found.memory.before_mb
    fullest = max(most / bound for _, most, bound in found.memory.readers.values())
    said = [
        verdict("The api's memory grew by MB", grown_mb, _MOST_GROWN_MB, at_least=False),
        verdict("Address space of a reader, to its bound", fullest, 1, at_least=False),
    ]
    for path, words in _WAYS.items():
        p99_s = percentile_ms(meanwhile_s[path], 0.99) / 1000
        said.append(verdict(f"Meanwhile {words}: p99 in seconds", p99_s, _BOUND_S, at_least=False))
    return said
