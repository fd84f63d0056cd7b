"""The `hydroalert` command: parse, run, and turn faults into words and exit codes."""

import argparse
import asyncio
import inspect
import sys
from collections.abc import Sequence

from hydroalert.cli import (
    accounts,
    alerts,
    areas,
    audit,
    broker,
    clock,
    conflicts,
    datastreams,
    deliveries,
    devices,
    drills,
    keys,
    logging,
    observations,
    processes,
    refused,
    reports,
    routes,
    rules,
    shelters,
    stations,
    subscriptions,
    triage,
)
from hydroalert.domain.errors import HydroAlertError, Unavailable
from hydroalert.store import POISON, TRANSIENT, UNMIGRATED

INTERRUPTED = 130
_EXPLAINED = (
    (Unavailable, "{error}", 3),
    (HydroAlertError, "{error}", 1),
    (UNMIGRATED, "the database has another schema ({error}): run `hydroalert migrate`", 1),
    (POISON, "the database refuses this value: {error}", 1),
    (TRANSIENT, "the database failed: {error}; try again", 3),
)
"""What people are told of each kind of fault, the first that fits, and the exit code."""


def make_parser() -> argparse.ArgumentParser:
    """Every command that there is."""
    parser = argparse.ArgumentParser(
        prog="hydroalert",
        description="Flood-warning telemetry: signed readings from rivers, stored exactly once.",
        epilog="Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 a part cannot be reached.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for module in (
        processes,
        stations,
        areas,
        rules,
        alerts,
        drills,
        shelters,
        reports,
        triage,
        subscriptions,
        deliveries,
        devices,
        datastreams,
        observations,
        refused,
        conflicts,
        accounts,
        keys,
        broker,
        clock,
        audit,
        routes,
    ):
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
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        words, code = explain(error)
        if words is None:
            raise
        print(f"hydroalert: {words}", file=sys.stderr)
        return code


def explain(error: BaseException) -> tuple[str | None, int]:
    """What to tell a person, and the exit code; None for a fault that is a programmer's to read."""
    for kind, words, code in _EXPLAINED:
        if isinstance(error, kind):
            return words.format(error=str(error) or type(error).__name__), code
    return explain(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else (None, 1)
