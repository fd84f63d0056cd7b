"""What every command starts from: the configuration, a connection, the sealer."""

import argparse
import asyncio
import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from hydroalert.access.changes import apply_changes
from hydroalert.access.sync import Progress
from hydroalert.config import Config, from_environment
from hydroalert.domain.actors import Actor
from hydroalert.domain.errors import HydroAlertError, InvalidInput
from hydroalert.store import TRANSIENT, Pool, open_pool
from hydroalert.store.audit import ACTOR_SETTING, setting_of
from hydroalert.store.broker_changes import count_broker_changes
from hydroalert.store.sealing import Sealer
from hydroalert.wire.tables import parse_rows

_LOOKS_FOR_BRIDGE = 50


def add_data_dir(parser: argparse.ArgumentParser) -> None:
    """`--data-dir`, where the private platform keeps everything."""
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="of a platform started by `up` (default: var)")


def config_of(args: argparse.Namespace) -> Config:
    """The configuration that the command was given."""
    return from_environment(args.data_dir)


@asynccontextmanager
async def database(config: Config) -> AsyncIterator[Pool]:
    """A pool for the time of one command; the audit says who ran it. Raises Unavailable."""
    actor = Actor("command-line", user_name())
    pool = await open_pool(config.database_url, size=2, settings={ACTOR_SETTING: setting_of(actor)})
    try:
        yield pool
    finally:
        pool.terminate()


def user_name() -> str:
    """Who the operating system says it is; a container's user may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


async def tell_broker(config: Config, pool: Pool) -> None:
    """Carry what changed to the broker now; where that fails, say that a bridge will do it later.

    A database that the environment names without its broker has a bridge that knows it: that one is waited for.
    """
    if config.names_other_database:
        await _wait_for_bridge(pool)
        return
    try:
        progress = counting("accounts on the broker")
        await apply_changes(pool, Sealer(config.master_key), config.broker_url, config.broker_admin_password, progress)
    except (HydroAlertError, *TRANSIENT) as error:
        print(
            f"The broker does not know yet: {error or type(error).__name__}. A running bridge will tell it.",
            file=sys.stderr,
        )


async def _wait_for_bridge(pool: Pool) -> None:
    for _ in range(_LOOKS_FOR_BRIDGE):
        if not await count_broker_changes(pool):
            return
        await asyncio.sleep(0.1)
    print("The broker does not know yet: a running bridge will tell it.", file=sys.stderr)


def counting(what: str, every: int = 100) -> Progress:
    """A progress callback that counts on standard error, where a person looks."""

    def show(done: int, total: int) -> None:
        if total > every and sys.stderr.isatty():
            print(f"\r{done:,} of {total:,} {what}", end="\n" if done == total else "", file=sys.stderr, flush=True)

    return show


def print_json(value: object) -> None:
    """One JSON value, indented."""
    print(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file; see `parse_rows`. Raises InvalidInput."""
    try:
        return parse_rows(path.read_text(encoding="utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: {error}") from None


def whole_number(text: str) -> int:
    """An argument that counts or names a row: 1 to 2**63 - 1."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20 and 0 < int(text) < 2**63):
        raise argparse.ArgumentTypeError("give a whole number from 1")
    return int(text)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone. Raises InvalidInput where nobody says yes."""
    if not yes and not sys.stdin.isatty():
        raise InvalidInput(f"{question} Nobody is there to answer: repeat it with --yes")
    if not yes and input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise InvalidInput("nothing was done")
