"""Probes and ears in one process: `python -m benchmarks.prober PLAN.json`.

Each probe crosses its threshold, waits until all three ears have heard of it, rests a little, and crosses back.
"""

import asyncio
import json
import random
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from benchmarks.areas import probing
from benchmarks.ears import Ear, hear_mqtt, hear_sse, hear_websocket
from benchmarks.frames import read_fleet
from benchmarks.probe import Probe, connected_probe

_REST_S = (4.0, 8.0)
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Plan:
    """Where everything is, and for how long to probe. `result`: gets the latencies in seconds, by ear."""

    host: str
    mqtt_port: int
    http_port: int
    fleet: str
    boot: int
    seconds: float
    result: str


class Prober:
    """What was heard of each crossing, and how late."""

    def __init__(self, until_s: float) -> None:
        self.ears = {"mqtt": Ear(), "sse": Ear(), "ws": Ear()}
        self.latencies_s: dict[str, list[float]] = {name: [] for name in self.ears}
        self._until_s = until_s

    async def probe(self, probe: Probe) -> None:
        """Cross up and down until the time is over. Raises TimeoutError where a crossing is not heard of."""
        await asyncio.sleep(random.uniform(0, _REST_S[1]))
        while time.monotonic() < self._until_s:
            await self._cross(probe)
            await asyncio.sleep(random.uniform(*_REST_S))

    async def _cross(self, probe: Probe) -> None:
        before = self.ears["mqtt"].newest[probe.area]
        above, at_ms = before["state"] != "active", time.time_ns() // 1_000_000

        def tells(shown: dict[str, Any]) -> bool:
            return _tells(shown, at_ms, above=above, after=before["revision"])

        heard = {name: ear.expect(probe.area, tells) for name, ear in self.ears.items()}
        said_at_s = await probe.say(at_ms, above=above)
        async with asyncio.timeout(_PATIENCE_S):
            for name, moment in heard.items():
                self.latencies_s[name].append(await moment - said_at_s)


def _tells(shown: dict[str, Any], at_ms: int, *, above: bool, after: int) -> bool:
    """Whether this revision follows from the observation of that time; an alert that is over names no cause."""
    if shown["revision"] <= after or (shown["state"] == "active") != above:
        return False
    moment = f"{datetime.fromtimestamp(at_ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03}Z"
    return not above or any(cause["time"] == moment for alert in shown["alerts"] for cause in alert["causes"])


async def measure(plan: Plan) -> dict[str, list[float]]:
    """Probe; the latencies in seconds, by ear."""
    members = probing(read_fleet(Path(plan.fleet)))
    prober = Prober(time.monotonic() + plan.seconds)
    ears = prober.ears
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as listening:
        hearing = [
            listening.create_task(hear_mqtt(plan.host, plan.mqtt_port, ears["mqtt"])),
            listening.create_task(hear_sse(plan.host, plan.http_port, ears["sse"])),
            listening.create_task(hear_websocket(plan.host, plan.http_port, ears["ws"])),
        ]
        probes = [
            await stack.enter_async_context(connected_probe(plan.host, plan.mqtt_port, one, plan.boot))
            for one in members
        ]
        async with asyncio.timeout(_PATIENCE_S):
            await asyncio.gather(*(ear.knows({one.device for one in members}) for ear in ears.values()))
        await asyncio.gather(*map(prober.probe, probes))
        for task in hearing:
            task.cancel()
    return prober.latencies_s


def main(plan: Plan) -> None:
    """Probe, and write down what was found."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(measure(plan))
    Path(plan.result).write_text(json.dumps(found))


if __name__ == "__main__":
    main(Plan(**json.loads(Path(sys.argv[1]).read_text())))
