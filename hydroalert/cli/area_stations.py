"""`hydroalert area stations|suggest|around`: which stations inform which area."""

import argparse
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from hydroalert.cli.context import add_data_dir, config_of, database, print_json
from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.domain.polygons import circle_of
from hydroalert.store import Connection
from hydroalert.store.areas import NewArea, save_area
from hydroalert.store.informing import (
    Informing,
    inform_area,
    informing_stations,
    suggest_stations,
    uninform_area,
)
from hydroalert.store.reading_stations import Station, all_stations, station

_ALL = 2**31 - 1


def add_commands(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`area stations`, `area suggest`, `area around`."""
    chosen = nouns.add_parser("stations", help="the stations that inform an area; add some, remove some")
    chosen.add_argument("area", metavar="CODE")
    chosen.add_argument("--add", nargs="+", metavar="STATION", default=[])
    chosen.add_argument("--remove", nargs="+", metavar="STATION", default=[])
    chosen.set_defaults(run=_stations)
    suggest = nouns.add_parser("suggest", help="the stations inside an area or near it, and accept them")
    suggest.add_argument("area", metavar="CODE")
    suggest.add_argument("--within-m", type=float, default=0.0, metavar="N", help="how far outside (default: inside)")
    accepted = suggest.add_mutually_exclusive_group()
    accepted.add_argument("--accept", nargs="+", metavar="STATION", default=[])
    accepted.add_argument("--accept-all", action="store_true")
    suggest.set_defaults(run=_suggest)
    around = nouns.add_parser("around", help="make an area around each station, which informs it")
    around.add_argument("stations", nargs="*", metavar="STATION")
    around.add_argument("--all", action="store_true", help="around every station")
    around.add_argument("--radius-m", type=float, required=True, metavar="N")
    around.add_argument("--lang", metavar="TAG", default="en", help="language of the names (default: %(default)s)")
    around.set_defaults(run=_around)
    for parser in (chosen, suggest):
        parser.add_argument("--json", action="store_true")
    for parser in (chosen, suggest, around):
        add_data_dir(parser)


async def _stations(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await inform_area(connection, args.area, args.add)
        await uninform_area(connection, args.area, args.remove)
        found = await informing_stations(connection, args.area)
    _show(found, f"No station informs {args.area}: see `hydroalert area suggest {args.area}`.", as_json=args.json)


async def _suggest(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        found = await suggest_stations(connection, args.area, args.within_m)
        accepted = _accepted(args, found)
        if accepted:
            await inform_area(connection, args.area, accepted, "suggested")
            found = await suggest_stations(connection, args.area, args.within_m)
    _show(found, "No station there: give a greater --within-m.", as_json=args.json)


def _accepted(args: argparse.Namespace, found: Sequence[Informing]) -> list[str]:
    suggested = [one.station for one in found]
    strangers = sorted(set(args.accept) - set(suggested))
    if strangers:
        raise InvalidInput(
            f"not suggested: {', '.join(strangers)}; give a greater --within-m, or `area stations --add`"
        )
    return suggested if args.accept_all else list(args.accept)


def _show(found: Sequence[Informing], nothing: str, *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    table = Table("station", "name", "river", "distance m", "informs", box=None)
    for one in found:
        table.add_row(one.station, one.name, one.river or "-", f"{one.distance_m:.0f}", one.chosen or "-")
    Console().print(table if found else nothing)


async def _around(args: argparse.Namespace) -> None:
    if bool(args.stations) == args.all:
        raise InvalidInput("name the stations, or give --all")
    added = updated = 0
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        for one in await _wanted(connection, args.stations):
            outline = circle_of(one.lon, one.lat, args.radius_m)
            saved = await save_area(connection, NewArea(one.code, {args.lang: one.name}, outline, one.official_code))
            await inform_area(connection, one.code, [one.code])
            added, updated = added + saved.added, updated + saved.updated
    print(f"{added} added, {updated} updated")


async def _wanted(connection: Connection, codes: Sequence[str]) -> list[Station]:
    """These stations, or all of none are named. Raises NotFound."""
    if not codes:
        return await all_stations(connection, "", _ALL)
    found = [await station(connection, code) for code in codes]
    absent = [code for code, one in zip(codes, found, strict=True) if one is None]
    if absent:
        raise NotFound(f"there is no station {', '.join(absent)}")
    return [one for one in found if one is not None]
