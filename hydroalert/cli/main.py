"""The `hydroalert` command: parse, run, and turn faults into words and exit codes."""

import argparse
import asyncio
import inspect
import sys
from collections.abc import Sequence

from hydroalert.cli import broker, conflicts, devices, logging, observations, processes, refused, stations
from hydroalert.domain.errors import HydroAlertError, Unavailable
from hydroalert.store import TRANSIENT

INTERRUPTED = 130


def make_parser() -> argparse.ArgumentParser:
    """Every command that there is."""
    parser = argparse.ArgumentParser(
        prog="hydroalert",
        description="Flood-warning telemetry: signed readings from rivers, stored exactly once.",
        epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 a part cannot be reached.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (processes, stations, devices, observations, refused, conflicts, broker):
        module.add_commands(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = make_parser().parse_args(arguments)
    logging.configure()
    try:
        result = args.run(args)
        if inspect.iscoroutine(result):
            result = asyncio.run(result)
        return int(result or 0)
    except Unavailable as error:
        return _fail(error, 3)
    except HydroAlertError as error:
        return _fail(error, 1)
    except TRANSIENT as error:
        return _fail(Unavailable(f"the database failed: {error or type(error).__name__}; try again"), 3)
    except KeyboardInterrupt:
        return INTERRUPTED


def _fail(error: HydroAlertError, code: int) -> int:
    print(f"hydroalert: {error}", file=sys.stderr)
    return code
