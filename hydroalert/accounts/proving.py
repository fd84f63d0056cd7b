"""A password against what is kept: the same work, the same waiting and the same answer for names that nobody has."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from hydroalert.accounts.hashing import Hasher
from hydroalert.accounts.passwords import normalised
from hydroalert.accounts.tries import Attempt, count_try, take_back, typed, wait_here
from hydroalert.domain.actors import Actor
from hydroalert.domain.errors import Unavailable
from hydroalert.store import Connection, Pool
from hydroalert.store.accounts import Credentials, find_credentials, lock_credentials
from hydroalert.store.audit import record
from hydroalert.store.reading import reading
from hydroalert.store.sealing import Sealer
from hydroalert.store.writing import writing


@dataclass(frozen=True)
class Desk:
    """Where people prove who they are; `random_bytes` draws what only they shall know."""

    pool: Pool
    sealer: Sealer
    hasher: Hasher
    random_bytes: Callable[[int], bytes]


class TooSoon(msgspec.Struct, frozen=True):
    """Refused unseen, because of earlier tries; it helps to wait so long."""

    wait: timedelta


class WrongPassword(msgspec.Struct, frozen=True):
    """Name or password is wrong, or the account is disabled: nobody is told which."""


async def prove_password(
    desk: Desk, attempt: Attempt, actor: Actor, now: datetime
) -> Credentials | TooSoon | WrongPassword:
    """Whose name and password these are; no connection is held while Argon2 runs. Raises InvalidInput, Unavailable.

    The try is counted as a failure before it is looked at; who succeeds has it taken back (`tries.settle`).
    """
    password = normalised(attempt.password)
    found = await _look_up(desk, attempt, actor, now)
    if isinstance(found, TooSoon):
        return found
    try:
        verified = await desk.hasher.verifies(found.password if found else None, password)
    except Unavailable:
        async with writing(desk.pool, actor) as connection:
            await take_back(connection, desk.sealer, attempt, found.id if found else None, now)
        raise
    if verified and found is not None and found.enabled:
        return found
    async with writing(desk.pool, actor) as connection:
        # A name that nobody has may be a password, typed into the wrong field.
        await record(connection, "wrong password", "account", found.name if found else "")
    return WrongPassword()


async def hold_as_proven(connection: Connection, found: Credentials) -> Credentials | None:
    """The account as it is now, held until this transaction ends; None if it was shut out or has another password
    since the one that was proven.
    """
    account = await lock_credentials(connection, found.id)
    return account if account and account.enabled and account.password == found.password else None


async def _look_up(desk: Desk, attempt: Attempt, actor: Actor, now: datetime) -> Credentials | TooSoon | None:
    async with reading(desk.pool) as connection:
        wait = await wait_here(connection, desk.sealer, attempt, now)
    if wait:
        return TooSoon(wait)
    async with writing(desk.pool, actor) as connection:
        found = await find_credentials(connection, typed(attempt.name))
        wait = await count_try(connection, desk.sealer, attempt, found.id if found else None, now)
    return TooSoon(wait) if wait else found
