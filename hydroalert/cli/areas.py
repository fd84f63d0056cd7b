"""`hydroalert area …`: the polygons that are warned."""

import argparse
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Column, Table

from hydroalert.cli import area_import, area_stations
from hydroalert.cli.context import add_data_dir, config_of, confirm, database, print_json
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.domain.polygons import MultiPolygon, box_of, circle_of
from hydroalert.store.areas import NewArea, remove_area, save_area, set_parents
from hydroalert.store.reading_areas import Area, all_areas, load_areas, read_area

_ALL = 2**31 - 1


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`area add|list|show|remove`; `import` in `area_import`, `stations|suggest|around` in `area_stations`."""
    nouns = commands.add_parser("area", help="add or import alert areas, and choose what informs them").add_subparsers(
        required=True
    )
    _add_add(nouns)
    area_import.add_command(nouns)
    listed = nouns.add_parser("list", help="all areas, and how they stand")
    listed.add_argument("--json", action="store_true")
    add_data_dir(listed)
    listed.set_defaults(run=_list)
    show = nouns.add_parser("show", help="one area")
    show.add_argument("area", metavar="CODE")
    show.add_argument("--json", action="store_true")
    add_data_dir(show)
    show.set_defaults(run=_show)
    remove = nouns.add_parser("remove", help="forget areas, their rules, and the history of their alerts")
    remove.add_argument("areas", nargs="+", metavar="CODE")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    add_data_dir(remove)
    remove.set_defaults(run=_remove)
    area_stations.add_commands(nouns)


def _add_add(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add = nouns.add_parser("add", help="add an area that is a box or a circle, or update it")
    add.add_argument("code", help="short name, [a-z0-9-]; anything else is brought into form")
    add.add_argument("--name", required=True)
    add.add_argument("--lang", metavar="TAG", default="en", help="language of the name (default: %(default)s)")
    outline = add.add_mutually_exclusive_group(required=True)
    outline.add_argument("--bbox", metavar="W,S,E,N", help="degrees; with a minus as in --bbox=-2.1,53.7,-2.0,53.8")
    outline.add_argument(
        "--circle", metavar="LON,LAT,RADIUS_M", help="degrees and metres; as in --circle=-2.0,53.7,900"
    )
    add.add_argument("--parent", metavar="CODE", help="the area that it lies within")
    add.add_argument("--silence-factor", type=float, metavar="X", help="reporting intervals until silence (default: 3)")
    add_data_dir(add)
    add.set_defaults(run=_add)


async def _add(args: argparse.Namespace) -> None:
    new = NewArea(args.code, {args.lang: args.name}, _outline(args), silence_factor=args.silence_factor)
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        saved = await save_area(connection, new)
        orphans = await set_parents(connection, {new.code: args.parent} if args.parent else {})
        if orphans:
            raise NotFound(f"there is no area {args.parent!r} to be its parent: see `hydroalert area list`")
    print(f"{saved.added} added, {saved.updated} updated")


def _outline(args: argparse.Namespace) -> MultiPolygon:
    if args.bbox is not None:
        return box_of(*_numbers(args.bbox, "--bbox", 4))
    return circle_of(*_numbers(args.circle, "--circle", 3))


def _numbers(text: str, option: str, count: int) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != count:
        raise InvalidInput(f"{option} takes {count} numbers with commas between, not {text!r}")
    return numbers


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        areas = await load_areas(connection, await all_areas(connection, "", _ALL))
    if args.json:
        print_json([shown(area) for area in areas])
        return
    table = Table(
        Column("area", no_wrap=True), "name", "parent", "state", "severity", "blind", "stations", "rules", box=None
    )
    for area in areas:
        blind, parent, counts = "blind" if area.blind else "-", area.parent or "-", (area.stations, area.rules)
        name = next(iter(area.names.values()))
        table.add_row(area.code, name, parent, area.state, area.severity or "-", blind, *map(str, counts))
    Console().print(table if areas else "No areas.")


async def _show(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        area = await read_area(connection, args.area)
    if args.json:
        print_json(shown(area))
        return
    for name, value in shown(area).items():
        words = ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, dict) else value
        print(f"{name:14} {'-' if words is None else words}")


def shown(area: Area) -> dict[str, Any]:
    """An area as JSON has it, without its polygon."""
    told: dict[str, Any] = msgspec.to_builtins(area)
    return {name: value for name, value in told.items() if name not in ("geometry", "distance_m")} | {
        "updated_at": rfc3339(area.updated_at)
    }


async def _remove(args: argparse.Namespace) -> None:
    confirm(f"Forget {', '.join(args.areas)} with all rules and the history of all alerts?", yes=args.yes)
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        for area in args.areas:
            await remove_area(connection, area)
    print(f"{len(args.areas)} removed")
