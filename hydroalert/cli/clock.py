"""`hydroalert clock …`: the way back from a clock that was once ahead."""

import argparse
from datetime import UTC, datetime

from hydroalert.cli.context import add_data_dir, config_of, database
from hydroalert.store.digest import trust_clock


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`clock trust`."""
    nouns = commands.add_parser("clock", help="tell the platform that its clock is right").add_subparsers(required=True)
    trust = nouns.add_parser(
        "trust", help="forget arrivals and statuses later than now: they were written while the clock was ahead"
    )
    add_data_dir(trust)
    trust.set_defaults(run=_trust)


async def _trust(args: argparse.Namespace) -> None:
    now = datetime.now(UTC)
    async with database(config_of(args)) as pool, pool.acquire() as connection, connection.transaction():
        await trust_clock(connection, now)
    print(f"From now on {now:%Y-%m-%d %H:%M:%S} UTC is believed.")
