"""A password against what is kept: the same work, the same waiting and the same answer for names that nobody has."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from hydroalert.accounts.hashing import Hasher
from hydroalert.accounts.lockout import (
    EVERYWHERE,
    FORGOTTEN_AFTER,
    KNOWN_FOR,
    counters,
    still_blocked,
    with_one_less,
    with_one_more,
)
from hydroalert.accounts.passwords import normalised
from hydroalert.domain.actors import Actor
from hydroalert.domain.errors import Unavailable
from hydroalert.store import Connection, Pool
from hydroalert.store.accounts import Credentials, find_credentials, lock_credentials
from hydroalert.store.audit import record
from hydroalert.store.login_failures import (
    forget_tries,
    hold_tries,
    is_known_place,
    keep_tries,
    prune_tries,
)
from hydroalert.store.sealing import Sealer
from hydroalert.store.writing import writing

_PURPOSE = "login-name"


@dataclass(frozen=True)
class Desk:
    """Where people prove who they are; `random_bytes` draws what only they shall know."""

    pool: Pool
    sealer: Sealer
    hasher: Hasher
    random_bytes: Callable[[int], bytes]


class Attempt(msgspec.Struct, frozen=True):
    """A name and a password, from the place of one party (`api.parties`)."""

    name: str
    password: str
    party: str


class TooSoon(msgspec.Struct, frozen=True):
    """Refused unseen, because of earlier tries; it helps to wait so long."""

    wait: timedelta


class WrongPassword(msgspec.Struct, frozen=True):
    """Name or password is wrong, or the account is disabled: nobody is told which."""


async def prove_password(
    desk: Desk, attempt: Attempt, actor: Actor, now: datetime
) -> Credentials | TooSoon | WrongPassword:
    """Whose name and password these are. Raises InvalidInput, Unavailable.

    The try is counted before it is looked at; `settle` takes it back. No connection is held while Argon2 runs.
    """
    password, name = normalised(attempt.password), _typed(attempt.name)
    async with writing(desk.pool, actor) as connection:
        found = await find_credentials(connection, name)
        wait = await _count(connection, desk.sealer, attempt, found, now)
    if wait:
        return TooSoon(wait)
    try:
        verified = await desk.hasher.verifies(found.password if found else None, password)
    except Unavailable:  # never looked at
        async with writing(desk.pool, actor) as connection:
            await take_back(connection, desk.sealer, attempt, found, now)
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


async def settle(connection: Connection, sealer: Sealer, attempt: Attempt) -> None:
    """Who proved everything starts anew: its tries are forgotten, from there and everywhere."""
    await forget_tries(connection, _digest(sealer, attempt.name), [EVERYWHERE, attempt.party])


async def take_back(
    connection: Connection, sealer: Sealer, attempt: Attempt, found: Credentials | None, now: datetime
) -> None:
    """The try was none, or the password was right and a code is still to come; earlier failures stay."""
    name_digest = _digest(sealer, attempt.name)
    for party in await _counters(connection, attempt, found, now):
        tries = await hold_tries(connection, name_digest, party, now)
        await keep_tries(connection, name_digest, party, with_one_less(tries, now))


async def _count(
    connection: Connection, sealer: Sealer, attempt: Attempt, found: Credentials | None, now: datetime
) -> timedelta:
    """Count the try, unless earlier ones make it wait: so long."""
    name_digest = _digest(sealer, attempt.name)
    parties = await _counters(connection, attempt, found, now)
    held = {party: await hold_tries(connection, name_digest, party, now) for party in parties}
    wait = max(still_blocked(tries, now) for tries in held.values())
    if not wait:
        await prune_tries(connection, now - FORGOTTEN_AFTER)
        for party, tries in held.items():
            await keep_tries(connection, name_digest, party, with_one_more(party, tries, now))
    return wait


async def _counters(connection: Connection, attempt: Attempt, found: Credentials | None, now: datetime) -> list[str]:
    account_id = found.id if found else None
    known = await is_known_place(connection, account_id, attempt.party, now - KNOWN_FOR)
    return counters(attempt.party, is_known_place=known)


def _typed(name: str) -> str:
    return name.strip().lower()


def _digest(sealer: Sealer, name: str) -> bytes:
    return sealer.digest(_typed(name).encode("utf-8", "replace"), _PURPOSE)
