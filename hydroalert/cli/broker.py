"""`hydroalert broker …`: its accounts."""

import argparse
import os
import secrets
from pathlib import Path

from hydroalert.access.changes import rebuild
from hydroalert.access.initial import initial_configuration
from hydroalert.cli.context import add_data_dir, config_of, counting, database
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.sealing import Sealer


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`broker sync|init`."""
    nouns = commands.add_parser("broker", help="keep the broker's accounts").add_subparsers(required=True)
    sync = nouns.add_parser("sync", help="make the broker's accounts exactly those of the database")
    add_data_dir(sync)
    sync.set_defaults(run=_sync)
    init = nouns.add_parser("init", help="write a new broker's first dynamic-security.json")
    init.add_argument("--output", type=Path, required=True, metavar="FILE")
    add_data_dir(init)
    init.set_defaults(run=_init)


async def _sync(args: argparse.Namespace) -> None:
    config = config_of(args)
    async with database(config) as pool:
        progress = counting("accounts")
        sealer = Sealer(config.master_key)
        done = await rebuild(pool, sealer, config.broker_url, config.broker_passwords, progress)
    print(f"{done.created} created, {done.changed} changed, {done.deleted} deleted, {done.unchanged} as they were")


async def _init(args: argparse.Namespace) -> None:
    """Never over a file that is there: it holds every device's account."""
    config = config_of(args)
    content = initial_configuration(config.broker_passwords, secrets.token_bytes)
    try:
        with os.fdopen(os.open(args.output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        print(f"{args.output} is there already and stays as it is")
    except OSError as error:
        raise InvalidInput(f"{args.output}: {error.strerror}") from None
