"""Refresh tokens: digests of all that a login was continued by, so that one that comes twice is known."""

from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.domain.actors import Role
from hydroalert.store.pool import Connection

# In two statements: what is read after the lock was waited for is what the other one left.
_LOCK_LOGIN = """
SELECT id FROM login_session WHERE id = (SELECT session_id FROM refresh_token WHERE digest = $1) FOR UPDATE
"""
_FIND = """
SELECT session_id, refresh_token.used_at, login_session.created_at,
       ended_at IS NULL AND expires_at > $2 AND enabled AS in_force, account.id AS account_id, name, role, must_change
FROM refresh_token JOIN login_session ON login_session.id = session_id JOIN account ON account.id = account_id
WHERE digest = $1
"""
_KEEP = "INSERT INTO refresh_token (digest, session_id, issued_at) VALUES ($1, $2, $3)"
_USE = "UPDATE refresh_token SET used_at = $2 WHERE digest = $1"
_IS_UNUSED = "SELECT EXISTS (SELECT FROM refresh_token WHERE digest = $1 AND used_at IS NULL)"


class Continued(msgspec.Struct, frozen=True):
    """The login that a refresh token belongs to. `used_at`: when the token was used before."""

    session_id: UUID
    used_at: datetime | None
    created_at: datetime
    in_force: bool
    account_id: int
    name: str
    role: Role
    must_change: bool


async def lock_continued(connection: Connection, digest: bytes, now: datetime) -> Continued | None:
    """The login of that token, held until this transaction ends; None of a token that nobody was given."""
    if await connection.fetchval(_LOCK_LOGIN, digest) is None:
        return None
    row = await connection.fetchrow(_FIND, digest, now)
    return None if row is None else msgspec.convert(row, Continued)


async def keep_token(connection: Connection, digest: bytes, session_id: UUID, now: datetime) -> None:
    """A token that was given out."""
    await connection.execute(_KEEP, digest, session_id, now)


async def use_token(connection: Connection, digest: bytes, now: datetime) -> None:
    """It came back."""
    await connection.execute(_USE, digest, now)


async def is_unused(connection: Connection, digest: bytes) -> bool:
    """Whether it was given out and did not come back yet."""
    unused: bool = await connection.fetchval(_IS_UNUSED, digest)
    return unused
