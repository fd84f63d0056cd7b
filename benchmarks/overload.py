"""Ten times as much is offered as the bridge may take, for minutes: what must hold is memory and every frame."""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Section, Table
from benchmarks.processes import resident_mb
from benchmarks.scale import DEVICES, Scale
from benchmarks.stage import Stage, running_until
from hydroalert.embedded.child import Program
from hydroalert.embedded.mosquitto import Broker

NAME = "overload"
BROKER_LIMIT_MB = 128
BRIDGE_LIMIT_MB = 128
_WINDOW = 32
_DRAIN_S = 1200
_LOOK_EVERY_S = 0.5
ABOUT = f"""\
`device-sim load` plays {DEVICES} devices, every frame wanting a receipt, at most {_WINDOW} of a device's frames under
way, the rest kept by the device; what has no receipt after a minute is sent again. The bridge is held to a tenth of
what is offered (`HYDROALERT_BRIDGE_FRAMES_PER_S`). Then the brake is taken off by restarting the bridge, and the
devices are given time to deliver what they kept. `device-sim reconcile` compares, over HTTP, what was sent with what
is stored."""


@dataclass
class _Watch:
    """The most memory that was seen, by process."""

    processes: dict[str, int]
    most_mb: dict[str, float] = field(default_factory=dict)

    async def run(self) -> None:
        while True:
            for name, pid in self.processes.items():
                self.most_mb[name] = max(self.most_mb.get(name, 0), resident_mb(pid))
            await asyncio.sleep(_LOOK_EVERY_S)


async def run(stage: Stage, scale: Scale) -> Section:
    """Offer too much, let go, wait, compare."""
    await stage.forget()
    held = scale.overload_frames_per_s // 10
    async with stage.broker() as (broker, broker_child), stage.api(broker) as (http_url, _):
        watch = _Watch({"broker": broker_child.pid})
        watching = asyncio.create_task(watch.run())
        try:
            async with running_until(_load(stage, broker, http_url, scale)) as devices:
                async with stage.bridge(broker, HYDROALERT_BRIDGE_FRAMES_PER_S=str(held)) as bridge:
                    watch.processes["bridge"] = bridge.pid
                    await asyncio.sleep(scale.overload_s)
                released = time.monotonic()
                async with stage.bridge(broker) as bridge:
                    watch.processes["bridge"] = bridge.pid
                    await devices.wait()
                    drained_s = time.monotonic() - released
                    sent = _printed(stage, "load")
                    compared = await _reconcile(stage, http_url)
        finally:
            watching.cancel()
    return _section(scale, watch, sent, compared, drained_s)


def _section(
    scale: Scale, watch: _Watch, sent: dict[str, object], compared: dict[str, object], drained_s: float
) -> Section:
    rows = [
        ["offered", f"{scale.overload_frames_per_s:,} frames/s for {scale.overload_s} s"],
        ["taken meanwhile", f"at most {scale.overload_frames_per_s // 10:,} frames/s"],
        ["frames recorded by devices", f"{sent['frames']:,}"],
        ["publishes, resends included", f"{sent['published']:,}"],
        ["told by receipts that they are stored", f"{sent['stored']:,}"],
        ["left in spools at the end", f"{sent['in_spools']:,}"],
        ["time to drain once the brake was off", f"{drained_s:.0f} s"],
        [
            "lost, doubled, wrong (`device-sim reconcile`)",
            ", ".join(str(compared[k]) for k in ("lost", "doubled", "wrong")),
        ],
        ["most memory, broker", f"{watch.most_mb['broker']:.0f} MB"],
        ["most memory, bridge", f"{watch.most_mb['bridge']:.0f} MB"],
    ]
    held = watch.most_mb["broker"] <= BROKER_LIMIT_MB and watch.most_mb["bridge"] <= BRIDGE_LIMIT_MB
    whole = not sent["in_spools"] and not any(compared[key] for key in ("lost", "doubled", "wrong"))
    return Section(
        "Overload",
        ABOUT,
        [Table(["", ""], rows)],
        [
            f"Broker under {BROKER_LIMIT_MB} MB and bridge under {BRIDGE_LIMIT_MB} MB: {'met' if held else 'NOT met'}",
            f"No frame lost, spools empty: {'met' if whole else 'NOT met'}",
        ],
    )


def _load(stage: Stage, broker: Broker, http_url: str, scale: Scale) -> Program:
    rate, seconds = scale.overload_frames_per_s, scale.overload_s
    return _device_sim(
        stage, "load", "--fleet", str(stage.fleet), "--devices", str(DEVICES), "--broker", broker.url,
        "--http", http_url, "--rate", str(rate), "--duration", str(seconds), "--drain", str(_DRAIN_S),
        "--window", str(_WINDOW), "--backlog", str(2 * rate * seconds // DEVICES),
    )  # fmt: skip


async def _reconcile(stage: Stage, http_url: str) -> dict[str, object]:
    async with running_until(_device_sim(stage, "reconcile", "--http", http_url)) as child:
        await child.wait()
    return _printed(stage, "reconcile")


def _device_sim(stage: Stage, command: str, *arguments: str) -> Program:
    state = stage.directory / "device-sim"
    return Program(
        name=command,
        command=(sys.executable, "-m", "device_sim", command, *arguments, "--json", "--state", str(state)),
        log_path=stage.directory / "logs" / f"{command}.log",
        output_path=_output(stage, command),
        directory=stage.directory,
    )


def _output(stage: Stage, command: str) -> Path:
    return stage.directory / f"{command}-said.json"


def _printed(stage: Stage, command: str) -> dict[str, object]:
    text = _output(stage, command).read_text()
    if not text:
        raise RuntimeError((stage.directory / "logs" / f"{command}.log").read_text()[-2000:])
    printed: dict[str, object] = json.loads(text)
    return printed
