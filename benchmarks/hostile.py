"""Whether an honest follower still hears while others mean harm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from urllib.parse import urlsplit

from benchmarks import nuisance
from benchmarks.background import background
from benchmarks.counters import Counters
from benchmarks.figures import Section, Table
from benchmarks.platform import Platform, platform
from benchmarks.probing import Latencies, beside, probed, verdicts
from benchmarks.processes import cpu_s, resident_mb
from benchmarks.scale import Scale
from benchmarks.stage import Stage, python, running_until
from benchmarks.trial import until
from hydroalert.embedded import ports

NAME = "hostile"
FRAMES_PER_S = 200
ABOUT = f"""\
The probes and ears of the section on warnings, with {FRAMES_PER_S} frames a second from other devices in the
background, so that there is much to tell of stations; first alone, then with a crowd that means harm on the same api.
That crowd asks for everything and never reads, with a small receive buffer; each of it goes after 28 s and comes anew.
Meanwhile one WebSocket after another says what nobody should: unfinished JSON, no UTF-8, too much, too often, huge
filters, noise. All come from this machine, which has no bound for itself: from another address 200 would be let in."""
_PATIENCE_S = 60.0
_PREPARING_S = 60.0


async def run(stage: Stage, scale: Scale) -> Section:
    """Alone, then with the crowd."""
    lasting_s = 2 * scale.probing_s + _PREPARING_S + _PATIENCE_S
    async with platform(stage) as running, background(stage, running.broker, FRAMES_PER_S, lasting_s):
        alone, alone_cost = await _measured(stage, running, scale)
        async with _nuisance(stage, running, scale.slow_followers) as counters:
            before = counters["sent"]
            among, among_cost = await _measured(stage, running, scale)
            spoken = counters["sent"] - before
    name = f"with {scale.slow_followers:,} that never read"
    costs = Table(["the api", "alone", name], [["CPU, memory", alone_cost, among_cost]])
    costs.rows.append(["connections that spoke garbage meanwhile", "0", f"{spoken:,}"])
    return Section("Hostile followers", ABOUT, [beside("alone", alone, name, among), costs], verdicts(name, among))


async def _measured(stage: Stage, running: Platform, scale: Scale) -> tuple[Latencies, str]:
    """Latencies, and what the api took meanwhile, in words."""
    api, loop = running.processes["api"].pid, asyncio.get_running_loop()
    before_s, began_s = cpu_s(api), loop.time()
    latencies = await probed(stage, running.broker, running.http_url, scale.probing_s)
    percent = 100 * (cpu_s(api) - before_s) / (loop.time() - began_s)
    return latencies, f"{percent:.0f} %, {resident_mb(api):.0f} MB"


@asynccontextmanager
async def _nuisance(stage: Stage, running: Platform, silent: int) -> AsyncIterator[Counters]:
    """The crowd, once all of it is there."""
    path = stage.directory / "nuisance-counters"
    counters = Counters.create(path)
    plan = nuisance.Plan(ports.LOOPBACK, urlsplit(running.http_url).port or 80, silent, str(path))
    async with running_until(python(stage, "nuisance", "benchmarks.nuisance", asdict(plan))) as child:
        async with asyncio.timeout(_PATIENCE_S):
            await until(lambda: counters["present"] >= silent, child)
        yield counters
        if not child.running:
            raise RuntimeError(f"the nuisance ended early:\n{child.program.log_path.read_text()[-2000:]}")
