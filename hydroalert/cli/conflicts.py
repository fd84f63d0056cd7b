"""`hydroalert conflicts …`: values that contradict the series, and which to prefer."""

import argparse
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from hydroalert.cli.context import add_data_dir, config_of, database, print_json, whole_number
from hydroalert.domain.clock import rfc3339
from hydroalert.store.conflicts import list_conflicts, prefer_conflict


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`conflicts list|prefer`."""
    nouns = commands.add_parser(
        "conflicts", help="values that contradict the series, and which to prefer"
    ).add_subparsers(required=True)
    listed = nouns.add_parser("list", help="conflicts, oldest first")
    listed.add_argument("--station", metavar="CODE")
    listed.add_argument("--limit", type=whole_number, default=100, metavar="N")
    listed.add_argument("--json", action="store_true")
    add_data_dir(listed)
    listed.set_defaults(run=_list)
    prefer = nouns.add_parser("prefer", help="put a conflict's value into the series; the former is kept beside it")
    prefer.add_argument("id", type=whole_number)
    add_data_dir(prefer)
    prefer.set_defaults(run=_prefer)


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool:
        conflicts = await list_conflicts(pool, args.station, args.limit)
    if args.json:
        print_json(conflicts)
        return
    table = Table("id", "station", "datastream", "time", "conflict", "in the series", "device", "received at", box=None)
    for one in conflicts:
        table.add_row(
            str(one.id),
            one.station,
            one.datastream,
            rfc3339(one.phenomenon_time),
            f"{one.result:g}",
            "-" if one.series_result is None else f"{one.series_result:g}",
            one.device or "-",
            rfc3339(one.received_at),
        )
    Console().print(table if conflicts else "No conflicts.")


async def _prefer(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await prefer_conflict(connection, args.id, datetime.now(UTC))
    print(f"Conflict {args.id} is in the series now; the former value is kept beside it.")
