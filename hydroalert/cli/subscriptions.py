"""`hydroalert subscription …`: who is told of alerts, where, and of which."""

import argparse
import secrets
import sys
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table

from hydroalert.alerting.notify.messages import Message, trial
from hydroalert.alerting.notify.outcomes import Delivered, Outcome
from hydroalert.cli.context import add_data_dir, config_of, confirm, database, print_json, whole_number
from hydroalert.domain.addresses import Address
from hydroalert.domain.errors import InvalidInput, Unavailable
from hydroalert.domain.severity import Severity
from hydroalert.store.sealing import Sealer, check_master_key
from hydroalert.store.subscriptions import (
    DISABLED,
    Wanted,
    add_subscription,
    disable_subscription,
    enable_subscription,
    list_subscriptions,
    read_address,
    read_subscription,
    remove_subscription,
)
from hydroalert.wire.addresses import parse_address
from hydroalert.wire.webhooks import SECRET_BYTES


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`subscription add|list|test|enable|disable|remove`."""
    nouns = commands.add_parser("subscription", help="who is told of alerts, and where").add_subparsers(required=True)
    _add_adding(nouns)
    listed = nouns.add_parser("list", help="all of them; addresses are shown without their secrets")
    listed.add_argument("--json", action="store_true")
    add_data_dir(listed)
    listed.set_defaults(run=_list)
    for name, run, words in (
        ("test", _test, "send one message now that says it is a test"),
        ("enable", _enable, "let it hear of what happens from now on"),
        ("disable", _disable, "let it hear nothing more; what waits for it can be resent by hand"),
    ):
        named = nouns.add_parser(name, help=words)
        named.add_argument("name")
        add_data_dir(named)
        named.set_defaults(run=run)
    remove = nouns.add_parser("remove", help="forget it with all of its deliveries")
    remove.add_argument("name")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    add_data_dir(remove)
    remove.set_defaults(run=_remove)


def _add_adding(nouns: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    add = nouns.add_parser("add", help="add one; a webhook's signing secret is shown once")
    add.add_argument("name", nargs="?", help="what to call it (default: what may be shown of its address)")
    add.add_argument(
        "--to",
        required=True,
        metavar="URL",
        help="https://… for a webhook, else as Apprise writes it: mailto://… tgram://… ntfy://…; "
        "- reads it from standard input, so that no shell history holds its password",
    )
    add.add_argument("--area", metavar="CODE", help="only this area and those in it (default: all)")
    add.add_argument(
        "--severity",
        type=Severity,
        choices=list(Severity),
        default=Severity.MODERATE,
        help="from which on (%(default)s)",
    )
    add.add_argument(
        "--operators",
        dest="audience",
        action="store_const",
        const="operators",
        default="public",
        help="hear what only operators do, and why",
    )
    add.add_argument("--lang", default="en", metavar="TAG", help="language of its texts (default: %(default)s)")
    add.add_argument("--drills", action="store_true", help="hear of exercises, too")
    add.add_argument(
        "--per-hour", type=whole_number, metavar="N", help="at most N messages an hour that are neither worse nor over"
    )
    add.add_argument("--json", action="store_true")
    add_data_dir(add)
    add.set_defaults(run=_add)


async def _add(args: argparse.Namespace) -> None:
    url = sys.stdin.readline().strip() if args.to == "-" else args.to
    address = parse_address(url, secrets.token_bytes(SECRET_BYTES))
    wanted = Wanted(args.area, args.severity, args.audience, args.lang, args.drills, args.per_hour)
    name, config = args.name or _name_from(address), config_of(args)
    sealer = Sealer(config.master_key)
    async with database(config) as pool, pool.acquire() as connection, connection.transaction():
        await check_master_key(connection, sealer)
        await add_subscription(connection, sealer, name, address, wanted)
    if args.json:
        print_json({"name": name, "secret": address.secret})
        return
    print(f"{name} is subscribed; try it with `hydroalert subscription test {name!r}`")
    if address.secret:
        print(f"secret         {address.secret}")
        print("Its receiver verifies messages by this secret (standardwebhooks.com). It is not shown again.")


def _name_from(address: Address) -> str:
    name = address.shown.partition("://")[2].rpartition("@")[2].split("/")[0].replace(":", "-")
    if not name:
        raise InvalidInput("give the subscription a name before --to", "name")
    return name


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool:
        found = await list_subscriptions(pool)
    if args.json:
        print_json(found)
        return
    table = Table("name", "to", "area", "from", "hears", "lang", "waiting", "dead", "state", box=None)
    for one in found:
        hears = one.audience + (" + drills" if one.drills else "")
        state = "enabled" if one.enabled else f"disabled: {one.disabled_because}"
        counts = str(one.waiting), str(one.dead)
        table.add_row(one.name, one.shown, one.area or "all", one.least_severity, hears, one.language, *counts, state)
    Console().print(table if found else "No subscriptions: nobody is told. See `hydroalert subscription add --help`.")


async def _test(args: argparse.Namespace) -> None:
    config = config_of(args)
    async with database(config) as pool:
        subscription = await read_subscription(pool, args.name)
        address = await read_address(pool, Sealer(config.master_key), args.name)
    outcome = await _send(address, trial(args.name, datetime.now(UTC)))
    if not isinstance(outcome, Delivered):
        raise Unavailable(f"{subscription.shown}: {outcome.words}")
    print(f"{subscription.shown} took a test message.")


async def _send(address: Address, message: Message) -> Outcome:
    # Half a second that no other command should pay.
    from hydroalert.alerting.notify.apprise_sender import AppriseSender  # noqa: PLC0415
    from hydroalert.alerting.notify.webhooks import Webhooks  # noqa: PLC0415

    if address.kind == "apprise":
        return await AppriseSender().send(address, message)
    webhooks = Webhooks()
    try:
        return await webhooks.send(address, message)
    finally:
        await webhooks.close()


async def _enable(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        await enable_subscription(connection, args.name)
    print(f"{args.name} hears of what happens from now on.")


async def _disable(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        dead = await disable_subscription(connection, args.name, DISABLED)
    print(f"{args.name} hears nothing more; {dead} that waited for it can be resent: `hydroalert delivery list --dead`")


async def _remove(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        subscription = await read_subscription(connection, args.name)
        confirm(f"Forget {subscription.name} ({subscription.shown}) and its deliveries?", yes=args.yes)
        await remove_subscription(connection, args.name)
    print(f"{args.name} is forgotten.")
