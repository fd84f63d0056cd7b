"""`hydroalert key …`: what machines prove themselves by; the api calls the same functions."""

import argparse
import secrets
from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.table import Table

from hydroalert.accounts.api_keys import LONGEST, Wanted, make_key, revoke
from hydroalert.accounts.tokens import LIFETIME
from hydroalert.cli.context import add_data_dir, config_of, confirm, database, print_json, whole_number
from hydroalert.domain.actors import Scope
from hydroalert.domain.clock import rfc3339
from hydroalert.store.accounts import read_account
from hydroalert.store.keys import Key, list_keys
from hydroalert.store.sealing import Sealer, check_master_key
from hydroalert.store.signing_keys import rotate_signing_key


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`key add|list|revoke|rotate-signing`."""
    nouns = commands.add_parser("key", help="API keys, for machines that ask").add_subparsers(required=True)
    add = nouns.add_parser("add", help="make one, which is shown once; for Prometheus: --scope metrics")
    add.add_argument("name", help="what it is for")
    add.add_argument("--account", required=True, metavar="NAME", help="whose it is: it does no more than that one may")
    add.add_argument("--scope", dest="scopes", action="append", type=Scope, choices=list(Scope), required=True)
    add.add_argument(
        "--days",
        type=whole_number,
        default=90,
        metavar="N",
        help=f"until it expires, up to {LONGEST.days} (%(default)s)",
    )
    add.add_argument("--json", action="store_true")
    add_data_dir(add)
    add.set_defaults(run=_add)
    listed = nouns.add_parser("list", help="all of them with their last use; not what proves them")
    listed.add_argument("--json", action="store_true")
    add_data_dir(listed)
    listed.set_defaults(run=_list)
    revoking = nouns.add_parser("revoke", help="let one count no more, at once")
    revoking.add_argument("code", help="as `key list` shows it")
    add_data_dir(revoking)
    revoking.set_defaults(run=_revoke)
    _add_rotation(nouns)


def _add_rotation(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    rotate = nouns.add_parser("rotate-signing", help="sign access tokens with a new key from now on")
    rotate.add_argument(
        "--at-once",
        action="store_true",
        help="let tokens of the old key count no more (else so long as any lives); clients refresh theirs",
    )
    rotate.add_argument("--yes", action="store_true", help="do not ask")
    add_data_dir(rotate)
    rotate.set_defaults(run=_rotate)


async def _add(args: argparse.Namespace) -> None:
    now = datetime.now(UTC)
    days = timedelta(days=min(args.days, LONGEST.days + 1))  # beyond, it is refused whatever the calendar holds
    wanted = Wanted(args.name, frozenset(args.scopes), now + days)
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        owner = await read_account(connection, args.account, now)
        token = await make_key(connection, owner, wanted, now, secrets.token_bytes)
    if args.json:
        print_json({"code": token.code, "key": str(token), "expires_at": rfc3339(wanted.expires_at)})
        return
    print(f"key            {token}")
    print("Send it as `Authorization: Bearer …`. It is not shown again.")


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool:
        found = await list_keys(pool, None, datetime.now(UTC))
    if args.json:
        print_json(found)
        return
    table = Table("code", "account", "for", "scopes", "expires", "last used", "state", box=None)
    for one in found:
        used = rfc3339(one.used_at) if one.used_at else "never"
        table.add_row(one.code, one.account, one.name, " ".join(one.scopes), rfc3339(one.expires_at), used, _state(one))
    Console().print(table if found else "No keys. See `hydroalert key add --help`.")


async def _revoke(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        await revoke(connection, args.code, datetime.now(UTC), of=None)
    print(f"{args.code} counts no more.")


async def _rotate(args: argparse.Namespace) -> None:
    config, now = config_of(args), datetime.now(UTC)
    sealer = Sealer(config.master_key)
    confirm("Sign access tokens with a new key from now on?", yes=args.yes)
    async with database(config) as pool, pool.acquire() as connection, connection.transaction():
        await check_master_key(connection, sealer)
        retired_at = now if args.at_once else now + LIFETIME
        await rotate_signing_key(connection, sealer, secrets.token_bytes, retired_at)
    print("A new key signs. " + ("Clients refresh their tokens now." if args.at_once else "Nobody notices."))


def _state(one: Key) -> str:
    if one.in_force:
        return "in force"
    return "revoked" if one.revoked_at else "expired, or its account is disabled"
