"""`hydroalert device …`"""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from hydroalert.cli.context import (
    add_data_dir,
    config_of,
    counting,
    database,
    print_json,
    read_rows,
    tell_broker,
    whole_number,
)
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.devices import (
    DEFAULT_OVERLAP,
    NewDatastream,
    NewDevice,
    Registered,
    add_datastreams,
    parse_datastream,
    register_device,
    revoke_device,
    rotate_key,
    set_quota,
)
from hydroalert.store.sealing import Sealer, check_master_key
from hydroalert.wire.tables import converted

_LONGEST_S = 10**9
_OVERLAP_S = int(DEFAULT_OVERLAP.total_seconds())


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`device register`, `add-datastream`, `import`, `rotate-key`, `quota`, `revoke`."""
    nouns = commands.add_parser("device", help="register devices, rotate and revoke their keys").add_subparsers(
        required=True
    )
    _add_register(nouns)
    _add_more(nouns)
    load = nouns.add_parser("import", help="register a fleet: JSON or CSV with device,station,datastreams")
    load.add_argument("file", type=Path, help='datastreams as in "level:m:900 rainfall:mm"')
    load.add_argument("--json", action="store_true", help="print every key and password, once, as a JSON list")
    add_data_dir(load)
    load.set_defaults(run=_import)
    rotate = nouns.add_parser("rotate-key", help="give a device a new key; the former stays good for the overlap")
    rotate.add_argument("device")
    rotate.add_argument("--overlap-s", type=_seconds, default=_OVERLAP_S, metavar="N", help="default: a week")
    rotate.add_argument("--json", action="store_true")
    add_data_dir(rotate)
    rotate.set_defaults(run=_rotate)
    quota = nouns.add_parser("quota", help="how many rows a device may write in an hour")
    quota.add_argument("device")
    quota.add_argument("rows_per_hour", type=whole_number, nargs="?", metavar="N", help="default: as many as any")
    add_data_dir(quota)
    quota.set_defaults(run=_quota)
    revoke = nouns.add_parser("revoke", help="shut a device out, here and on the broker, at once and for good")
    revoke.add_argument("device")
    add_data_dir(revoke)
    revoke.set_defaults(run=_revoke)


def _add_more(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    more = nouns.add_parser("add-datastream", help="let a registered device fill more datastreams of its station")
    more.add_argument("device")
    more.add_argument("datastreams", nargs="+", type=_datastream, metavar="code:unit[:interval_s]")
    more.add_argument("--take-over", action="store_true", help="fill from now on what another device filled")
    add_data_dir(more)
    more.set_defaults(run=_add_datastreams)


def _add_register(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    register = nouns.add_parser("register", help="register one device; its key and password are shown once")
    register.add_argument("device")
    register.add_argument("--station", required=True, metavar="CODE")
    register.add_argument(
        "--datastream",
        dest="datastreams",
        action="append",
        required=True,
        type=_datastream,
        metavar="code:unit[:interval_s]",
        help="repeat for each, as in level:m:900",
    )
    register.add_argument("--rows-per-hour", type=int, metavar="N", help="quota; default: the platform's")
    register.add_argument("--take-over", action="store_true", help="fill from now on what another device filled")
    register.add_argument("--json", action="store_true")
    add_data_dir(register)
    register.set_defaults(run=_register)


async def _register(args: argparse.Namespace) -> None:
    new = NewDevice(args.device, args.station, tuple(args.datastreams), args.rows_per_hour)
    await _register_all(args, [new], _show_json if args.json else _show_lines, take_over=args.take_over)


def _show_json(registered: list[Registered]) -> None:
    print_json(_shown(registered[0]))


def _show_lines(registered: list[Registered]) -> None:
    for name, value in _shown(registered[0]).items():
        print(f"{name:14} {value}")
    print("The key and the password are not shown again.", file=sys.stderr)


async def _import(args: argparse.Namespace) -> None:
    rows = read_rows(args.file)
    fleet = [_new_device(row, f"{args.file}, row {number}") for number, row in enumerate(rows, 1)]
    await _register_all(args, fleet, _show_fleet_json if args.json else _show_count, take_over=False)


def _show_fleet_json(registered: list[Registered]) -> None:
    print_json([{**_shown(one), "station": one.station, "datastreams": one.datastreams} for one in registered])


def _show_count(registered: list[Registered]) -> None:
    print(f"{len(registered)} registered; `device rotate-key` gives each a key that is shown", file=sys.stderr)


async def _register_all(
    args: argparse.Namespace, fleet: list[NewDevice], show: Callable[[list[Registered]], None], *, take_over: bool
) -> None:
    """All or none; then show the keys, before anything else can go wrong; then tell the broker."""
    config = config_of(args)
    sealer, now, count = Sealer(config.master_key), datetime.now(UTC), counting("devices")
    async with database(config) as pool:
        registered = []
        async with pool.acquire() as connection, connection.transaction():
            await check_master_key(connection, sealer)
            for number, new in enumerate(fleet, 1):
                registered.append(await register_device(connection, sealer, new, now, take_over=take_over))
                count(number, len(fleet))
        show(registered)
        sys.stdout.flush()
        await tell_broker(config, pool)


async def _add_datastreams(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        new, now = tuple(args.datastreams), datetime.now(UTC)
        await add_datastreams(connection, args.device, new, now, take_over=args.take_over)
    print(f"{args.device} fills {', '.join(one.code for one in new)} now; `hydroalert refused retry` takes what waited")


async def _rotate(args: argparse.Namespace) -> None:
    config = config_of(args)
    async with database(config) as pool, pool.acquire() as connection, connection.transaction():
        sealer, overlap = Sealer(config.master_key), timedelta(seconds=min(args.overlap_s, _LONGEST_S))
        await check_master_key(connection, sealer)
        rotated = await rotate_key(connection, sealer, args.device, datetime.now(UTC), overlap)
    if args.json:
        print_json(rotated)
        return
    for name, value in msgspec.to_builtins(rotated).items():
        print(f"{name:18} {value}")
    print("The key is not shown again.", file=sys.stderr)


async def _quota(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await set_quota(connection, args.device, args.rows_per_hour)
    print(f"{args.device} may write {args.rows_per_hour or 'as many rows as any'} an hour")


async def _revoke(args: argparse.Namespace) -> None:
    config = config_of(args)
    async with database(config) as pool:
        async with pool.acquire() as connection, connection.transaction():
            await revoke_device(connection, args.device, datetime.now(UTC))
        await tell_broker(config, pool)
    print(f"{args.device} is revoked")


def _shown(registered: Registered) -> dict[str, Any]:
    return {
        "device": registered.device,
        "key_id": registered.key_id,
        "key_hex": registered.key_hex,
        "mqtt_username": registered.mqtt_username,
        "mqtt_password": registered.mqtt_password,
    }


class _Row(msgspec.Struct):
    """One device of an import: its datastreams in words, as a list of words, or as objects."""

    device: str
    station: str
    datastreams: str | list[str | dict[str, Any]]
    rows_per_hour: int | None = None


def _new_device(row: dict[str, Any], where: str) -> NewDevice:
    read = converted(row, _Row, where)
    given = read.datastreams.split() if isinstance(read.datastreams, str) else read.datastreams
    datastreams = tuple(
        parse_datastream(one) if isinstance(one, str) else converted(one, NewDatastream, where) for one in given
    )
    return NewDevice(read.device, read.station, datastreams, read.rows_per_hour)


def _datastream(text: str) -> NewDatastream:
    try:
        return parse_datastream(text)
    except InvalidInput as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _seconds(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("give a whole number of seconds")
    return int(text)
