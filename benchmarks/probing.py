"""How late an alert is heard of, by three ways, as a trial finds it; and how two trials are set side by side."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from urllib.parse import urlsplit

from benchmarks import prober
from benchmarks.figures import Table, percentile_ms, verdict
from benchmarks.stage import Stage, python, running_until
from hydroalert.embedded.mosquitto import Broker

Latencies = Mapping[str, Sequence[float]]
"""Seconds from the publish of a frame to the revision that it brings about, by ear."""
_WAYS = {"mqtt": "the retained alert (MQTT)", "sse": "server-sent events", "ws": "WebSocket"}
_BOUND_S = 1.0


async def probed(stage: Stage, broker: Broker, http_url: str, seconds: float) -> Latencies:
    """Probe for so long. Raises RuntimeError where a crossing is not heard of."""
    result = stage.directory / "prober-result.json"
    stage.trials += 1
    plan = prober.Plan(
        broker.host,
        broker.port,
        urlsplit(http_url).port or 80,
        str(stage.fleet),
        boot=stage.trials,
        seconds=seconds,
        result=str(result),
    )
    async with running_until(python(stage, "prober", "benchmarks.prober", asdict(plan))) as child:
        if await child.wait():
            raise RuntimeError(f"the prober failed:\n{child.program.log_path.read_text()[-2000:]}")
    latencies: Latencies = json.loads(result.read_text())
    return latencies


def beside(base_name: str, base: Latencies, name: str, found: Latencies) -> Table:
    """Both trials, way by way. The ratio is of the 99th percentiles."""
    figures = ("p50, ms", "p99, ms", "most, ms")
    head = ["publish →", *(f"{one}: {figure}" for one in (base_name, name) for figure in figures), "p99, ratio"]
    table = Table([*head, "crossings"])
    for way, words in _WAYS.items():
        ratio = percentile_ms(found[way], 0.99) / percentile_ms(base[way], 0.99)
        counted = f"{len(base[way]):,}; {len(found[way]):,}"
        table.rows.append([words, *_figures(base[way]), *_figures(found[way]), f"{ratio:.1f}", counted])
    return table


def verdicts(name: str, found: Latencies) -> list[str]:
    """The target of each way."""
    return [
        verdict(f"Publish → {words}, {name}: p99 in seconds", percentile_ms(found[way], 0.99) / 1000, _BOUND_S,
                at_least=False)
        for way, words in _WAYS.items()
    ]  # fmt: skip


def _figures(latencies_s: Sequence[float]) -> list[str]:
    return [f"{percentile_ms(latencies_s, share):,.0f}" for share in (0.5, 0.99, 1.0)]
