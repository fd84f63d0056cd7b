"""`hydroalert triage queue|show`: the queue and one report, in tables."""

import argparse
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from hydroalert.cli.context import config_of, database, print_json
from hydroalert.domain.actors import Role
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import NotFound
from hydroalert.domain.plain_text import cut_at_word, one_line
from hydroalert.domain.reports import OPEN, State
from hydroalert.reports.queueing import Ranked, ranked
from hydroalert.reports.reasons import counted, span
from hydroalert.reports.steps import steps_of
from hydroalert.store.queue import Question
from hydroalert.store.report_events import list_events

_MOST_TEXT = 60


async def list_queue(args: argparse.Namespace) -> None:
    """Reports by their priority."""
    states = frozenset(map(State, args.state)) if args.state else OPEN
    question = Question(states, assigned="" if args.assigned == "none" else args.assigned)
    now = datetime.now(UTC)
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        found = await ranked(connection, question, now)
    if args.json:
        print_json(found[: args.limit])
        return
    table = Table(Column("", justify="right"), Column("id", no_wrap=True), "state", "what", "age", "assigned", box=None)
    for one in found[: args.limit]:
        table.add_row(*_row(one, now))
    Console().print(table if found else "No report waits.")
    if len(found) > args.limit:
        print(f"{counted(len(found) - args.limit, 'more report')}: see --limit.")


def _row(one: Ranked, now: datetime) -> list[str]:
    report = one.facts.report
    said = one.priority.reasons[0].words
    text = cut_at_word(one_line(report.text), _MOST_TEXT)
    return [
        str(one.priority.points),
        str(report.id),
        report.state,
        escape(f"{said}: {text}" if text else said),
        span(now - report.submitted_at),
        report.assigned_to or "-",
    ]


async def show_report(args: argparse.Namespace) -> None:
    """One report: why it is as urgent as it is, its story, and where it may go. Raises NotFound."""
    now = datetime.now(UTC)
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        found = await ranked(connection, Question(frozenset(State), reports=(args.report,)), now)
        story = await list_events(connection, args.report)
    if not found:
        raise NotFound(f"there is no report {args.report}: see `hydroalert triage queue`")
    (one,) = found
    if args.json:
        print_json({"report": one, "story": story, "steps": steps_of(one.facts.report.state, Role.ADMIN)})
        return
    console = Console()
    for line in _lines(one, now):
        console.print(line, markup=False, highlight=False)
    for event in story:
        words = f": {event.text}" if event.text else ""
        console.print(f"{rfc3339(event.at)} {event.author}, {event.kind}{words}", markup=False, highlight=False)


def _lines(one: Ranked, now: datetime) -> list[str]:
    report = one.facts.report
    lines = [
        f"{report.state}, version {report.version}, assigned to {report.assigned_to or 'nobody'}",
        f"sent {span(now - report.submitted_at)} ago, seen {rfc3339(report.seen_at)}",
        f"at longitude {report.lon:.5f}, latitude {report.lat:.5f}",
        *([one_line(report.text)] if report.text else []),
        f"priority {one.priority.points}:",
        *(f"  {reason.points:+d}  {reason.words}" for reason in one.priority.reasons),
        f"may go to: {', '.join(steps_of(report.state, Role.ADMIN))}",
    ]
    return [*lines, f"joined to report {report.duplicate_of}"] if report.duplicate_of else lines
