"""How long it takes to make a fleet known to database and broker."""

import time

from benchmarks.figures import Section, Table
from benchmarks.processes import resident_mb
from benchmarks.scale import Scale
from benchmarks.stage import Stage
from hydroalert.embedded.commands import run_to_end

NAME = "provisioning"
ABOUT = """\
Whole commands, the start of Python included. `device import` registers in one transaction and then tells the broker;
`broker sync` rebuilds the accounts of a broker that has lost them all, and finds nothing to do the second time. The
broker saves its whole file of accounts after each change, which is what a large fleet pays for."""


async def run(stage: Stage, scale: Scale) -> Section:
    """Sync a broker that knows nobody, twice."""
    stage.forget_accounts()
    async with stage.broker() as (broker, child):
        before_mb = resident_mb(child.pid)
        around = stage.surroundings(broker)
        sync_s = []
        for _ in range(2):
            started = time.monotonic()
            await run_to_end(around, "broker", "sync")
            sync_s.append(time.monotonic() - started)
        grown_mb = resident_mb(child.pid) - before_mb
    stage.keep_accounts(broker)
    table = Table(
        [f"{scale.fleet:,} devices", "seconds", "ms a device"],
        [
            _row("`device import FILE --json`, database and broker", stage.registered_in_s, scale.fleet),
            _row("`broker sync`, a broker that knows nobody", sync_s[0], scale.fleet),
            _row("`broker sync`, nothing to do", sync_s[1], scale.fleet),
        ],
    )
    return Section("Provisioning", ABOUT, [table], [f"The broker's memory grew by **{grown_mb:.1f} MB**"])


def _row(name: str, seconds: float, devices: int) -> list[str]:
    return [name, f"{seconds:.1f}", f"{1000 * seconds / devices:.1f}"]
