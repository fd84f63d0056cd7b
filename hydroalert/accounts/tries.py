"""The tries of a name as they are kept; `lockout` decides what they mean."""

from datetime import datetime, timedelta

import msgspec

from hydroalert.accounts.lockout import (
    EVERYWHERE,
    FORGOTTEN_AFTER,
    KNOWN_FOR,
    counters,
    still_blocked,
    with_one_less,
    with_one_more,
)
from hydroalert.store import Connection
from hydroalert.store.login_failures import (
    find_blocked_until,
    forget_tries,
    hold_tries,
    is_known_place,
    keep_tries,
    prune_tries,
)
from hydroalert.store.sealing import Sealer

_PURPOSE = "login-name"


class Attempt(msgspec.Struct, frozen=True):
    """A name and a password, from the place of one party (`api.parties`)."""

    name: str
    password: str
    party: str


async def wait_here(connection: Connection, sealer: Sealer, attempt: Attempt, now: datetime) -> timedelta:
    """How long that name must wait at that place, by one look that holds nothing: so a flood of tries is cheap."""
    until = await find_blocked_until(connection, _digest(sealer, attempt), attempt.party)
    return max((until or now) - now, timedelta(0))


async def count_try(
    connection: Connection, sealer: Sealer, attempt: Attempt, account_id: int | None, now: datetime
) -> timedelta:
    """Count a try before it is looked at, unless earlier ones make it wait: so long."""
    name_digest = _digest(sealer, attempt)
    parties = await _counters(connection, attempt, account_id, now)
    held = {party: await hold_tries(connection, name_digest, party, now) for party in parties}
    wait = max(still_blocked(tries, now) for tries in held.values())
    if not wait:
        await prune_tries(connection, now - FORGOTTEN_AFTER)
        for party, tries in held.items():
            await keep_tries(connection, name_digest, party, with_one_more(party, tries, now))
    return wait


async def take_back(
    connection: Connection, sealer: Sealer, attempt: Attempt, account_id: int | None, now: datetime
) -> None:
    """The try was never looked at, or the password was right and a code is still to come; earlier failures stay."""
    name_digest = _digest(sealer, attempt)
    for party in await _counters(connection, attempt, account_id, now):
        tries = await hold_tries(connection, name_digest, party, now)
        await keep_tries(connection, name_digest, party, with_one_less(tries, now))


async def settle(connection: Connection, sealer: Sealer, attempt: Attempt) -> None:
    """Who proved everything starts anew: its tries are forgotten, from there and everywhere."""
    await forget_tries(connection, _digest(sealer, attempt), [EVERYWHERE, attempt.party])


def typed(name: str) -> str:
    """The name that was meant: names are in lower case."""
    return name.strip().lower()


async def _counters(connection: Connection, attempt: Attempt, account_id: int | None, now: datetime) -> list[str]:
    known = await is_known_place(connection, account_id, attempt.party, now - KNOWN_FOR)
    return counters(attempt.party, is_known_place=known)


def _digest(sealer: Sealer, attempt: Attempt) -> bytes:
    return sealer.digest(typed(attempt.name).encode("utf-8", "replace"), _PURPOSE)
