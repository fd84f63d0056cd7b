"""`hydroalert report …`: what people reported, and forgetting who they are. Deciding about it is `triage`."""

import argparse
from datetime import UTC, datetime
from uuid import UUID

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from hydroalert.cli.context import (
    add_data_dir,
    config_of,
    confirm,
    database,
    print_json,
    user_name,
    whole_number,
)
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import NotFound
from hydroalert.domain.reports import State
from hydroalert.reports.contact import read_contact
from hydroalert.reports.erasing import ERASED, KEPT, erase
from hydroalert.reports.vault import Vault
from hydroalert.store.report_events import Event, list_events
from hydroalert.store.reports import Report, find_report, list_reports, lock_report

_HEAD = ("id", "submitted", "state", "severity", "category", "depth", "place")


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`report list|show|contact|erase`."""
    nouns = commands.add_parser("report", help="what people reported, and forgetting who they are").add_subparsers(
        required=True
    )
    listed = nouns.add_parser("list", help="reports, the newest first")
    listed.add_argument("--state", type=State, choices=list(State), help="only those (default: all)")
    listed.add_argument("--withdrawn", action="store_true", help="those that were taken back, too")
    listed.add_argument("--limit", type=whole_number, default=100, metavar="N")
    listed.add_argument("--json", action="store_true")
    show = _named(nouns, "show", _show, "one report and its story")
    show.add_argument("--json", action="store_true")
    _named(nouns, "contact", _contact, "how to reach its reporter, to ask back; the audit keeps who looked")
    forget = _named(nouns, "erase", _erase, "forget who reported it, as they may ask: it cannot be undone")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    add_data_dir(listed)
    listed.set_defaults(run=_list)


def _named(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: object, words: str
) -> argparse.ArgumentParser:
    parser = nouns.add_parser(name, help=words)
    parser.add_argument("report", type=_report_id, help="its id")
    add_data_dir(parser)
    parser.set_defaults(run=run)
    return parser


def _report_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError("give the id of a report: see `hydroalert report list`") from None


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool:
        found = await list_reports(pool, args.state, withdrawn=args.withdrawn, limit=args.limit)
    if args.json:
        print_json(found)
        return
    table = Table(Column(_HEAD[0], no_wrap=True, min_width=36), *_HEAD[1:], box=None)
    for one in found:
        table.add_row(*_row(one))
    Console().print(table if found else "No reports.")


def _row(report: Report) -> tuple[str, ...]:
    return (
        str(report.id),
        rfc3339(report.submitted_at),
        "withdrawn" if report.withdrawn_at else report.state,
        report.severity,
        report.category,
        "-" if report.depth_cm is None else f"{report.depth_cm} cm",
        f"{report.lat:.5f}, {report.lon:.5f}",
    )


async def _show(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        report = await find_report(connection, args.report)
        if report is None:
            raise _unknown(args.report)
        story = await list_events(connection, args.report)
    if args.json:
        print_json({"report": report, "story": story})
        return
    facts = dict(zip(_HEAD, _row(report), strict=True)) | {
        "seen": rfc3339(report.seen_at),
        "assigned to": report.assigned_to or "-",
        "contact": f"kept until {rfc3339(report.contact_until)}" if report.contact_until else "none",
        "text": f"{report.text or '-'} ({report.language})",
    }
    for name, value in facts.items():
        print(f"{name:<13}{value}")
    Console().print(_story(story))


def _story(story: list[Event]) -> Table:
    table = Table("", "at", "what", "by", "state since", "reporter sees it", "words", box=None)
    for one in story:
        table.add_row(
            str(one.number),
            rfc3339(one.at),
            one.kind,
            one.author,
            one.state,
            "yes" if one.shown else "no",
            escape(one.text),
        )
    return table


async def _contact(args: argparse.Namespace) -> None:
    config = config_of(args)
    async with database(config) as pool, pool.acquire() as connection, connection.transaction():
        print(await read_contact(connection, Vault(config.master_key), args.report))


async def _erase(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        if await find_report(connection, args.report) is None:
            raise _unknown(args.report)
        confirm(f"Forget who sent report {args.report}, with its words and pictures, for good?", yes=args.yes)
        async with connection.transaction():
            report = await lock_report(connection, args.report)
            assert report is not None  # nothing deletes a report
            await erase(connection, report, user_name(), datetime.now(UTC))
    for title, things in (("Gone for good:", ERASED), ("Left, for the history of decisions:", KEPT)):
        print("\n  - ".join((title, *things)))


def _unknown(report_id: UUID) -> NotFound:
    return NotFound(f"there is no report {report_id}: see `hydroalert report list --withdrawn`")
