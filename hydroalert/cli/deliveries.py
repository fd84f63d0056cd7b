"""`hydroalert delivery …`: what was told to whom, what waits, what is dead, and how to send it again."""

import argparse

import msgspec
from rich.console import Console
from rich.table import Table

from hydroalert.cli.context import add_data_dir, config_of, database, print_json, whole_number
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.deliveries import Delivery, list_deliveries, read_delivery, resend, resend_dead


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`delivery list|show|resend`."""
    nouns = commands.add_parser("delivery", help="what was told to whom, and how to send it again").add_subparsers(
        required=True
    )
    listed = nouns.add_parser("list", help="deliveries, the newest first")
    states = listed.add_mutually_exclusive_group()
    for state in ("waiting", "dead", "delivered"):
        states.add_argument(f"--{state}", dest="state", action="store_const", const=state, help=f"only what is {state}")
    listed.add_argument("--subscription", metavar="NAME")
    listed.add_argument("--limit", type=whole_number, default=100, metavar="N", help="at most (default: %(default)s)")
    listed.add_argument("--json", action="store_true")
    add_data_dir(listed)
    listed.set_defaults(run=_list)
    show = nouns.add_parser("show", help="one delivery")
    show.add_argument("id", type=whole_number)
    add_data_dir(show)
    show.set_defaults(run=_show)
    again = nouns.add_parser("resend", help="send again under the same id, once the cause is mended")
    again.add_argument("ids", type=whole_number, nargs="*", metavar="ID")
    again.add_argument("--dead", action="store_true", help="all that are dead: of each area the newest tells of all")
    add_data_dir(again)
    again.set_defaults(run=_resend)


async def _list(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool:
        found = await list_deliveries(pool, state=args.state, subscription=args.subscription, limit=args.limit)
    if args.json:
        print_json([shown(one) for one in found])
        return
    table = Table("id", "to", "area", "revision", "what", "severity", "state", "tries", "why not", box=None)
    for one in found:
        area = f"{one.area} (exercise)" if one.drill else one.area
        what = f"{one.hazard} {one.transition}"
        numbers = str(one.id), one.subscription, area, str(one.revision)
        table.add_row(*numbers, what, one.severity, one.state, str(one.attempts), one.failure or "")
    Console().print(table if found else "No deliveries.")


async def _show(args: argparse.Namespace) -> None:
    async with database(config_of(args)) as pool:
        delivery = await read_delivery(pool, args.id)
    for name, value in shown(delivery).items():
        print(f"{name:14} {'-' if value is None else value}")


async def _resend(args: argparse.Namespace) -> None:
    if bool(args.ids) == args.dead:
        raise InvalidInput("name the deliveries to resend, or --dead for all that are dead: `hydroalert delivery list`")
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        for delivery_id in args.ids:
            await resend(connection, delivery_id)
        count = await resend_dead(connection) if args.dead else len(args.ids)
    print(f"{count} will be sent again.")


def shown(delivery: Delivery) -> dict[str, object]:
    """A delivery with its times as JSON has them."""
    fields = msgspec.structs.asdict(delivery)
    times = {name: rfc3339(value) for name in ("at", "due_at", "done_at") if (value := fields[name])}
    return {**fields, **times}
