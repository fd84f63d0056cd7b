"""How late an alert is heard of while the whole fleet publishes, and what judging costs."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from benchmarks.areas import GAUGES_A_GROUP, GROUPS, PROBES, prepare_areas
from benchmarks.background import DEVICES, background
from benchmarks.figures import Section, Table
from benchmarks.probing import Latencies, beside, probed, verdicts
from benchmarks.processes import cpu_s, resident_mb
from benchmarks.scale import Scale
from benchmarks.stage import Stage
from hydroalert.embedded.mosquitto import Broker

NAME = "warnings"
FRAMES_PER_S = 2_000
ABOUT = f"""\
{PROBES} probing devices, each with an area and a ladder of its own, cross the threshold up and down, every three
seconds or so: about ten revisions a second, each with its CAP message. One process publishes the frame, and hears of
the area's revision in three ways at once: an MQTT client without an account on `hydroalert/v1/alerts/+`, a follower of
`/api/v1/stream`, one of `/api/v1/ws`. An alert counts when its cause has the frame's phenomenon time, its end when the
area's next revision is cleared. First at rest, then while {DEVICES} other devices publish {FRAMES_PER_S:,} frames of
two records a second; {GROUPS * GAUGES_A_GROUP} of their levels are judged too, by ladders that they never reach, in
{GROUPS} areas. Bridge, alerting and api are started as an operator starts them, and share the machine with broker,
database, devices and ears. CPU is in percent of one core."""
_WARM_UP_S = 8.0
_PREPARING_S = 30.0
_JUDGED = "SELECT n_tup_del FROM pg_stat_user_tables WHERE relname = 'due'"
_COMMITTED = """
SELECT coalesce((SELECT sum(frames) FROM device_tally), 0)
     + coalesce((SELECT sum(one) FROM settlement, unnest(frames) AS one), 0)
"""


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


class _Scene:
    """The processes of the platform, and what is asked of the database."""

    def __init__(self, stage: Stage, broker: Broker, http_url: str, processes: dict[str, int]) -> None:
        self._stage = stage
        self._broker = broker
        self._http_url = http_url
        self._processes = processes

    async def measure(self, seconds: float) -> tuple[Latencies, _Cost]:
        """Probe for so long."""
        before = await self._mark()
        latencies = await probed(self._stage, self._broker, self._http_url, seconds)
        after = await self._mark()
        took_s = after.at_s - before.at_s
        return latencies, _Cost(
            (after.judged_rows - before.judged_rows) / took_s,
            (after.frames - before.frames) / took_s,
            {name: 100 * (after.cpu_s[name] - before.cpu_s[name]) / took_s for name in self._processes},
            {name: resident_mb(pid) for name, pid in self._processes.items()},
        )

    async def _mark(self) -> _Mark:
        connection = await asyncpg.connect(self._stage.database_url)
        try:
            judged, frames = await connection.fetchval(_JUDGED), await connection.fetchval(_COMMITTED)
        finally:
            await connection.close()
        cost = {name: cpu_s(pid) for name, pid in self._processes.items()}
        return _Mark(time.monotonic(), judged, int(frames), cost)


async def run(stage: Stage, scale: Scale) -> Section:
    """At rest, then under load."""
    await stage.forget()
    async with _scene(stage) as (scene, broker):
        rest, rest_cost = await scene.measure(scale.probing_s)
        async with background(stage, broker, FRAMES_PER_S, _WARM_UP_S + scale.probing_s + _PREPARING_S):
            await asyncio.sleep(_WARM_UP_S)
            loaded, loaded_cost = await scene.measure(scale.probing_s)
    name = f"under {FRAMES_PER_S:,} frames/s"
    tables = [beside("at rest", rest, name, loaded), _costs(rest_cost, loaded_cost)]
    return Section("From a frame to a warning", ABOUT, tables, verdicts(name, loaded))


@asynccontextmanager
async def _scene(stage: Stage) -> AsyncIterator[tuple[_Scene, Broker]]:
    async with stage.broker() as (broker, broker_child):
        await prepare_areas(stage, broker)
        async with (
            stage.bridge(broker) as bridge,
            stage.alerting(broker) as alerting,
            stage.api(broker) as (http_url, api),
        ):
            children = {
                "alerting": alerting, "bridge": bridge, "api": api, "broker": broker_child, "database": stage.postgres,
            }  # fmt: skip
            yield _Scene(stage, broker, http_url, {name: child.pid for name, child in children.items()}), broker


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
