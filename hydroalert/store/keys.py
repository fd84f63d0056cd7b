"""API keys: what machines prove themselves by; of each only the digest of its secret is kept."""

from datetime import datetime

import msgspec

from hydroalert.domain.actors import Role, Scope
from hydroalert.store.pool import Connection, Pool, affected

_FIND = """
SELECT digest, account_id, account.name AS account, role, scopes
FROM api_key JOIN account ON account.id = account_id
WHERE code = $1 AND revoked_at IS NULL AND expires_at > $2 AND enabled
"""
_ADD = """
INSERT INTO api_key (code, account_id, name, digest, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
_LIST = """
SELECT code, account.name AS account, api_key.name, scopes, api_key.created_at, expires_at, used_at, revoked_at,
       revoked_at IS NULL AND expires_at > $2 AND enabled AS in_force
FROM api_key JOIN account ON account.id = account_id
WHERE $1::integer IS NULL OR account_id = $1 ORDER BY account.name, api_key.created_at, code
"""
_REVOKE = """
UPDATE api_key SET revoked_at = $3
WHERE code = $1 AND ($2::integer IS NULL OR account_id = $2) AND revoked_at IS NULL AND expires_at > $3
"""
_NOTE_USE = """
UPDATE api_key SET used_at = $2 WHERE code = $1 AND (used_at IS NULL OR used_at < $2::timestamptz - interval '1 minute')
"""


class Holder(msgspec.Struct, frozen=True):
    """Whose key it is, and the SHA-256 of the secret that proves it."""

    digest: bytes
    account_id: int
    account: str
    role: Role
    scopes: frozenset[Scope]


class NewKey(msgspec.Struct, frozen=True):
    """A key to be kept."""

    code: str
    account_id: int
    name: str
    digest: bytes
    scopes: frozenset[Scope]
    expires_at: datetime


class Key(msgspec.Struct, frozen=True):
    """A key as anyone may see it who sees its account: not what proves it."""

    code: str
    account: str
    name: str
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    in_force: bool


async def find_holder(connection: Connection, code: str, now: datetime) -> Holder | None:
    """Whose key it is; None unless the key and its account are in force."""
    row = await connection.fetchrow(_FIND, code, now)
    return None if row is None else msgspec.convert(row, Holder)


async def add_key(connection: Connection, key: NewKey, now: datetime) -> None:
    """Keep a key."""
    scopes = sorted(key.scopes)
    await connection.execute(_ADD, key.code, key.account_id, key.name, key.digest, scopes, now, key.expires_at)


async def list_keys(connection: Pool | Connection, account_id: int | None, now: datetime) -> list[Key]:
    """Those of one account, or all; the revoked and expired too."""
    return msgspec.convert(await connection.fetch(_LIST, account_id, now), list[Key])


async def revoke_key(connection: Connection, code: str, account_id: int | None, now: datetime) -> bool:
    """Let it count no more; False where no such key is in force, or it is not of that account."""
    return affected(await connection.execute(_REVOKE, code, account_id, now)) == 1


async def note_use(connection: Connection, code: str, now: datetime) -> None:
    """Keep when the key was last used, to the minute."""
    await connection.execute(_NOTE_USE, code, now)
