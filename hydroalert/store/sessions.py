"""Logins that stand: each is a row that every request of its access tokens looks up."""

from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.domain.actors import Role
from hydroalert.store.pool import Connection, affected

# One look for everything that could end a token before its time: so each of them counts at once, in every process.
_FIND_BEARER = """
SELECT signing_key.sealed, account.id AS account_id, account.name, role, must_change,
       totp_since IS NOT NULL AS has_second_factor
FROM signing_key CROSS JOIN login_session JOIN account ON account.id = account_id
WHERE signing_key.id = $1 AND (retired_at IS NULL OR retired_at > $3)
  AND login_session.id = $2 AND ended_at IS NULL AND expires_at > $3 AND enabled
"""
_START = """
INSERT INTO login_session (id, account_id, created_at, used_at, expires_at, address, agent)
VALUES ($1, $2, $3, $3, $4, $5, $6)
"""
_CONTINUE = "UPDATE login_session SET used_at = $2, expires_at = $3 WHERE id = $1"
_LIST = """
SELECT id, created_at, used_at, expires_at, address, agent FROM login_session
WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY used_at DESC, id
"""
_END = """
UPDATE login_session SET ended_at = $3, ended_by = $4
WHERE account_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $3
"""
_END_ALL = """
UPDATE login_session SET ended_at = $3, ended_by = $4
WHERE account_id = $1 AND id IS DISTINCT FROM $2 AND ended_at IS NULL AND expires_at > $3
"""
# A few more than one login adds: so the table shrinks while it is used, and nobody waits for it.
_PRUNE = """
DELETE FROM login_session WHERE id = ANY (ARRAY(
    SELECT id FROM login_session WHERE expires_at < $1 ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED
))
"""


class Bearer(msgspec.Struct, frozen=True):
    """Who a login belongs to, and the key, sealed, that must have signed what says so."""

    sealed: bytes
    account_id: int
    name: str
    role: Role
    must_change: bool
    has_second_factor: bool


class NewLogin(msgspec.Struct, frozen=True):
    """A login that begins. `address` and `agent`: what its owner is shown to know it by."""

    id: UUID
    account_id: int
    expires_at: datetime
    address: str
    agent: str


class Login(msgspec.Struct, frozen=True):
    """A login that stands, as its owner sees it."""

    id: UUID
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    address: str
    agent: str


async def find_bearer(connection: Connection, key_id: int, session_id: UUID, now: datetime) -> Bearer | None:
    """Who the login belongs to; None unless login, account and signing key are all in force."""
    row = await connection.fetchrow(_FIND_BEARER, key_id, session_id, now)
    return None if row is None else msgspec.convert(row, Bearer)


async def start_login(connection: Connection, login: NewLogin, now: datetime) -> None:
    """Keep a login."""
    await connection.execute(_START, login.id, login.account_id, now, login.expires_at, login.address, login.agent)


async def continue_login(connection: Connection, session_id: UUID, now: datetime, expires_at: datetime) -> None:
    """It was used, and stands until then."""
    await connection.execute(_CONTINUE, session_id, now, expires_at)


async def list_logins(connection: Connection, account_id: int, now: datetime) -> list[Login]:
    """Those of the account that stand, the last used first."""
    return msgspec.convert(await connection.fetch(_LIST, account_id, now), list[Login])


async def end_login(connection: Connection, account_id: int, session_id: UUID, now: datetime, by: str) -> bool:
    """End one login of the account at once; False where none such stands."""
    return affected(await connection.execute(_END, account_id, session_id, now, by)) == 1


async def end_logins(connection: Connection, account_id: int, kept: UUID | None, now: datetime, by: str) -> int:
    """End all logins of the account but the one that is kept, at once; returns how many."""
    return affected(await connection.execute(_END_ALL, account_id, kept, now, by))


async def prune_logins(connection: Connection, before: datetime) -> None:
    """Forget some of those that expired before then, with their refresh tokens."""
    await connection.execute(_PRUNE, before)
