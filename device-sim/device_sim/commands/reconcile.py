"""``device-sim reconcile``: the ledger against what the platform says."""

import argparse
import asyncio
import json
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field

import httpx
from rich.console import Console
from rich.progress import track
from rich.table import Table

from device_sim import platform
from device_sim.books import UNSIGNED, Books, Entry
from device_sim.commands import options as shared
from device_sim.compare import Finding, Refusals, compare
from device_sim.ledger import FILE_NAME
from device_sim.links import http_client

HELP = "compare the ledger of past runs with what the platform has: lost, doubled, refused"
DESCRIPTION = """\
Reads every observation of every datastream that the ledger knows, over HTTP, and compares.
  lost      owed (a receipt said stored, or none was wanted and the broker took it) and not there
  doubled   the same time twice in one series
  wrong     there with a value that was never sent
  unsent    there, though this ledger's devices never sent it (--ignore-unsent: others fill the series too)
  waiting   not there, and no receipt has said anything: still in a spool
A frame refused for a reason other than the injected one is unexpected, a forged one that was stored is accepted."""


@dataclass(slots=True)
class Report:
    """The whole comparison."""

    total: Finding = field(default_factory=Finding)
    refusals: Refusals = field(default_factory=Refusals)
    frames: int = 0
    waiting_frames: int = 0
    worst: list[tuple[str, str, Finding]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    source_repeats: dict[str, int] = field(default_factory=dict)
    unsigned_sent: Counter[str] = field(default_factory=Counter)
    unsigned_counted: Counter[str] | None = None

    def is_clean(self, *, ignore_unsent: bool) -> bool:
        """Whether nothing is amiss."""
        total, refusals = self.total, self.refusals
        amiss = total.lost + total.doubled + total.wrong + total.waiting + self.waiting_frames
        amiss += refusals.unexpected.total() + refusals.accepted.total()
        return not amiss and (ignore_unsent or not total.unsent)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of reconcile."""
    shared.add_state(parser)
    shared.add_http(parser)
    shared.add_json(parser)
    parser.add_argument("--ignore-unsent", action="store_true", help="others fill these series too")


def run(arguments: argparse.Namespace) -> int:
    """Compare, and say what is amiss."""
    books = Books(arguments.state / FILE_NAME)
    try:
        report = asyncio.run(_compare(books, arguments.http))
    finally:
        books.close()
    clean = report.is_clean(ignore_unsent=arguments.ignore_unsent)
    if arguments.json:
        sys.stdout.write(json.dumps(as_json(report, clean=clean)) + "\n")
    else:
        Console().print(_table(report))
    return shared.EXIT_SETTLED if clean else shared.EXIT_UNSETTLED


async def _compare(books: Books, http: str) -> Report:
    report = Report(kinds=books.kinds(), source_repeats=books.source_repeats(), unsigned_sent=books.unsigned())
    console = Console(stderr=True)
    async with http_client(http) as client:
        entries = track(
            books.entries(),
            "reading back",
            total=len(books.devices()),
            console=console,
            disable=not console.is_terminal,
        )
        for entry in entries:
            await _compare_device(client, entry, report)
        report.unsigned_counted = _unsigned(await platform.tallies(client), books)
    return report


async def _compare_device(client: httpx.AsyncClient, entry: Entry, report: Report) -> None:
    report.frames += entry.frames
    report.waiting_frames += entry.waiting_frames
    for mine, its in zip(_counters(report.refusals), _counters(entry.refusals), strict=True):
        mine.update(its)
    for datastream, expected in sorted(entry.series.items()):
        read = platform.observations(client, entry.station, datastream)
        finding = compare(expected, [(one.time_ms, one.result) async for one in read])
        report.total.add(finding)
        if finding.lost or finding.doubled or finding.wrong or finding.unsent or finding.waiting:
            report.worst.append((entry.station, datastream, finding))


def _counters(refusals: Refusals) -> tuple[Counter[str], Counter[str], Counter[str]]:
    return refusals.expected, refusals.unexpected, refusals.accepted


def _unsigned(tallies: dict[str, platform.Tally] | None, books: Books) -> Counter[str] | None:
    """Refusals of frames without a good tag, as the platform counted them for the ledger's devices."""
    if tallies is None:
        return None
    counted: Counter[str] = Counter()
    for _, device, _ in books.devices():
        for reason, refused in tallies[device].refused.items() if device in tallies else ():
            if reason in UNSIGNED:
                counted[reason] += refused.frames
    return counted


def as_json(report: Report, *, clean: bool) -> dict[str, object]:
    """The report for scripts."""
    return {
        "clean": clean,
        **asdict(report.total),
        "frames": report.frames,
        "waiting_frames": report.waiting_frames,
        "kinds": report.kinds,
        "refused_as_expected": dict(report.refusals.expected),
        "refused_unexpectedly": dict(report.refusals.unexpected),
        "accepted_wrongly": dict(report.refusals.accepted),
        "source_repeats": report.source_repeats,
        "unsigned_sent": dict(report.unsigned_sent),
        "unsigned_counted": None if report.unsigned_counted is None else dict(report.unsigned_counted),
        "series": [
            {"station": station, "datastream": datastream, **asdict(finding)}
            for station, datastream, finding in report.worst
        ],
    }


def _table(report: Report) -> Table:
    total = report.total
    table = Table(title="device-sim reconcile", title_justify="left", show_header=False)
    table.add_row("observations sent", str(total.sent))
    for name in ("stored", "lost", "doubled", "wrong", "unsent", "waiting", "conflicting"):
        count = getattr(total, name)
        bad = count and name not in {"stored", "conflicting"}
        table.add_row(name, f"[red]{count}[/red]" if bad else str(count))
    table.add_row("frames", f"{report.frames}, waiting for a receipt {report.waiting_frames}")
    table.add_row("refused as expected", _in_words(report.refusals.expected))
    table.add_row("refused unexpectedly", _in_words(report.refusals.unexpected))
    table.add_row("stored, though to be refused", _in_words(report.refusals.accepted))
    table.add_row("sent without a good tag", _in_words(report.unsigned_sent))
    counted = report.unsigned_counted
    table.add_row("… counted by the platform", "not readable from here" if counted is None else _in_words(counted))
    for station, datastream, finding in report.worst[:20]:
        amiss = {name: count for name, count in asdict(finding).items() if count and name not in {"sent", "stored"}}
        table.add_row(f"{station}/{datastream}", _in_words(amiss))
    return table


def _in_words(counts: "Counter[str] | dict[str, int]") -> str:
    return ", ".join(f"{word} {count}" for word, count in sorted(counts.items())) or "0"
