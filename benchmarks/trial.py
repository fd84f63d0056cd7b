"""One trial: a fresh broker, one kind of subscriber, the whole fleet publishing; what was done, and what it cost."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg

from benchmarks import baseline, publisher
from benchmarks.counters import Counters
from benchmarks.processes import cpu_s, resident_mb
from benchmarks.stage import Stage, python, running_until
from hydroalert.bridge.service import USER
from hydroalert.config import Config
from hydroalert.embedded.child import Child
from hydroalert.embedded.mosquitto import Broker
from hydroalert.wire.topics import shared_filters

RECEIVE_MAXIMUM = Config({}).receive_maximum
_LOOK_EVERY_S = 0.2
"""Looking costs the database a few milliseconds."""
_MEASURED = (0.15, 0.88)
"""From which share of the frames to which: neither the start nor the end, when the queue runs dry."""
_PATIENCE_S = 30.0
_BASELINE_PATIENCE_S = 3.0
"""A baseline that stood still in between would flatter the bridge."""

COMMITTED = """
SELECT coalesce((SELECT sum(frames) FROM device_tally), 0)
     + coalesce((SELECT sum(one) FROM settlement, unnest(frames) AS one), 0)
"""


@dataclass(frozen=True)
class Load:
    """What the fleet publishes. `rate`: frames a second, or None for as fast as the subscriber finishes them."""

    devices: int = 500
    frames_each: int = 480
    rate: float | None = None
    receipt_every: int = 0


@dataclass(frozen=True)
class Trial:
    """What one trial showed, over its measured part. Costs are CPU microseconds a frame."""

    frames_per_s: float
    subscriber_us: float
    broker_us: float
    database_us: float
    publisher_us: float
    subscriber_mb: float
    broker_mb: float
    latencies_s: list[float]


class Stalled(RuntimeError):
    """Frames are under way, and for long none has been done."""


@dataclass
class _Scene:
    """The processes of a trial, by what they cost."""

    counters: Counters
    processes: dict[str, int]
    progress: Callable[[], Awaitable[int]]
    to_the_end: bool
    """Whether every frame must be done: what the bridge loses fails the trial, what the baseline does is its own."""


@dataclass(frozen=True)
class _Mark:
    at_s: float
    done: int
    cpu_s: dict[str, float]


@dataclass(frozen=True)
class BridgeSetup:
    """Which bridge: how many workers, on which database (None: the stage's), over what is stored already or not."""

    workers: int = 1
    database_url: str | None = None
    keep_observations: bool = False


async def run_trial(stage: Stage, load: Load, *, bridge: BridgeSetup | None = None) -> Trial:
    """Measure the bridge, or without one the baseline, under a load. Raises RuntimeError where a frame is lost."""
    counters_path = stage.directory / "counters"
    counters = Counters.create(counters_path)
    async with (
        stage.broker() as (broker, broker_child),
        _subscriber(stage, broker, counters, bridge) as (child, progress),
    ):
        plan = _plan(stage, broker, load, counters_path)
        async with running_until(python(stage, "publisher", "benchmarks.publisher", asdict(plan))) as sender:
            processes = {
                "subscriber": child.pid, "broker": broker_child.pid,
                "database": stage.postgres.pid, "publisher": sender.pid,
            }  # fmt: skip
            scene = _Scene(counters, processes, progress, to_the_end=bridge is not None)
            return await _measure(scene, load, sender, Path(plan.result))


def _plan(stage: Stage, broker: Broker, load: Load, counters_path: Path) -> publisher.Plan:
    span_ms = load.frames_each * 1000
    return publisher.Plan(
        broker.host,
        broker.port,
        str(stage.fleet),
        load.devices,
        load.frames_each,
        boot=stage.trials,
        first_ms=(time.time_ns() // 1_000_000_000) * 1000 - 3_600_000 * 6 - span_ms * (stage.trials % 200),
        counters=str(counters_path),
        result=str(stage.directory / "publisher-result.json"),
        rate=load.rate,
        receipt_every=load.receipt_every,
        burst=1 if load.rate else publisher.Plan.burst,
    )


@asynccontextmanager
async def _subscriber(
    stage: Stage, broker: Broker, counters: Counters, bridge: BridgeSetup | None
) -> AsyncIterator[tuple[Child, Callable[[], Awaitable[int]]]]:
    if bridge is None:
        async with _baseline(stage, broker, counters) as child:
            yield child, _counted(counters)
        return
    url = bridge.database_url or stage.database_url
    await stage.forget(url, observations=not bridge.keep_observations)
    connection = await asyncpg.connect(url)
    try:
        async with stage.bridge(broker, workers=bridge.workers, database_url=url) as child:
            yield child, _committed(connection, counters)
    finally:
        await connection.close()


@asynccontextmanager
async def _baseline(stage: Stage, broker: Broker, counters: Counters) -> AsyncIterator[Child]:
    plan = baseline.Plan(
        broker.host,
        broker.port,
        USER,
        broker.bridge_password,
        "baseline",
        list(shared_filters("baseline")),
        RECEIVE_MAXIMUM,
        str(stage.directory / "counters"),
    )
    async with running_until(python(stage, "baseline", "benchmarks.baseline", asdict(plan))) as child:
        await until(lambda: counters["subscriber_ready"], child)
        yield child


def _counted(counters: Counters) -> Callable[[], Awaitable[int]]:
    async def ask() -> int:
        return counters["done"]

    return ask


def _committed(connection: asyncpg.Connection, counters: Counters) -> Callable[[], Awaitable[int]]:
    """How many frames are settled by committed transactions; this also tells the publisher."""

    async def ask() -> int:
        counters["done"] = int(await connection.fetchval(COMMITTED))
        return counters["done"]

    return ask


async def _measure(scene: _Scene, load: Load, sender: Child, result: Path) -> Trial:
    counters, total = scene.counters, load.devices * load.frames_each
    await until(lambda: counters["publisher_ready"], sender)
    counters["go"] = 1
    first = await _reach(scene, _MEASURED[0] * total, sender)
    last = await _reach(scene, _MEASURED[1] * total, sender)
    memory = {name: resident_mb(pid) for name, pid in scene.processes.items()}
    if scene.to_the_end:
        await _reach(scene, total, sender)
        await sender.wait()
    if counters["refused"]:
        raise RuntimeError(f"the broker refused {counters['refused']} publishes")
    frames = last.done - first.done
    cost = {name: 1e6 * (last.cpu_s[name] - first.cpu_s[name]) / frames for name in scene.processes}
    return Trial(
        frames / (last.at_s - first.at_s),
        cost["subscriber"],
        cost["broker"],
        cost["database"],
        cost["publisher"],
        memory["subscriber"],
        memory["broker"],
        _latencies_s(result),
    )


def _latencies_s(result: Path) -> list[float]:
    latencies_s: list[float] = json.loads(result.read_text())["latencies_s"] if result.exists() else []
    return latencies_s


async def _reach(scene: _Scene, done: float, sender: Child) -> _Mark:
    """Wait until so many frames are done; raises RuntimeError when nothing moves any more."""
    best, moved_at = -1, time.monotonic()
    while True:
        now_done, now = await scene.progress(), time.perf_counter()
        if now_done >= done:
            return _Mark(now, now_done, {name: cpu_s(pid) for name, pid in scene.processes.items()})
        if now_done > best:
            best, moved_at = now_done, time.monotonic()
        if time.monotonic() - moved_at > (_PATIENCE_S if scene.to_the_end else _BASELINE_PATIENCE_S):
            said = sender.program.log_path.read_text()[-1000:]
            sent, refused = scene.counters["sent"], scene.counters["refused"]
            raise Stalled(f"nothing moves: {now_done} of {done:.0f} done, {sent} sent, {refused} refused. {said}")
        await asyncio.sleep(_LOOK_EVERY_S)


async def until(said: Callable[[], object], child: Child) -> None:
    """Wait until it is so. Raises RuntimeError when the child that should bring it about has ended."""
    while not said():
        if not child.running:
            raise RuntimeError(f"{child.program.name} ended:\n{child.program.log_path.read_text()[-2000:]}")
        await asyncio.sleep(0.02)
