"""`hydroalert datastream …`: how a datastream is tested, and its maintenance."""

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime
from math import isfinite
from typing import get_args

import msgspec
from rich.console import Console
from rich.table import Table

from hydroalert.cli.context import add_data_dir, config_of, database, print_json
from hydroalert.cli.maintenance import add_until, until_of, words_of
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.quality import Flag, Optional, QualitySettings, word_of
from hydroalert.judging.quality_defaults import default_settings, effective
from hydroalert.store.datastreams import Shown, find_tested, maintain_datastream, save_settings, show_datastream
from hydroalert.store.quality import Tested

SETTINGS = tuple(name for name in QualitySettings.__struct_fields__ if name != "off")


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`datastream show|tests|maintenance`."""
    nouns = commands.add_parser("datastream", help="how a datastream is tested, and its maintenance").add_subparsers(
        required=True
    )
    show = _add(nouns, "show", "its unit, its newest value and how it is tested")
    show.set_defaults(run=_show)
    tests = _add(nouns, "tests", "how it is tested; with options, change that and test the last two days anew")
    tests.add_argument("--set", action="append", default=[], type=_setting, metavar="NAME=VALUE", help=_settings_help())
    tests.add_argument("--unset", action="append", default=[], choices=SETTINGS, help="as is usual for it")
    tests.add_argument("--off", action="append", default=[], choices=get_args(Optional), help="make this test no more")
    tests.add_argument("--on", action="append", default=[], choices=get_args(Optional), help="make it again")
    tests.set_defaults(run=_tests)
    maintenance = _add(nouns, "maintenance", "until when its values raise nothing")
    add_until(maintenance)
    maintenance.set_defaults(run=_maintenance)


def _add(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, words: str
) -> argparse.ArgumentParser:
    parser = nouns.add_parser(name, help=words)
    parser.add_argument("station")
    parser.add_argument("datastream")
    if name != "maintenance":
        parser.add_argument("--json", action="store_true")
    add_data_dir(parser)
    return parser


def _settings_help() -> str:
    return f"in its own unit; NAME is one of {', '.join(SETTINGS)}"


def _setting(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        if name in SETTINGS and isfinite(float(value)):
            return name, float(value)
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text!r}: write NAME=NUMBER; NAME is one of {', '.join(SETTINGS)}")


async def _show(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        tested = await find_tested(connection, args.station, args.datastream)
        shown = await show_datastream(connection, tested.id)
    if args.json:
        print_json({**_as_json(tested), **msgspec.to_builtins(shown)})
        return
    for name, value in _lines(tested, shown):
        print(f"{name:12} {value}")
    _print_settings(tested)


async def _tests(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        tested = await find_tested(connection, args.station, args.datastream)
        if args.set or args.unset or args.off or args.on:
            settings = _changed(tested.settings, args)
            await save_settings(connection, tested, settings, datetime.now(UTC))
            tested = msgspec.structs.replace(tested, settings=settings)
    if args.json:
        print_json(_as_json(tested))
    else:
        _print_settings(tested)


async def _maintenance(args: argparse.Namespace) -> None:
    until = until_of(args, datetime.now(UTC))
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        tested = await find_tested(connection, args.station, args.datastream)
        await maintain_datastream(connection, tested.id, until)
    print(words_of(f"{args.station} {args.datastream}", until))


def _changed(settings: QualitySettings, args: argparse.Namespace) -> QualitySettings:
    """As the command line wants them. Raises InvalidInput."""
    kept = {name: value for name, value in msgspec.to_builtins(settings).items() if name not in args.unset}
    off = (set(settings.off) | set(args.off)) - set(args.on)
    try:
        return msgspec.convert({**kept, **dict(args.set), "off": sorted(off)}, QualitySettings, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"{error}: times are whole seconds", "quality_settings") from None


def _as_json(tested: Tested) -> dict[str, object]:
    in_effect = effective(tested.settings, tested.code, tested.unit, tested.interval_s)
    return {
        "unit": tested.unit,
        "interval_s": tested.interval_s,
        "settings": msgspec.to_builtins(tested.settings),
        "in_effect": msgspec.to_builtins(in_effect),
    }


def _lines(tested: Tested, shown: Shown) -> Iterable[tuple[str, str]]:
    yield "unit", tested.unit
    yield "interval", f"{tested.interval_s} s; a value is live for {shown.live_for_s} s"
    if shown.phenomenon_time is None or shown.quality is None or shown.test is None:
        yield "newest", "nothing yet"
    else:
        flag, test = Flag(shown.quality).name.lower(), word_of(shown.test)
        yield "newest", f"{shown.result:g} at {rfc3339(shown.phenomenon_time)}, {flag} ({test})"
    for what, until in (("datastream", shown.maintenance_until), ("station", shown.station_maintenance_until)):
        if until is not None and until > datetime.now(UTC):
            yield "maintenance", f"of the {what} until {rfc3339(until)}"


def _print_settings(tested: Tested) -> None:
    usual = default_settings(tested.code, tested.unit, tested.interval_s)
    in_effect = effective(tested.settings, tested.code, tested.unit, tested.interval_s)
    table = Table("setting", "value", "default", box=None)
    for name in SETTINGS:
        table.add_row(name, _number(getattr(in_effect, name)), _number(getattr(usual, name)))
    Console().print(table)
    if tested.settings.off:
        print(f"not made: {', '.join(tested.settings.off)}")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"
