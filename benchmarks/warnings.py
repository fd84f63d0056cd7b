"""How late an alert is heard of while the whole fleet publishes, and what judging costs."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from benchmarks.areas import GAUGES_A_GROUP, GROUPS, PROBES
from benchmarks.background import DEVICES, background
from benchmarks.figures import Section, Table
from benchmarks.platform import Platform, platform
from benchmarks.probing import Latencies, beside, probed, verdicts
from benchmarks.processes import cpu_s, resident_mb
from benchmarks.scale import Scale
from benchmarks.stage import Stage
from benchmarks.trial import COMMITTED

NAME = "warnings"
FRAMES_PER_S = 2_000
ABOUT = f"""\
{PROBES} probing devices, each with an area and a ladder of its own, cross the threshold up and down, every six
seconds or so: about six revisions a second, each with its CAP message. One process publishes the frame, and hears of
the area's revision in three ways at once: an MQTT client without an account on `hydroalert/v1/alerts/+`, a follower of
`/api/v1/stream`, one of `/api/v1/ws`. An alert counts when its cause has the frame's phenomenon time, its end when the
area's next revision is cleared. First at rest, then while {DEVICES} other devices publish {FRAMES_PER_S:,} frames of
two records a second; {GROUPS * GAUGES_A_GROUP} of their levels are judged too, by ladders that they never reach, in
{GROUPS} areas. Bridge, alerting and api are started as an operator starts them, and share the machine with broker,
database, devices and ears. CPU is in percent of one core."""
_WARM_UP_S = 8.0
_PREPARING_S = 30.0
_JUDGED = "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'due'"


@dataclass(frozen=True)
class _Mark:
    at_s: float
    judged_rows: int
    frames: int
    cpu_s: Mapping[str, float]


@dataclass(frozen=True)
class _Cost:
    """From one mark to another: per second, and in percent of one core."""

    judged_rows_per_s: float
    frames_per_s: float
    cpu_percent: Mapping[str, float]
    memory_mb: Mapping[str, float]


async def run(stage: Stage, scale: Scale) -> Section:
    """At rest, then under load."""
    async with platform(stage) as running:
        rest, rest_cost = await _measured(stage, running, scale.probing_s)
        async with background(stage, running.broker, FRAMES_PER_S, _WARM_UP_S + scale.probing_s + _PREPARING_S):
            await asyncio.sleep(_WARM_UP_S)
            loaded, loaded_cost = await _measured(stage, running, scale.probing_s)
    name = f"under {FRAMES_PER_S:,} frames/s"
    tables = [beside("at rest", rest, name, loaded), _costs(rest_cost, loaded_cost)]
    return Section("From a frame to a warning", ABOUT, tables, verdicts(name, loaded))


async def _measured(stage: Stage, running: Platform, seconds: float) -> tuple[Latencies, _Cost]:
    """Probe for so long."""
    before = await _mark(stage, running)
    latencies = await probed(stage, running.broker, running.http_url, seconds)
    after = await _mark(stage, running)
    took_s = after.at_s - before.at_s
    return latencies, _Cost(
        (after.judged_rows - before.judged_rows) / took_s,
        (after.frames - before.frames) / took_s,
        {name: 100 * (after.cpu_s[name] - before.cpu_s[name]) / took_s for name in running.processes},
        {name: resident_mb(child.pid) for name, child in running.processes.items()},
    )


async def _mark(stage: Stage, running: Platform) -> _Mark:
    connection = await asyncpg.connect(stage.database_url)
    try:
        judged, frames = await connection.fetchval(_JUDGED), await connection.fetchval(COMMITTED)
    finally:
        await connection.close()
    cost = {name: cpu_s(child.pid) for name, child in running.processes.items()}
    return _Mark(time.monotonic(), judged, int(frames), cost)


def _costs(rest: _Cost, loaded: _Cost) -> Table:
    table = Table(["", "at rest", "under load"])
    table.rows.append(["frames committed a second", f"{rest.frames_per_s:,.0f}", f"{loaded.frames_per_s:,.0f}"])
    table.rows.append(["due rows judged a second", *(f"{one.judged_rows_per_s:,.0f}" for one in (rest, loaded))])
    more_us = 1e4 * (loaded.cpu_percent["alerting"] - rest.cpu_percent["alerting"])
    more_rows = loaded.judged_rows_per_s - rest.judged_rows_per_s
    table.rows.append(["CPU of alerting for each due row more, µs", "", f"{more_us / more_rows:,.0f}"])
    for name in loaded.cpu_percent:
        cells = [f"{one.cpu_percent[name]:.0f} %, {one.memory_mb[name]:.0f} MB" for one in (rest, loaded)]
        table.rows.append([f"{name}: CPU, memory", *cells])
    return table
