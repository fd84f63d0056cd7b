"""What a second bridge worker gains on the same machine."""

from benchmarks.figures import COST_HEAD, Section, Table, cost_row, medians
from benchmarks.scale import DEVICES, Scale
from benchmarks.stage import Stage
from benchmarks.trial import BridgeSetup, Load, run_trial

NAME = "workers"
ABOUT = """\
The same load (no receipts), one worker and two taking turns. Broker, database, devices and workers share the machine's
cores, and Mosquitto itself is one thread: a second worker gains where the bridge is what is short, and is insurance
everywhere else (the other takes over its lane). The memory of two includes the process that starts them."""


async def run(stage: Stage, scale: Scale) -> Section:
    """One and two, in turns."""
    one, two = [], []
    for _ in range(max(2, scale.rounds - 2)):
        one.append(await run_trial(stage, Load(DEVICES, scale.frames_each), bridge=BridgeSetup(workers=1)))
        two.append(await run_trial(stage, Load(DEVICES, scale.frames_each), bridge=BridgeSetup(workers=2)))
    gain = medians(two, lambda trial: trial.frames_per_s) / medians(one, lambda trial: trial.frames_per_s)
    table = Table(COST_HEAD, [cost_row("one worker", one), cost_row("two workers", two)])
    return Section("Two workers against one", ABOUT, [table], [f"Two workers to one: **{gain:.2f}**"])
