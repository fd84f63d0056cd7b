"""`hydroalert shelter …`: evacuation centres, whether they are open, and how many are in them."""

import argparse
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from hydroalert.cli.context import (
    add_data_dir,
    config_of,
    confirm,
    database,
    print_json,
    read_rows,
    user_name,
)
from hydroalert.cli.maintenance import moment
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.shelters import Count, NewShelter, Status, checked, free_places, is_stale
from hydroalert.store import Connection
from hydroalert.store.reading_shelters import Shelter, list_shelters, read_counts, read_shelter
from hydroalert.store.shelters import (
    Changes,
    SavedShelters,
    change_shelter,
    count_people,
    remove_shelter,
    save_shelter,
    save_shelters,
)
from hydroalert.wire.tables import converted

_ALL = 2**31 - 1
_FAR_OFF = datetime(9999, 12, 31, tzinfo=UTC)
_STATUSES = [status.value for status in Status]


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`shelter add|import|list|status|occupancy|remove`."""
    nouns = commands.add_parser("shelter", help="evacuation centres: where, whether open, how full").add_subparsers(
        required=True
    )
    _add_add(nouns)
    load = nouns.add_parser(
        "import", help="add or replace many: JSON, GeoJSON or CSV with code,name,lon,lat,capacity[,status,phone,…]"
    )
    load.add_argument("file", type=Path)
    load.add_argument("--skip-bad", action="store_true", help="take what can be taken, and say what was left out")
    _finish(load, _import)
    listed = nouns.add_parser("list", help="all of them, and how they stand")
    listed.add_argument("--json", action="store_true")
    _finish(listed, _list)
    status = nouns.add_parser("status", help="open it, put it on standby, or close it")
    status.add_argument("code")
    status.add_argument("status", choices=_STATUSES)
    _finish(status, _status)
    occupancy = nouns.add_parser("occupancy", help="how many people are in it: say so, or see what was said")
    occupancy.add_argument("code")
    occupancy.add_argument("people", type=int, nargs="?", help="how many there are; without it, the counts so far")
    occupancy.add_argument(
        "--at", type=moment, metavar="TIME", help="when they were counted, as 2025-11-28T06:30:00Z (default: now)"
    )
    _finish(occupancy, _occupancy)
    remove = nouns.add_parser("remove", help="forget shelters and all counts of people in them")
    remove.add_argument("codes", nargs="+", metavar="CODE")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    _finish(remove, _remove)


def _add_add(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add = nouns.add_parser("add", help="add one, or replace it")
    add.add_argument("code", help="short name, [a-z0-9-]; anything else is brought into form")
    add.add_argument("--name", required=True)
    add.add_argument("--lon", type=float, required=True, help="WGS 84 degrees, east positive")
    add.add_argument("--lat", type=float, required=True, help="WGS 84 degrees, north positive")
    add.add_argument("--capacity", type=int, required=True, help="how many people it takes")
    add.add_argument("--status", choices=_STATUSES, help="default: as it is; standby of a new one")
    add.add_argument("--phone", help="of the shelter; everybody sees it")
    add.add_argument("--step-free", action=argparse.BooleanOptionalAction, help="whether a wheelchair gets in")
    add.add_argument("--remarks", default="", help="what people must know before they come")
    _finish(add, _add)


def _finish(parser: argparse.ArgumentParser, run: object) -> None:
    add_data_dir(parser)
    parser.set_defaults(run=run)


@asynccontextmanager
async def _transaction(args: argparse.Namespace) -> AsyncIterator[Connection]:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        yield connection


async def _add(args: argparse.Namespace) -> None:
    status = None if args.status is None else Status(args.status)
    place = (args.code, args.name, args.lon, args.lat, args.capacity)
    async with _transaction(args) as connection:
        saved = await save_shelter(connection, NewShelter(*place, status, args.phone, args.step_free, args.remarks))
    print(_words(saved))


async def _import(args: argparse.Namespace) -> int:
    sound, refused = _read(args.file)
    for words in refused:
        print(words, file=sys.stderr)
    saved = SavedShelters(0, 0, 0)
    if not refused or args.skip_bad:
        async with _transaction(args) as connection:
            saved = await save_shelters(connection, list(sound.values()))
    print(f"{_words(saved)}, {len(refused)} refused")
    return int(bool(refused) and not args.skip_bad)


def _read(path: Path) -> tuple[dict[str, NewShelter], list[str]]:
    """The shelters of a file by their codes, and what is wrong with each row that is none."""
    sound: dict[str, NewShelter] = {}
    refused = []
    for number, row in enumerate(read_rows(path), 1):
        where = f"{path}, row {number}"
        try:
            shelter = checked(converted(row, NewShelter, where))
            if shelter.code in sound:
                raise InvalidInput(f"an earlier row has the code {shelter.code} too")
            sound[shelter.code] = shelter
        except InvalidInput as error:
            refused.append(str(error) if str(error).startswith(where) else f"{where}: {error}")
    return sound, refused


def _words(saved: SavedShelters) -> str:
    return f"{saved.added} added, {saved.updated} updated, {saved.unchanged} unchanged"


async def _list(args: argparse.Namespace) -> None:
    async with _transaction(args) as connection:
        shelters = await list_shelters(connection, "", _ALL)
    if args.json:
        print_json(shelters)
        return
    table = Table("code", "name", "status", "capacity", "free", "counted", "alerts in force", box=None)
    for one in shelters:
        table.add_row(*_row(one, datetime.now(UTC)))
    Console().print(table if shelters else "No shelters.")


def _row(one: Shelter, now: datetime) -> list[str]:
    free = free_places(one.capacity, one.newest.occupancy if one.newest else None)
    counted = f"{rfc3339(one.newest.at)}{' (old)' if is_stale(one.newest.at, now) else ''}" if one.newest else "never"
    alerts = ", ".join(f"{alert.area} {alert.severity}" for alert in one.surroundings.in_force)
    told = alerts or ("none" if one.surroundings.known else "not known")
    return [one.code, one.name, one.status, str(one.capacity), "?" if free is None else str(free), counted, told]


async def _status(args: argparse.Namespace) -> None:
    async with _transaction(args) as connection:
        await change_shelter(connection, args.code, Changes(Status(args.status)))
    print(f"{args.code} is {args.status}")


async def _occupancy(args: argparse.Namespace) -> None:
    if args.people is None:
        await _list_counts(args)
        return
    now = datetime.now(UTC)
    async with _transaction(args) as connection:
        count = Count(args.people, args.at or now)
        await count_people(connection, args.code, count, user_name(), now)
        shelter = await read_shelter(connection, args.code)
    assert shelter.newest is not None  # the one just kept, if no later one
    print(f"{args.code}: {shelter.newest.occupancy} of {shelter.capacity} at {rfc3339(shelter.newest.at)}")


async def _list_counts(args: argparse.Namespace) -> None:
    async with _transaction(args) as connection:
        counts = await read_counts(connection, args.code, _FAR_OFF, _ALL)
    for count in counts:
        print(f"{rfc3339(count.at)} {count.occupancy:6} {count.author}")
    if not counts:
        print("Nobody has counted.")


async def _remove(args: argparse.Namespace) -> None:
    confirm(f"Forget {', '.join(args.codes)} with all counts of people in them?", yes=args.yes)
    async with _transaction(args) as connection:
        for code in args.codes:
            await remove_shelter(connection, code)
    print(f"{len(args.codes)} removed")
