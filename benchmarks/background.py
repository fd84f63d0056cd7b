"""Frames that flow while something else is measured: a steady rate from many devices, of times some minutes ago."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from math import ceil
from pathlib import Path

from benchmarks import publisher
from benchmarks.counters import Counters
from benchmarks.frames import STEP_MS
from benchmarks.stage import Stage, python, running_until
from benchmarks.trial import until
from hydroalert.embedded.mosquitto import Broker

DEVICES = 400
"""Of the fleet, from its beginning; the probes are at its end."""


@asynccontextmanager
async def background(stage: Stage, broker: Broker, rate: float, at_most_s: float) -> AsyncIterator[Counters]:
    """So many frames a second for as long as the block lasts; what was sent is counted."""
    path = stage.directory / "background-counters"
    counters, each = Counters.create(path), ceil(rate * at_most_s / DEVICES)
    plan = _plan(stage, broker, path, rate, each)
    async with running_until(python(stage, "background", "benchmarks.publisher", asdict(plan))) as child:
        await until(lambda: counters["publisher_ready"], child)
        counters["go"] = 1
        yield counters
        if not child.running:
            raise RuntimeError(f"the background ended early:\n{child.program.log_path.read_text()[-2000:]}")


def _plan(stage: Stage, broker: Broker, counters: Path, rate: float, each: int) -> publisher.Plan:
    return publisher.Plan(
        broker.host,
        broker.port,
        str(stage.fleet),
        DEVICES,
        each,
        boot=stage.trials,
        first_ms=time.time_ns() // 1_000_000 - each * STEP_MS,
        counters=str(counters),
        result=str(stage.directory / "background-result.json"),
        rate=rate,
        burst=1,
    )
