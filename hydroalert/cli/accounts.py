"""`hydroalert account …`: who may log in, and as what; the api calls the same functions."""

import argparse
import secrets
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from hydroalert.accounts.administration import (
    add_person,
    change_role,
    disable,
    enable,
    log_out_everywhere,
    remove_person,
    reset_password,
    take_second_factor,
)
from hydroalert.accounts.hashing import Hasher
from hydroalert.cli.context import add_data_dir, config_of, confirm, database, print_json
from hydroalert.domain.actors import Role
from hydroalert.domain.clock import rfc3339
from hydroalert.store.accounts import Account, list_accounts, read_account


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`account add|list|role|password|enable|disable|logout|second-factor|remove`."""
    nouns = commands.add_parser("account", help="who may log in, and as what").add_subparsers(required=True)
    add = nouns.add_parser("add", help="add one; its first password is shown once")
    add.add_argument("name", help="a-z, 0-9, dots, - and _")
    add.add_argument("--role", type=Role, choices=list(Role), required=True, help="what it may do")
    add.add_argument("--json", action="store_true")
    add_data_dir(add)
    add.set_defaults(run=_add)
    listed = nouns.add_parser("list", help="all of them")
    listed.add_argument("--json", action="store_true")
    add_data_dir(listed)
    listed.set_defaults(run=_list)
    role = _add_named(nouns, "role", "give another role; it counts at once")
    role.add_argument("role", type=Role, choices=list(Role))
    role.set_defaults(run=_role)
    password = _add_named(nouns, "password", "give a new password, which is shown once; its logins end")
    password.add_argument("--json", action="store_true")
    password.set_defaults(run=_password)
    _add_named(nouns, "enable", "let it log in again").set_defaults(run=_enable)
    _add_named(nouns, "disable", "its logins end, its keys count no more").set_defaults(run=_disable)
    _add_named(nouns, "logout", "end all its logins at once").set_defaults(run=_logout)
    factor = _add_named(nouns, "second-factor", "remove the second factor of who lost it")
    factor.add_argument("to", choices=["off"])
    factor.add_argument("--yes", action="store_true", help="do not ask")
    factor.set_defaults(run=_second_factor)
    remove = _add_named(nouns, "remove", "forget it with its logins and keys; to keep it, disable it")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    remove.set_defaults(run=_remove)


def _add_named(
    nouns: "argparse._SubParsersAction[argparse.ArgumentParser]", verb: str, words: str
) -> argparse.ArgumentParser:
    parser = nouns.add_parser(verb, help=words)
    parser.add_argument("name")
    add_data_dir(parser)
    return parser


async def _add(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        password = await add_person(connection, Hasher(), args.name, args.role, secrets.token_bytes)
    if args.json:
        print_json({"name": args.name, "role": args.role, "password": password})
        return
    print(f"{args.name} may log in as {args.role}.")
    _print_password(password)


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool:
        found = await list_accounts(pool, datetime.now(UTC))
    if args.json:
        print_json(found)
        return
    table = Table("name", "role", "state", "second factor", "last login", "logins", "keys", box=None)
    for one in found:
        last = rfc3339(one.last_login_at) if one.last_login_at else "never"
        factor = "yes" if one.second_factor else "no"
        table.add_row(one.name, one.role, _state(one), factor, last, str(one.logins), str(one.api_keys))
    Console().print(table if found else "No accounts: nobody can log in. See `hydroalert account add --help`.")


async def _role(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await change_role(connection, args.name, args.role, datetime.now(UTC), by=None)
    print(f"{args.name} is {args.role} from now on.")


async def _password(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        password = await reset_password(connection, Hasher(), args.name, datetime.now(UTC), secrets.token_bytes)
    if args.json:
        print_json({"name": args.name, "password": password})
        return
    print(f"{args.name} has a new password; all its logins have ended.")
    _print_password(password)


async def _enable(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await enable(connection, args.name, datetime.now(UTC))
    print(f"{args.name} may log in again, and its keys count again.")


async def _disable(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await disable(connection, args.name, datetime.now(UTC))
    print(f"{args.name} is out: its logins have ended, its keys count no more. `hydroalert account enable` undoes it.")


async def _logout(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        ended = await log_out_everywhere(connection, args.name, datetime.now(UTC))
    print(f"{ended} of {args.name}'s logins ended.")


async def _second_factor(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        await read_account(connection, args.name, datetime.now(UTC))
        confirm(f"From then on {args.name}'s password alone is enough. Remove the second factor?", yes=args.yes)
        await take_second_factor(connection, args.name, datetime.now(UTC))
    print(f"{args.name} has no second factor any more.")


async def _remove(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        one = await read_account(connection, args.name, datetime.now(UTC))
        confirm(f"Remove {one.name} ({one.role}) with {one.logins} logins and {one.api_keys} keys?", yes=args.yes)
        async with connection.transaction():
            await remove_person(connection, args.name, datetime.now(UTC))
    print(f"{args.name} is removed; what it did stays under its name.")


def _state(one: Account) -> str:
    if not one.enabled:
        return "disabled"
    return "must change password" if one.must_change else "enabled"


def _print_password(password: str) -> None:
    print(f"password       {password}")
    print("It is not shown again, and must be changed at the next login.")
