"""`hydroalert alert …`: what stands, why, and what an operator decides."""

import argparse
import getpass
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hydroalert.cli.alert_lists import list_alerts, list_overrides, show_alert
from hydroalert.cli.context import add_data_dir, config_of, database, whole_number
from hydroalert.domain.severity import Severity
from hydroalert.judging import acts
from hydroalert.judging.voice import Voice
from hydroalert.store import Connection

_Said = Callable[[Connection, UUID, acts.Deed, Voice], Awaitable[None]]

SAYINGS: dict[str, tuple[_Said, str, str]] = {
    "acknowledge": (acts.acknowledge, "say that you have seen an alert", "Acknowledged."),
    "release": (
        acts.release,
        "let the public hear all of an alert that waits for it",
        "Released: the public hears it.",
    ),
    "confirm": (acts.confirm, "vouch for the suspect value that an alert rests on", "Confirmed."),
}
SEVERITIES = [severity.value for severity in Severity]
DEFAULT_FOR_MIN = 120
_DECISIONS: dict[acts.Kind, str] = {
    "raise": "raise a hazard in an area, or make it worse",
    "hold": "keep a standing alert from being lowered or cleared",
    "clear": "clear a standing alert; something worse than it raises it again",
}


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`alert list|show|acknowledge|comment|release|confirm|raise|hold|clear|end|overrides`."""
    nouns = commands.add_parser("alert", help="what is warned of, why, and what you decide").add_subparsers(
        required=True
    )
    _add_reading(nouns)
    for word, (act, text, done) in SAYINGS.items():
        said = _add_said(nouns, word, text)
        said.set_defaults(run=_say, act=act, done=done)
    _add_said(nouns, "comment", "remark on an alert").set_defaults(run=_comment)
    for kind, text in _DECISIONS.items():
        _add_decision(nouns, kind, text)
    ended = nouns.add_parser("end", help="let the rules decide again what was decided by hand")
    ended.add_argument("area", metavar="AREA")
    ended.add_argument("--hazard", default="flood", help="default: %(default)s")
    add_author(ended)
    ended.set_defaults(run=_end)


def _add_reading(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    listed = nouns.add_parser("list", help="alerts that stand, the worst first; with --all also those that are over")
    listed.add_argument("--all", action="store_true")
    listed.add_argument("--area", metavar="CODE")
    listed.add_argument("--drill", action="store_true", help="exercises instead")
    listed.set_defaults(run=list_alerts)
    shown = nouns.add_parser("show", help="one alert: its revisions, why each came, and what people said")
    shown.add_argument("id", type=UUID)
    shown.set_defaults(run=show_alert)
    overrides = nouns.add_parser("overrides", help="what is decided by hand now")
    overrides.set_defaults(run=list_overrides)
    for parser in (listed, shown, overrides):
        parser.add_argument("--json", action="store_true")
        add_data_dir(parser)


def _add_said(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", word: str, text: str
) -> argparse.ArgumentParser:
    said = nouns.add_parser(word, help=text)
    said.add_argument("id", type=UUID, help="see `hydroalert alert list`")
    add_author(said)
    return said


def _add_decision(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", kind: acts.Kind, text: str) -> None:
    decided = nouns.add_parser(kind, help=text)
    decided.add_argument("area", metavar="AREA")
    decided.add_argument("--hazard", default="flood", help="default: %(default)s")
    if kind == "raise":
        decided.add_argument("--severity", required=True, choices=SEVERITIES)
    add_duration(decided)
    add_author(decided)
    decided.set_defaults(run=_decide, kind=kind, severity=None, drill=False)


def add_duration(parser: argparse.ArgumentParser) -> None:
    """`--for-min`: until when it holds."""
    parser.add_argument(
        "--for-min", type=whole_number, default=DEFAULT_FOR_MIN, metavar="N", help="it ends then (default: %(default)s)"
    )


def add_author(parser: argparse.ArgumentParser) -> None:
    """Who acts, and why."""
    parser.add_argument("--reason", required=True, metavar="TEXT", help="why; kept with the revision")
    parser.add_argument("--by", default=None, metavar="NAME", help="who acts (default: your account's name)")
    add_data_dir(parser)


def deed_of(args: argparse.Namespace) -> acts.Deed:
    """Who acts, why, and that it is now."""
    return acts.Deed(args.by or getpass.getuser(), args.reason, datetime.now(UTC))


@asynccontextmanager
async def acting(args: argparse.Namespace) -> AsyncIterator[tuple[Connection, Voice]]:
    """A connection to act on, and how the platform speaks to the public."""
    config = config_of(args)
    async with database(config) as pool, pool.acquire() as connection:
        yield connection, config.cap_voice


async def _say(args: argparse.Namespace) -> None:
    async with acting(args) as (connection, voice):
        await args.act(connection, args.id, deed_of(args), voice)
    print(args.done)


async def _comment(args: argparse.Namespace) -> None:
    async with acting(args) as (connection, _):
        await acts.comment(connection, args.id, deed_of(args))
    print("Kept.")


async def _decide(args: argparse.Namespace) -> None:
    deed = deed_of(args)
    until = deed.at + timedelta(minutes=args.for_min)
    severity = Severity(args.severity) if args.severity else None
    by_hand = acts.ByHand(args.area, args.hazard, args.kind, until, severity, args.drill)
    async with acting(args) as (connection, voice):
        await acts.override(connection, by_hand, deed, voice)
    print(f"Done, until {until:%Y-%m-%d %H:%M} UTC; `hydroalert alert end {args.area} --reason …` ends it before.")


async def _end(args: argparse.Namespace) -> None:
    async with acting(args) as (connection, voice):
        await acts.end(connection, args.area, args.hazard, deed_of(args), voice)
    print("The rules decide again.")
