"""`hydroalert station …`"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from hydroalert.cli.context import add_data_dir, config_of, database, read_rows
from hydroalert.cli.maintenance import add_until, until_of, words_of
from hydroalert.store.datastreams import maintain_station
from hydroalert.store.stations import NewStation, remove_station, save_stations
from hydroalert.wire.tables import converted


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`station add|import|remove|maintenance`."""
    nouns = commands.add_parser("station", help="monitored places, and their maintenance").add_subparsers(required=True)
    add = nouns.add_parser("add", help="add one station, or update it")
    add.add_argument("code", help="short name, [a-z0-9-]; anything else is brought into form")
    add.add_argument("--name", required=True)
    add.add_argument("--lon", type=float, required=True, help="WGS 84 degrees, east positive")
    add.add_argument("--lat", type=float, required=True, help="WGS 84 degrees, north positive")
    add.add_argument("--river")
    add_data_dir(add)
    add.set_defaults(run=_add)
    load = nouns.add_parser("import", help="add or update many: JSON, GeoJSON or CSV with code,name,lon,lat[,river]")
    load.add_argument("file", type=Path)
    add_data_dir(load)
    load.set_defaults(run=_import)
    remove = nouns.add_parser("remove", help="forget a station that no datastream, device or area hangs on")
    remove.add_argument("code")
    add_data_dir(remove)
    remove.set_defaults(run=_remove)
    maintenance = nouns.add_parser("maintenance", help="until when its values raise nothing and it is not missed")
    maintenance.add_argument("code")
    add_until(maintenance)
    add_data_dir(maintenance)
    maintenance.set_defaults(run=_maintenance)


async def _add(args: argparse.Namespace) -> None:
    await _save(args, [NewStation(args.code, args.name, args.lon, args.lat, args.river)])


async def _import(args: argparse.Namespace) -> None:
    rows = read_rows(args.file)
    stations = [converted(row, NewStation, f"{args.file}, row {number}") for number, row in enumerate(rows, 1)]
    await _save(args, stations)


async def _remove(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await remove_station(connection, args.code)
    print(f"{args.code} is forgotten")


async def _maintenance(args: argparse.Namespace) -> None:
    until = until_of(args, datetime.now(UTC))
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await maintain_station(connection, args.code, until)
    print(words_of(args.code, until))


async def _save(args: argparse.Namespace, stations: list[NewStation]) -> None:
    async with database(config_of(args)) as pool:
        added = await save_stations(pool, stations)
    print(f"{len(added)} added, {len(stations) - len(added)} updated")
