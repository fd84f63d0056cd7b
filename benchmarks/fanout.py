"""One alert to thousands of followers of one api process: until the last has heard of it, and what each costs."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks import bare, crowd
from benchmarks.areas import probing
from benchmarks.counters import Counters
from benchmarks.figures import Section, Table, spread
from benchmarks.frames import read_fleet
from benchmarks.platform import platform
from benchmarks.probe import calm, connected_probe
from benchmarks.processes import resident_mb
from benchmarks.scale import Scale
from benchmarks.stage import Stage, python, running_until
from benchmarks.trial import until
from hydroalert.embedded import ports
from hydroalert.embedded.child import Child

NAME = "fanout"
_EVENT_BYTES = 900
_EVERY_S = 0.7
_PATIENCE_S = 60.0
ABOUT = f"""\
Followers of `/api/v1/stream` that follow one area, each with a connection of its own, all in one process beside one
api; a device's level crosses the area's threshold up and down. From the publish of its frame until the first, the
median and the last follower has heard of the revision; bridge, alerting and api are started as an operator starts them.
*Bare loop*: uvloop, one `write` of an event of {_EVENT_BYTES} bytes for each socket, from the first write on, and
nothing else. So what compares is the time from the first follower to the last, and memory: resident, before there are
followers and with all of them, divided by their number."""


@dataclass(frozen=True)
class _Heard:
    """Of each change: when it was said, and when the followers heard of it. `kb_each`: the memory of one."""

    said_s: list[float]
    moments_s: list[list[float]]
    kb_each: float

    def after_ms(self, which: Callable[[list[float]], float]) -> list[float]:
        """How late a certain follower was, of each change."""
        return [1000 * (which(all_s) - said) for said, all_s in zip(self.said_s, self.moments_s, strict=True)]

    def from_first_to_last_ms(self) -> list[float]:
        """How long one change took to reach all, once it reached one."""
        return [1000 * (max(all_s) - min(all_s)) for all_s in self.moments_s]


async def run(stage: Stage, scale: Scale) -> Section:
    """The bare loop, then the api."""
    base = await _bare(stage, scale)
    api = await _api(stage, scale)
    head = [
        f"{scale.followers:,} followers",
        "first, ms",
        "median, ms",
        "last, ms",
        "from first to last, ms",
        "kB each",
    ]
    table = Table(head, [_row("a bare loop", base), _row("the api, from the frame's publish on", api)])
    ratio = median(api.from_first_to_last_ms()) / median(base.from_first_to_last_ms())
    return Section("Fan-out", ABOUT, [table], [f"From the first to the last, api to bare loop: **{ratio:.1f}**"])


def _row(name: str, heard: _Heard) -> list[str]:
    waits = [heard.after_ms(which) for which in (min, median, max)]
    return [name, *map(spread, [*waits, heard.from_first_to_last_ms()]), f"{heard.kb_each:.1f}"]


async def _bare(stage: Stage, scale: Scale) -> _Heard:
    path, result, port = stage.directory / "bare-counters", stage.directory / "bare-result.json", ports.any_free()
    counters, (followers, changes) = Counters.create(path), (scale.followers, scale.fanned_alerts)
    plan = bare.Plan(ports.LOOPBACK, port, followers, changes, _EVENT_BYTES, str(path), str(result))
    async with running_until(python(stage, "bare", "benchmarks.bare", asdict(plan))) as child:
        await until(lambda: counters["subscriber_ready"], child)

        async def say(number: int) -> None:
            counters["go"] = number + 1

        moments_s, kb_each = await _crowd(stage, _plan(stage, scale, port), child, say)
        await until(result.exists, child)
    return _Heard(json.loads(result.read_text()), moments_s, kb_each)


async def _api(stage: Stage, scale: Scale) -> _Heard:
    member = probing(read_fleet(stage.fleet))[0]
    said_s: list[float] = []
    async with (
        platform(stage) as running,
        connected_probe(running.broker.host, running.broker.port, member, stage.trials) as probe,
    ):
        await calm(stage.database_url, probe)

        async def say(number: int) -> None:
            said_s.append(await probe.say(time.time_ns() // 1_000_000, above=number % 2 == 0))

        plan = _plan(stage, scale, urlsplit(running.http_url).port or 80, f"?area={probe.area}")
        moments_s, kb_each = await _crowd(stage, plan, running.processes["api"], say)
    return _Heard(said_s, moments_s, kb_each)


def _plan(stage: Stage, scale: Scale, port: int, query: str = "") -> crowd.Plan:
    counters, result = stage.directory / "crowd-counters", stage.directory / "crowd-result.json"
    path, changes = f"/api/v1/stream{query}", scale.fanned_alerts
    return crowd.Plan(ports.LOOPBACK, port, path, scale.followers, changes, str(counters), str(result))


async def _crowd(
    stage: Stage, plan: crowd.Plan, served_by: Child, say: Callable[[int], Awaitable[None]]
) -> tuple[list[list[float]], float]:
    """When each follower heard of each change; and the memory of one, in kB."""
    counters, before_mb = Counters.create(Path(plan.counters)), resident_mb(served_by.pid)
    async with running_until(python(stage, "crowd", "benchmarks.crowd", asdict(plan))) as child:
        async with asyncio.timeout(_PATIENCE_S):
            await until(lambda: counters["present"] == plan.followers, child)
        for number in range(plan.changes):
            await asyncio.sleep(_EVERY_S)
            await say(number)
            async with asyncio.timeout(_PATIENCE_S):
                await until(lambda: counters["heard"] >= plan.followers * (number + 1), child)  # noqa: B023 - at once
        grown_mb = resident_mb(served_by.pid) - before_mb
        await child.wait()
    return _moments_s(Path(plan.result)), 1024 * grown_mb / plan.followers


def _moments_s(result: Path) -> list[list[float]]:
    moments_s: list[list[float]] = json.loads(result.read_text())
    return moments_s
