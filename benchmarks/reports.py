"""Whether a flood stands out among a thousand other reports, and how fast reports are taken and the queue is told."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from statistics import median
from uuid import UUID

import asyncpg
import httpx

from benchmarks.background import DEVICES, background
from benchmarks.figures import Section, Table, percentile_ms, verdict
from benchmarks.flood import APART_M, CITY_M, MEMBERS, NOISE, SCATTER_M, Found, Said, found_of, told, told_of_flood
from benchmarks.platform import Platform, platform
from benchmarks.processes import cpu_s, resident_mb
from benchmarks.scale import Scale
from benchmarks.senders import Answer, Post
from benchmarks.sending import asked_meanwhile, sent
from benchmarks.stage import Stage
from hydroalert.embedded.commands import run_to_end

NAME = "reports"
FRAMES_PER_S = 500
CITIZENS = 32
ABOUT = f"""\
{NOISE:,} reports of two days, one half from all over a country, one half from {CITY_M // 1000} km around a city, are
sent by {CITIZENS} citizens as fast as they are answered, each with an idempotency key. Then {MEMBERS} that were seen
within ten minutes at three places of that city, {APART_M} m from each other and each report within {SCATTER_M} m of its
place, at a steady pace; then nothing. All the while {DEVICES} devices publish {FRAMES_PER_S} frames a second, so that
there is something to know around each report, and an operator asks for the 100 most urgent again and again. *Others*:
reports of no place, or of another, in a place's cluster; a *false* cluster has none of any place. Beside the
submissions the same rows, copied one a transaction over one connection into a table with the same indexes; beside the
queue a SELECT of the same open reports. CPU is in percent of one core."""
_WARM_UP_S, _PREPARING_S = 5.0, 240.0
_QUEUE = "/api/v1/triage?limit=100"
_PAUSE_S = 0.05
_SELECTS = 50
_OPEN = """
SELECT *, ST_X(position), ST_Y(position) FROM report WHERE state IN ('submitted', 'under_review') ORDER BY seen_at DESC
"""
_BARE_TABLE = """
DROP TABLE IF EXISTS bare_report; CREATE TABLE bare_report (LIKE report INCLUDING DEFAULTS INCLUDING INDEXES)
"""
_BARE_INSERT = "INSERT INTO bare_report SELECT * FROM report WHERE id = $1"
_SEED = 20
_LEAST_SHARE, _MOST_FALSE, _BOUND_S, _MOST_GROWN_MB = 0.95, 3, 1.0, 100
_GROWN = "The api's memory grew by MB"


@dataclass(frozen=True)
class Scene:
    """What a benchmark of people stands on: the platform, and an operator who asks."""

    stage: Stage
    running: Platform
    http: httpx.AsyncClient


@dataclass(frozen=True)
class _Phase:
    """What was answered while one thing went on: seconds of each; CPU seconds of that time, by process."""

    took_s: float
    queue_s: list[float]
    answers: list[Answer]
    cpu_s: dict[str, float]
    api_mb: float

    @property
    def submit_s(self) -> list[float]:
        """Of each report."""
        return [one.seconds for one in self.answers]


async def run(stage: Stage, scale: Scale) -> Section:
    """The noise, the flood, rest; then what the clusters are."""
    lasting_s = _WARM_UP_S + 2 * scale.probing_s + _PREPARING_S
    async with (
        platform(stage) as running,
        background(stage, running.broker, FRAMES_PER_S, lasting_s),
        operator(stage, running) as http,
    ):
        return await _measured(Scene(stage, running, http), scale)


@asynccontextmanager
async def operator(stage: Stage, running: Platform) -> AsyncIterator[httpx.AsyncClient]:
    """One who may look at triage, with a key."""
    around, path = stage.surroundings(running.broker), stage.directory / "key.json"
    name = f"operator-{stage.trials}"
    await run_to_end(around, "account", "add", name, "--role", "operator", "--json", output_path=path)
    key = ("key", "add", "benchmark", "--account", name, "--scope", "reports:read", "--json")
    await run_to_end(around, *key, output_path=path)
    headers = {"Authorization": f"Bearer {json.loads(path.read_text())['key']}"}
    async with httpx.AsyncClient(base_url=running.http_url, headers=headers, timeout=60) as http:
        yield http


def posts_of(said: Sequence[Said], chance: Random) -> list[Post]:
    """As citizens send them, each with a key of its own."""
    keys = [str(UUID(int=chance.getrandbits(128))) for _ in said]
    return [
        Post("/api/v1/reports", {"Content-Type": "application/json", "Idempotency-Key": key}, json.dumps(one.body()))
        for key, one in zip(keys, said, strict=True)
    ]


async def _measured(scene: Scene, scale: Scale) -> Section:
    chance, now = Random(_SEED + scene.stage.trials), datetime.now(UTC)
    noise, flood = list(told(now, chance)), list(told_of_flood(now, chance))
    before_mb = resident_mb(scene.running.processes["api"].pid)
    await _phase(scene, lasting_s=_WARM_UP_S)
    rush = await _phase(scene, posts_of(noise, chance))
    steady = await _phase(scene, posts_of(flood, chance), rate=MEMBERS / scale.probing_s)
    rest = await _phase(scene, lasting_s=scale.probing_s)
    answers = [*rush.answers, *steady.answers]
    places = {json.loads(answer.body)["id"]: one.place for one, answer in zip([*noise, *flood], answers, strict=True)}
    listed = (await scene.http.get("/api/v1/triage/clusters")).raise_for_status().json()["clusters"]
    found, false = found_of(places, [one["reports"] for one in listed])
    phases = {f"{NOISE:,} at once": rush, f"{MEMBERS} of the flood": steady, "at rest": rest}
    tables = [_clusters(found, false), _speeds(phases, await _bare(scene.stage, list(places))), _costs(phases)]
    grown_mb = max(one.api_mb for one in phases.values()) - before_mb
    said = [*_told_apart(found, false), *_in_time(phases), verdict(_GROWN, grown_mb, _MOST_GROWN_MB, at_least=False)]
    return Section("Reports and their queue", ABOUT, tables, said)


async def _phase(
    scene: Scene, posts: Sequence[Post] = (), *, rate: float | None = None, lasting_s: float = 0.0
) -> _Phase:
    """Send these, or let so much time pass, and ask for the queue meanwhile."""
    before, began_s = _cpu(scene.running), time.perf_counter()
    async with asked_meanwhile(scene.http, _QUEUE, _PAUSE_S) as queue_s:
        answers = await sent(scene.stage, scene.running.http_url, posts, CITIZENS, rate) if posts else []
        await asyncio.sleep(lasting_s)
    took_s = max((one.ended_s for one in answers), default=time.perf_counter() - began_s)
    cost = {name: spent_s - before[name] for name, spent_s in _cpu(scene.running).items()}
    return _Phase(took_s, queue_s, answers, cost, resident_mb(scene.running.processes["api"].pid))


def _cpu(running: Platform) -> dict[str, float]:
    return {name: cpu_s(child.pid) for name, child in running.processes.items()}


async def _bare(stage: Stage, reports: Sequence[str]) -> tuple[list[float], list[float]]:
    """Seconds of each bare SELECT of the open reports, and of each bare INSERT."""
    connection = await asyncpg.connect(stage.database_url)
    try:
        select_s = [await _timed_s(connection.fetch(_OPEN)) for _ in range(_SELECTS)]
        await connection.execute(_BARE_TABLE)
        insert_s = [await _timed_s(connection.execute(_BARE_INSERT, UUID(one))) for one in reports]
        await connection.execute("DROP TABLE bare_report")
        return select_s, insert_s
    finally:
        await connection.close()


async def _timed_s(asked: Awaitable[object]) -> float:
    started = time.perf_counter()
    await asked
    return time.perf_counter() - started


def _clusters(found: Sequence[Found], false: int) -> Table:
    table = Table(["place", "its reports found in one cluster", "others in that cluster"])
    for number, one in enumerate(found, start=1):
        shared = " (one with another place)" if one.shared else ""
        table.rows.append([f"{number}", f"{100 * one.share:.1f} %{shared}", f"{one.others}"])
    table.rows.append(["false clusters", f"{false}", ""])
    return table


def _speeds(phases: dict[str, _Phase], bare_s: tuple[list[float], list[float]]) -> Table:
    select_s, insert_s = bare_s
    head = ["", "reports/s", "submission: p50, ms", "p99, ms", "queue: p50, ms", "p99, ms", "asked", "queue p50, ratio"]
    table = Table(head)
    for name, one in phases.items():
        rate = f"{len(one.answers) / one.took_s:,.1f}" if one.answers else ""
        ratio = f"{median(one.queue_s) / median(select_s):,.1f}"
        table.rows.append([name, rate, *_two(one.submit_s), *_two(one.queue_s), f"{len(one.queue_s):,}", ratio])
    rate = f"{len(insert_s) / sum(insert_s):,.1f}"
    table.rows.append(["bare INSERT, bare SELECT", rate, *_two(insert_s), *_two(select_s), f"{_SELECTS}", "1"])
    return table


def _two(latencies_s: Sequence[float]) -> list[str]:
    return [f"{percentile_ms(latencies_s, share):,.1f}" if latencies_s else "" for share in (0.5, 0.99)]


def _costs(phases: dict[str, _Phase]) -> Table:
    table = Table(["CPU", *phases])
    for process in next(iter(phases.values())).cpu_s:
        cells = [f"{100 * one.cpu_s[process] / one.took_s:.0f} %" for one in phases.values()]
        table.rows.append([process, *cells])
    table.rows.append(["memory of the api, MB", *(f"{one.api_mb:.0f}" for one in phases.values())])
    return table


def _told_apart(found: Sequence[Found], false: int) -> list[str]:
    own = sum(not one.shared for one in found)
    least = min((one.share for one in found), default=0.0)
    return [
        verdict("Places that have a cluster of their own", own, len(found), at_least=True),
        verdict("The least share of a place's reports that its cluster has", least, _LEAST_SHARE, at_least=True),
        verdict("False clusters", false, _MOST_FALSE, at_least=False),
    ]


def _in_time(phases: dict[str, _Phase]) -> list[str]:
    return [
        verdict(f"The queue, {name}: p99 in seconds", percentile_ms(one.queue_s, 0.99) / 1000, _BOUND_S, at_least=False)
        for name, one in phases.items()
    ]
