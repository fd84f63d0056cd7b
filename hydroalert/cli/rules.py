"""`hydroalert rules …`: what raises an alert."""

import argparse
import getpass
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec
from rich.console import Console
from rich.table import Column, Table

from hydroalert.cli import backtest
from hydroalert.cli.context import add_data_dir, config_of, database, print_json, whole_number
from hydroalert.cli.rule_files import read_rules, read_rules_of_areas
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import HydroAlertError, InvalidInput, NotFound
from hydroalert.domain.rules import Level, Member, Rule, Signal
from hydroalert.domain.severity import Severity
from hydroalert.store.rules import StoredRule, list_rules, remarks_on, retire_rule, rule_versions, save_rule

_Parser = argparse.ArgumentParser


def add_commands(commands: "argparse._SubParsersAction[_Parser]") -> None:
    """`rules add|ladder|import|list|show|history|retire`; `test` in `backtest`."""
    nouns = commands.add_parser("rules", help="what raises an alert in an area, with every version").add_subparsers(
        required=True
    )
    add = nouns.add_parser("add", help="put a rule in force, or several: JSON or TOML")
    add.add_argument("area", metavar="AREA")
    add.add_argument("file", type=Path, metavar="FILE")
    _finish(add, _add, author=True)
    load = nouns.add_parser("import", help='put the rules of many areas in force: {"AREA": [rule, …], …}; all or none')
    load.add_argument("file", type=Path, metavar="FILE")
    _finish(load, _import, author=True)
    _add_ladder(nouns)
    listed = nouns.add_parser("list", help="the rules in force")
    listed.add_argument("--area", metavar="AREA")
    listed.add_argument("--retired", action="store_true", help="with those that were retired")
    _finish(listed, _list, as_json=True)
    for name, run, words in (
        ("show", _show, "one rule as it is written"),
        ("history", _history, "every version of a rule"),
        ("retire", _retire, "put a rule out of force; its versions are kept"),
    ):
        one = nouns.add_parser(name, help=words)
        one.add_argument("area", metavar="AREA")
        one.add_argument("rule", metavar="RULE")
        if name == "show":
            one.add_argument("--version", type=whole_number, metavar="N", help="default: the newest")
        _finish(one, run, as_json=name != "retire")
    backtest.add_command(nouns)


def _add_ladder(nouns: "argparse._SubParsersAction[_Parser]") -> None:
    ladder = nouns.add_parser("ladder", help="put a rule over one datastream in force, without a file")
    ladder.add_argument("area", metavar="AREA")
    ladder.add_argument("station", metavar="STATION")
    ladder.add_argument("datastream", metavar="DATASTREAM")
    ladder.add_argument(
        "--level",
        dest="levels",
        action="append",
        required=True,
        metavar="name:threshold:severity[:hysteresis]",
        help="repeat for each, from the lowest up, as in alert:1.6:minor:0.05",
    )
    ladder.add_argument("--code", metavar="RULE", help="default: station-datastream")
    ladder.add_argument("--hazard", default="flood", help="default: %(default)s")
    ladder.add_argument("--signal", choices=get_args(Signal), default="level", help="default: %(default)s")
    ladder.add_argument("--window-s", type=whole_number, default=3600, metavar="N", help="of rise and accumulation")
    ladder.add_argument("--hold-up-s", type=int, default=0, metavar="N", help="how long above before it counts")
    ladder.add_argument("--hold-down-s", type=int, default=0, metavar="N", help="how long below before it is left")
    _finish(ladder, _ladder, author=True)


def _finish(parser: _Parser, run: Any, *, author: bool = False, as_json: bool = False) -> None:
    if author:
        parser.add_argument("--author", metavar="NAME", help="who answers for it (default: your user name)")
    if as_json:
        parser.add_argument("--json", action="store_true")
    add_data_dir(parser)
    parser.set_defaults(run=run)


async def _add(args: argparse.Namespace) -> None:
    await _save(args, [(args.area, rule) for rule in read_rules(args.file)])


