"""`python -m chaos`: kill the platform's processes under load and see whether it kept its word."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop
from device_sim.run import raise_open_files

from chaos.blows import Target
from chaos.fleet import Load
from chaos.platform import PlatformFailed
from chaos.report import Summary, line
from chaos.rounds import Plan, Result, play

KEPT_ITS_WORD, BROKE_ITS_WORD, COULD_NOT_RUN, INTERRUPTED = 0, 1, 3, 130
DESCRIPTION = """\
Starts a private platform on free ports with fsync on, loads it from simulated devices with durable spools, and kills
with SIGKILL, in random order: the bridge (all of it, or one worker), the database (its postmaster, or one backend),
the broker (with or without its persistence file), the api, alerting. When all is quiet again, every observation that
was ever sent must be stored once with its value, every spool empty, nothing refused, nothing undigested, every tally
true; every area must stand at the level that its newest value says, its revisions without a gap or a step made twice,
its retained topic at the newest, and every outbox empty. Meanwhile citizens report with pictures and a desk decides:
every report that was sent must be there once and whole, every picture with its files and no file without its picture,
every act that was answered in the story, and the audit must say the same as the story."""
EXIT_CODES = "exit codes: 0 the platform kept its word in every round; 1 it did not; 3 it could not be run"


def main() -> int:
    """Play the rounds; gives the exit code."""
    arguments = parser().parse_args()
    raise_open_files()
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    started = time.monotonic()
    try:
        with place_for(arguments.dir) as directory:
            results = uvloop.run(_play(plan_of(arguments), directory))
    except (PlatformFailed, TimeoutError) as error:
        print(f"chaos: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED
    summary = Summary(arguments.seed, time.monotonic() - started, results)
    print(summary.as_json() if arguments.json else summary.in_words())
    return KEPT_ITS_WORD if summary.passed == len(results) else BROKE_ITS_WORD


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="chaos",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--rounds", type=int, default=5, metavar="N", help="default: %(default)s")
    top.add_argument("--seed", type=int, default=1, help="of everything random here (default: %(default)s)")
    top.add_argument("--devices", type=int, default=24, metavar="N", help="simulated devices (default: %(default)s)")
    top.add_argument("--rate", type=float, default=150.0, metavar="R", help="frames a second (default: %(default)g)")
    top.add_argument("--load-s", type=float, default=3.0, metavar="S", help="load of a round (default: %(default)g s)")
    top.add_argument("--blows", type=int, default=3, metavar="N", help="kills in a round (default: %(default)s)")
    top.add_argument(
        "--kill",
        dest="targets",
        action="append",
        type=Target,
        choices=list(Target),
        metavar="TARGET",
        help=f"kill only this; repeat it for several (default: all of {', '.join(Target)})",
    )
    top.add_argument(
        "--drain-s", type=float, default=90.0, metavar="S", help="wait for receipts (default: %(default)g s)"
    )
    top.add_argument("--dir", type=Path, help="keep everything here (default: a directory that is removed at the end)")
    top.add_argument("--json", action="store_true", help="print the summary and every round as one JSON object")
    return top


def plan_of(arguments: argparse.Namespace) -> Plan:
    """The arguments as one value."""
    load = Load(arguments.load_s, arguments.rate, arguments.drain_s)
    targets = tuple(arguments.targets or Target)
    return Plan(arguments.rounds, arguments.seed, arguments.devices, arguments.blows, targets, load)


@contextmanager
def place_for(directory: Path | None) -> Iterator[Path]:
    """A directory that the database's account may enter; the one given is kept, a temporary one is not."""
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        yield directory.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="hydroalert-chaos-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


async def _play(plan: Plan, directory: Path) -> list[Result]:
    results = []
    async for result in play(plan, directory):
        print(line(result, plan.rounds), file=sys.stderr, flush=True)
        results.append(result)
    return results


if __name__ == "__main__":
    sys.exit(main())
