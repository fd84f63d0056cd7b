"""`hydroalert audit …`: who did what to what, and from where."""

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.table import Table

from hydroalert.cli.context import add_data_dir, config_of, database, print_json, whole_number
from hydroalert.cli.maintenance import moment
from hydroalert.domain.audit import Filter
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.audit import record
from hydroalert.store.reading_audit import all_entries, list_entries
from hydroalert.wire.audit import as_csv, as_ndjson, csv_head, shown

_FILTERS = ("actor", "thing", "target", "act", "request_id")


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`audit list|export`."""
    nouns = commands.add_parser("audit", help="who did what to what, from where, before and after").add_subparsers(
        required=True
    )
    listed = nouns.add_parser("list", help="entries, the newest first")
    _add_filters(listed)
    listed.add_argument("--limit", type=whole_number, default=50, metavar="N", help="at most (default: %(default)s)")
    listed.add_argument("--json", action="store_true", help="with what was before and after")
    add_data_dir(listed)
    listed.set_defaults(run=_list)
    export = nouns.add_parser("export", help="all of it, or what the filters select; recorded in the audit itself")
    _add_filters(export)
    export.add_argument("--format", choices=("csv", "ndjson"), default="csv", help="(default: %(default)s)")
    export.add_argument("file", type=Path, nargs="?", metavar="FILE", help="a new file; else standard output")
    add_data_dir(export)
    export.set_defaults(run=_export)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    for name in _FILTERS:
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="WORD", help="exactly that")
    parser.add_argument("--since", type=moment, metavar="TIME", help="then or later, as in 2026-11-22T18:00:00Z")
    parser.add_argument("--until", type=moment, metavar="TIME", help="earlier than this")


def _wanted(args: argparse.Namespace) -> Filter:
    return Filter(*(getattr(args, name) for name in (*_FILTERS, "since", "until")))


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        found = [shown(one) for one in await list_entries(connection, _wanted(args), None, args.limit)]
    if args.json:
        print_json(found)
        return
    table = Table("at", "actor", "from", "act", "thing", "target", "what", box=None)
    for one in found:
        actor = one.actor if one.actor_kind == "account" else f"{one.actor} ({one.actor_kind})"
        what = ", ".join((one.after or one.before or {}) if one.act == "changed" else ())
        table.add_row(one.at, actor, one.address or "", one.act, one.thing, one.target, what)
    Console().print(table if found else "No entries.")


async def _export(args: argparse.Namespace) -> None:
    count, written = 0, as_csv if args.format == "csv" else as_ndjson
    async with database(config_of(args)) as pool:
        with _opened(args.file) as out:
            await record(pool, "exported", "audit", "", _wanted(args))
            out.write(csv_head() if args.format == "csv" else b"")
            async for entries in all_entries(pool, _wanted(args)):
                out.write(written(entries))
                count += len(entries)
                _say(count, end="\r" if sys.stderr.isatty() else "")
    _say(count)


def _opened(path: Path | None) -> AbstractContextManager[BinaryIO]:
    """Never over a file that is there. Raises InvalidInput."""
    if path is None:
        return nullcontext(sys.stdout.buffer)
    try:
        return path.open("xb")
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror}; name a new file") from None


def _say(count: int, end: str = "\n") -> None:
    if end:
        print(f"{count:,} entries", end=end, file=sys.stderr, flush=True)
