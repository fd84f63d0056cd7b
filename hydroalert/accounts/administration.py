"""What administrators do about accounts, over HTTP and on the command line; each within one transaction."""

import secrets
from collections.abc import Callable
from datetime import datetime

from hydroalert.accounts.hashing import Hasher
from hydroalert.accounts.passwords import draw_password
from hydroalert.domain.actors import Role
from hydroalert.domain.errors import Conflicting
from hydroalert.store import Connection
from hydroalert.store.accounts import (
    Account,
    NewAccount,
    add_account,
    add_first_account,
    lock_administrators,
    read_account,
    remove_account,
    set_enabled,
    set_password,
    set_role,
)
from hydroalert.store.second_factors import remove_factor
from hydroalert.store.sessions import end_logins

FIRST_ADMINISTRATOR = "admin"
DISABLED = "the account was disabled"
RESET = "an administrator gave it another password"
LOGGED_OUT = "an administrator logged it out everywhere"

RandomBytes = Callable[[int], bytes]


async def create_first_administrator(connection: Connection, now: datetime) -> str | None:
    """Where there is no account at all, add `admin` and return its password, which must be changed at once; else
    None. Of two that start at the same time, one gets it.
    """
    password = draw_password(secrets.token_bytes)
    hashed = await Hasher().hash(password)
    account = NewAccount(FIRST_ADMINISTRATOR, Role.ADMIN, hashed, must_change=True)
    return password if await add_first_account(connection, account) else None


async def add_person(connection: Connection, hasher: Hasher, name: str, role: Role, random_bytes: RandomBytes) -> str:
    """Add an account; returns its first password, to be shown once and changed at the first login.

    Raises Conflicting (the name is taken), InvalidInput, Unavailable.
    """
    password = draw_password(random_bytes)
    await add_account(connection, NewAccount(name, role, await hasher.hash(password), must_change=True))
    return password


async def change_role(connection: Connection, name: str, role: Role, now: datetime, *, by: int | None) -> None:
    """It counts at once. `by`: the account that does it, whose own role it cannot be. Raises Conflicting, NotFound."""
    account = await read_account(connection, name, now)
    if account.id == by:
        raise Conflicting("nobody changes their own role: ask another administrator")
    if role is not Role.ADMIN:
        await _keep_one_administrator(connection, name)
    await set_role(connection, account.id, role)


async def enable(connection: Connection, name: str, now: datetime) -> None:
    """Let it log in again; its keys count again too. Raises NotFound."""
    account = await read_account(connection, name, now)
    await set_enabled(connection, account.id, enabled=True)


async def disable(connection: Connection, name: str, now: datetime) -> None:
    """Its logins end; its keys count no more until it is enabled. Raises Conflicting, NotFound."""
    account = await read_account(connection, name, now)
    await _keep_one_administrator(connection, name)
    await set_enabled(connection, account.id, enabled=False)
    await end_logins(connection, account.id, None, now, DISABLED)


async def reset_password(
    connection: Connection, hasher: Hasher, name: str, now: datetime, random_bytes: RandomBytes
) -> str:
    """Its logins end; returns a new password, to be shown once and changed at the next login. Keys stay as they are.

    Raises NotFound, Unavailable.
    """
    account = await read_account(connection, name, now)
    password = draw_password(random_bytes)
    await set_password(connection, account.id, await hasher.hash(password), must_change=True)
    await end_logins(connection, account.id, None, now, RESET)
    return password


async def log_out_everywhere(connection: Connection, name: str, now: datetime) -> int:
    """End all its logins at once; returns how many. Raises NotFound."""
    account = await read_account(connection, name, now)
    return await end_logins(connection, account.id, None, now, LOGGED_OUT)


async def take_second_factor(connection: Connection, name: str, now: datetime) -> None:
    """For who lost both device and recovery codes. Raises NotFound."""
    account = await read_account(connection, name, now)
    await remove_factor(connection, account.id)


async def remove_person(connection: Connection, name: str, now: datetime) -> Account:
    """Forget it with its logins, its keys and what was assigned to it; returns what it was.

    What it did stays in the audit and wherever it is named. Raises Conflicting, NotFound.
    """
    account = await read_account(connection, name, now)
    await _keep_one_administrator(connection, name)
    await remove_account(connection, account.id)
    return account


async def _keep_one_administrator(connection: Connection, name: str) -> None:
    """Raises Conflicting where that one is the last who could undo it."""
    if await lock_administrators(connection) == [name]:
        raise Conflicting(f"{name} is the last administrator in force: make another one first")
