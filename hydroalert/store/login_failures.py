"""How often a name was tried in vain, and where its account was logged in from."""

from datetime import datetime

import msgspec

from hydroalert.store.pool import Connection

_HOLD = """
INSERT INTO login_failure (name_digest, party, failures, last_at, blocked_until) VALUES ($1, $2, 0, $3, $3)
ON CONFLICT (name_digest, party) DO UPDATE SET party = excluded.party
RETURNING failures, last_at, blocked_until
"""
_KEEP = """
UPDATE login_failure SET failures = $3, last_at = $4, blocked_until = $5 WHERE name_digest = $1 AND party = $2
"""
_FIND_BLOCKED_UNTIL = "SELECT blocked_until FROM login_failure WHERE name_digest = $1 AND party = $2"
_FORGET = "DELETE FROM login_failure WHERE name_digest = $1 AND party = ANY ($2::text[])"
# A few more than one attempt adds: so the table shrinks while it is used, and nobody waits for it.
_PRUNE = """
DELETE FROM login_failure WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM login_failure WHERE last_at < $1 ORDER BY last_at LIMIT 20 FOR UPDATE SKIP LOCKED
))
"""
_IS_KNOWN_PLACE = "SELECT EXISTS (SELECT FROM login_place WHERE account_id = $1 AND party = $2 AND last_at > $3)"
_KEEP_PLACE = """
INSERT INTO login_place (account_id, party, last_at) VALUES ($1, $2, $3)
ON CONFLICT (account_id, party) DO UPDATE SET last_at = greatest(login_place.last_at, excluded.last_at)
"""
_FORGET_PLACES = "DELETE FROM login_place WHERE account_id = $1 AND last_at < $2"


class Tries(msgspec.Struct, frozen=True):
    """How often in vain, the last time, and until when no further try is looked at."""

    failures: int
    last_at: datetime
    blocked_until: datetime


async def find_blocked_until(connection: Connection, name_digest: bytes, party: str) -> datetime | None:
    """Until when no try of that name from there is looked at; None where there was none."""
    until: datetime | None = await connection.fetchval(_FIND_BLOCKED_UNTIL, name_digest, party)
    return until


async def hold_tries(connection: Connection, name_digest: bytes, party: str, now: datetime) -> Tries:
    """The tries of that name from there, held until this transaction ends; `''` stands for everywhere."""
    return msgspec.convert(await connection.fetchrow(_HOLD, name_digest, party, now), Tries)


async def keep_tries(connection: Connection, name_digest: bytes, party: str, tries: Tries) -> None:
    """What they are now."""
    await connection.execute(_KEEP, name_digest, party, *msgspec.structs.astuple(tries))


async def forget_tries(connection: Connection, name_digest: bytes, parties: list[str]) -> None:
    """Count from nothing again."""
    await connection.execute(_FORGET, name_digest, sorted(parties))


async def prune_tries(connection: Connection, before: datetime) -> None:
    """Forget some of those that are older."""
    await connection.execute(_PRUNE, before)


async def is_known_place(connection: Connection, account_id: int | None, party: str, since: datetime) -> bool:
    """Whether that account was logged in from there since then; of no account, never."""
    known: bool = await connection.fetchval(_IS_KNOWN_PLACE, account_id, party, since)
    return known


async def keep_place(connection: Connection, account_id: int, party: str, now: datetime, forget: datetime) -> None:
    """The account was logged in from there; places where it was not since `forget` are forgotten."""
    await connection.execute(_KEEP_PLACE, account_id, party, now)
    await connection.execute(_FORGET_PLACES, account_id, forget)
