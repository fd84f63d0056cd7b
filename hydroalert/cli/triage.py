"""`hydroalert triage …`: which report comes first and why, and what you decide about it."""

import argparse
import getpass
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from hydroalert.cli.context import add_data_dir, config_of, database, whole_number
from hydroalert.cli.triage_tables import list_queue, show_report
from hydroalert.domain.actors import Role
from hydroalert.domain.reports import OPEN, State
from hydroalert.reports import triage
from hydroalert.reports.steps import Decider, Decision
from hydroalert.store import Connection

STATES = [state.value for state in State]


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`triage queue|show|decide|assign|note`."""
    nouns = commands.add_parser("triage", help="reports that wait for a decision, and what you decide").add_subparsers(
        required=True
    )
    _add_reading(nouns)
    decided = _add_deed(nouns, "decide", "lead a report one step on")
    decided.add_argument("to", choices=STATES, help="see `hydroalert triage show` for where it may go")
    decided.add_argument("--reason", default="", metavar="TEXT", help="why; its reporter reads it too")
    decided.add_argument("--duplicate-of", type=UUID, metavar="REPORT", help="the report that it is joined to")
    decided.set_defaults(run=_decide)
    assigned = _add_deed(nouns, "assign", "say who sees to a report")
    assigned.add_argument("to", nargs="?", metavar="NAME", help="an account's name; nobody where none is given")
    assigned.set_defaults(run=_assign)
    for parser in (decided, assigned):
        parser.add_argument(
            "--version", type=whole_number, required=True, metavar="N", help="that you have seen, by `triage show`"
        )
    noted = _add_deed(nouns, "note", "note something about a report, for colleagues")
    noted.add_argument("text")
    noted.add_argument("--shown", action="store_true", help="its reporter reads it too")
    noted.set_defaults(run=_note)


def _add_reading(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    queued = nouns.add_parser("queue", help="the most urgent first, each with its reasons")
    queued.add_argument("--state", action="append", choices=STATES, help=f"default: {', '.join(sorted(OPEN))}")
    queued.add_argument("--assigned", metavar="NAME", help="to that account; `none`: to nobody")
    queued.add_argument("--limit", type=whole_number, default=20, metavar="N", help="default: %(default)s")
    queued.set_defaults(run=list_queue)
    shown = nouns.add_parser("show", help="all that is known of a report, and where you may lead it")
    shown.add_argument("report", type=UUID)
    shown.set_defaults(run=show_report)
    for parser in (queued, shown):
        parser.add_argument("--json", action="store_true")
        add_data_dir(parser)


def _add_deed(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", word: str, text: str
) -> argparse.ArgumentParser:
    deed = nouns.add_parser(word, help=text)
    deed.add_argument("report", type=UUID, help="see `hydroalert triage queue`")
    deed.add_argument("--by", default=None, metavar="NAME", help="who acts (default: your account's name)")
    add_data_dir(deed)
    return deed


@asynccontextmanager
async def _deciding(args: argparse.Namespace) -> AsyncIterator[tuple[Connection, Decider]]:
    """A transaction to decide in. Who may use this machine's database may do what an administrator may."""
    config = config_of(args)
    by = Decider(args.by or getpass.getuser(), Role.ADMIN, datetime.now(UTC), config.contact_kept)
    async with database(config) as pool, pool.acquire() as connection, connection.transaction():
        yield connection, by


async def _decide(args: argparse.Namespace) -> None:
    decision = Decision(args.version, State(args.to), args.reason, args.duplicate_of)
    async with _deciding(args) as (connection, by):
        changed = await triage.decide(connection, args.report, decision, by)
    print(f"It is {changed.state}, version {changed.version}.")


async def _assign(args: argparse.Namespace) -> None:
    async with _deciding(args) as (connection, by):
        changed = await triage.assign(connection, args.report, args.version, args.to, by)
    print(f"Assigned to {changed.assigned_to or 'nobody'}, version {changed.version}.")


async def _note(args: argparse.Namespace) -> None:
    async with _deciding(args) as (connection, by):
        changed = await triage.note(connection, args.report, args.text, by, shown=args.shown)
    print(f"Kept, version {changed.version}.")