async def _import(args: argparse.Namespace) -> None:
    await _save(args, read_rules_of_areas(args.file))


async def _ladder(args: argparse.Namespace) -> None:
    rule = Rule(
        code=args.code or f"{args.station}-{args.datastream}".replace("_", "-")[:63].rstrip("-"),
        levels=tuple(_level(text, args) for text in args.levels),
        members=(Member(args.station, args.datastream),),
        hazard=args.hazard,
        signal=args.signal,
        window_s=args.window_s,
    )
    await _save(args, [(args.area, rule)])


def _level(text: str, args: argparse.Namespace) -> Level:
    name, *numbers = text.split(":")
    try:
        threshold, severity, hysteresis = (*numbers, "0")[:3] if len(numbers) in (2, 3) else ()
        return Level(
            name=name,
            threshold=float(threshold),
            severity=Severity(severity),
            hysteresis=float(hysteresis),
            hold_up_s=args.hold_up_s,
            hold_down_s=args.hold_down_s,
        )
    except ValueError:
        words = ", ".join(Severity)
        raise InvalidInput(f"level {text!r}: give name:threshold:severity[:hysteresis]; severities: {words}") from None


async def _save(args: argparse.Namespace, rules: Sequence[tuple[str, Rule]]) -> None:
    """All or none; every refusal is told."""
    author = args.author or getpass.getuser()
    saved, remarks, refused = [], [], []
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        for area, rule in rules:
            try:
                saved.append(f"{area}: {rule.code} version {await save_rule(connection, area, rule, author)}")
                remarks += [f"{area}: {rule.code}: {words}" for words in await remarks_on(connection, area, rule)]
            except HydroAlertError as error:
                refused.append(f"{area}: {error}")
        if refused:
            raise InvalidInput("\n".join([*refused, "No rule was changed."]))
    print("\n".join(saved))
    for remark in remarks:
        print(remark, file=sys.stderr)


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        found = await list_rules(connection, args.area, retired=args.retired)
    if args.json:
        print_json([shown(one) for one in found])
        return
    _print_table(found, "No rules: see `hydroalert rules ladder --help`.")


async def _history(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        found = await rule_versions(connection, args.area, args.rule)
    if args.json:
        print_json([shown(one) for one in found])
        return
    _print_table(found, "")


async def _show(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        versions = await rule_versions(connection, args.area, args.rule)
    found = [one for one in versions if one.version == (args.version or versions[-1].version)]
    if not found:
        raise NotFound(f"{args.rule} has no version {args.version}: its newest is {versions[-1].version}")
    print_json(shown(found[0]) if args.json else found[0].rule)


def shown(stored: StoredRule) -> dict[str, Any]:
    """A version of a rule as JSON has it."""
    return {
        "area": stored.area,
        "version": stored.version,
        "author": stored.author,
        "created_at": rfc3339(stored.created_at),
        "retired_at": None if stored.retired_at is None else rfc3339(stored.retired_at),
        "rule": msgspec.to_builtins(stored.rule),
    }


def _print_table(found: Sequence[StoredRule], nothing: str) -> None:
    codes = (Column(name, no_wrap=True) for name in ("area", "rule"))
    table = Table(*codes, "version", "hazard", "signal", "levels", "reads", "author", "since", box=None)
    for one in found:
        levels = ", ".join(f"{level.name} {level.threshold:g} {level.severity}" for level in one.rule.levels)
        reads = ", ".join(f"{member.station}/{member.datastream}" for member in one.rule.members)
        version = f"{one.version} retired" if one.retired_at else str(one.version)
        since = rfc3339(one.created_at)
        table.add_row(
            one.area, one.rule.code, version, one.rule.hazard, one.rule.signal, levels, reads, one.author, since
        )
    Console().print(table if found else nothing)


async def _retire(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await retire_rule(connection, args.area, args.rule)
    print(f"{args.rule} is out of force in {args.area}; `hydroalert rules add` puts it in force again")
