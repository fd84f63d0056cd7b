"""`python -m benchmarks [NAME…] [--quick]`: measure, and write docs/benchmarks.md."""

import argparse
import asyncio
import sys
import time
import traceback
from types import ModuleType

import uvloop

from benchmarks import (
    fanout,
    hostile,
    overload,
    provisioning,
    reading,
    report,
    reports,
    stored,
    throughput,
    uploads,
    warnings,
    workers,
)
from benchmarks.figures import Section
from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.stage import staged

ALL: dict[str, ModuleType] = {
    module.NAME: module
    for module in (
        throughput,
        workers,
        stored,
        reading,
        provisioning,
        overload,
        warnings,
        fanout,
        hostile,
        reports,
        uploads,
    )
}


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(ALL)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a check that it works: few rounds, few rows")
    parser.add_argument("--no-page", action="store_true", help="keep the results, leave docs/benchmarks.md alone")
    args = parser.parse_args()
    unknown = set(args.names) - set(ALL)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        failed = runner.run(_measure(args.names or list(ALL), QUICK if args.quick else FULL, args))
    if failed:
        _say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


async def _measure(names: list[str], scale: Scale, args: argparse.Namespace) -> list[str]:
    """Measure one after the other, each written down at once; returns the names of those that failed."""
    failed = []
    _say(f"preparing a database, a broker and {scale.fleet:,} devices")
    async with staged(scale.fleet) as stage:
        for name in names:
            _say(f"measuring {name}")
            started = time.monotonic()
            try:
                section = await ALL[name].run(stage, scale)
            except Exception:
                traceback.print_exc()
                failed.append(name)
                continue
            report.record(name, section, quick=args.quick)
            if not args.no_page:
                report.write_page(list(ALL))
            _tell(section, time.monotonic() - started)
    return failed


def _tell(section: Section, seconds: float) -> None:
    for table in section.tables:
        for row in table.rows:
            _say("  " + " | ".join(row))
    for verdict in section.verdicts:
        _say(f"  {verdict}")
    _say(f"  ({seconds:.0f} s)")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
