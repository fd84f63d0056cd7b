"""Logins that stand, and the refresh tokens that continue them."""

from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.domain.actors import Role
from hydroalert.store.pool import Connection

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


class Bearer(msgspec.Struct, frozen=True):
    """Who a login belongs to, and the key, sealed, that must have signed what says so."""

    sealed: bytes
    account_id: int
    name: str
    role: Role
    must_change: bool
    has_second_factor: bool


class Login(msgspec.Struct, frozen=True):
    """A login that begins. `address` and `agent`: what its owner is shown to know it by."""

    id: UUID
    account_id: int
    expires_at: datetime
    address: str
    agent: str


async def find_bearer(connection: Connection, key_id: int, session_id: UUID, now: datetime) -> Bearer | None:
    """Who the login belongs to; None unless login, account and signing key are all in force."""
    row = await connection.fetchrow(_FIND_BEARER, key_id, session_id, now)
    return None if row is None else msgspec.convert(row, Bearer)


async def start_login(connection: Connection, login: Login, now: datetime) -> None:
    """Keep a login."""
    await connection.execute(
        _START, login.id, login.account_id, now, login.expires_at, login.address[:100], login.agent[:200]
    )
