"""`hydroalert drill …`: exercises, which go the whole way and are never on the real topics."""

import argparse
from datetime import timedelta

from hydroalert.cli.alerts import SEVERITIES, acting, add_author, add_duration, deed_of
from hydroalert.domain.severity import Severity
from hydroalert.judging import acts


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`drill raise|end`."""
    nouns = commands.add_parser(
        "drill", help="exercise: the same way with status Exercise, on topics of its own"
    ).add_subparsers(required=True)
    raised = nouns.add_parser("raise", help="raise an exercise alert in areas, or make it worse or milder")
    raised.add_argument("areas", nargs="+", metavar="AREA")
    raised.add_argument("--severity", required=True, choices=SEVERITIES)
    raised.add_argument("--hazard", default="flood", help="default: %(default)s")
    add_duration(raised)
    add_author(raised)
    raised.set_defaults(run=_raise)
    ended = nouns.add_parser("end", help="end every exercise in these areas")
    ended.add_argument("areas", nargs="+", metavar="AREA")
    add_author(ended)
    ended.set_defaults(run=_end)


async def _raise(args: argparse.Namespace) -> None:
    deed = deed_of(args)
    until = deed.at + timedelta(minutes=args.for_min)
    async with acting(args) as (connection, voice):
        for area in args.areas:
            by_hand = acts.ByHand(area, args.hazard, "raise", until, Severity(args.severity), drill=True)
            await acts.override(connection, by_hand, deed, voice)
            print(f"EXERCISE raised in {area}, {args.severity}, until {until:%Y-%m-%d %H:%M} UTC")


async def _end(args: argparse.Namespace) -> None:
    async with acting(args) as (connection, voice):
        for area in args.areas:
            await acts.end_drill(connection, area, deed_of(args), voice)
            print(f"EXERCISE ended in {area}")
