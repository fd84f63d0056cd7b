"""Accounts of people, as they are kept."""

import re
from datetime import datetime

import msgspec

from hydroalert.domain.actors import Role
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.store.pool import Connection, Pool, affected

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")

_COLUMNS = "id, name, role, password, must_change, enabled, totp, totp_since, totp_step, recovery_codes"
_FIND = f"SELECT {_COLUMNS} FROM account WHERE name = $1"
_LOCK = f"SELECT {_COLUMNS} FROM account WHERE id = $1 FOR UPDATE"
_ADD = """
INSERT INTO account (name, role, password, must_change) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING
RETURNING id
"""
_ADD_FIRST = """
INSERT INTO account (name, role, password, must_change)
SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT FROM account) ON CONFLICT (name) DO NOTHING
"""
_LIST = """
SELECT account.id, account.name, role, enabled, must_change, totp_since IS NOT NULL AS second_factor, created_at,
       (SELECT max(last_at) FROM login_place WHERE account_id = account.id) AS last_login_at,
       (SELECT count(*) FROM login_session
        WHERE account_id = account.id AND ended_at IS NULL AND expires_at > $1) AS logins,
       (SELECT count(*) FROM api_key
        WHERE account_id = account.id AND revoked_at IS NULL AND expires_at > $1) AS api_keys
FROM account WHERE $2::text IS NULL OR account.name = $2 ORDER BY account.name
"""
# Who changes one of them waits for who changes another: so the last two cannot both go.
_LOCK_ADMINISTRATORS = "SELECT name FROM account WHERE role = 'admin' AND enabled ORDER BY id FOR UPDATE"
_SET_ROLE = "UPDATE account SET role = $2 WHERE id = $1"
_SET_ENABLED = "UPDATE account SET enabled = $2 WHERE id = $1"
_SET_PASSWORD = "UPDATE account SET password = $2, must_change = $3 WHERE id = $1"  # noqa: S105 - a statement


class NewAccount(msgspec.Struct, frozen=True):
    """An account to be kept. `password` is its Argon2id hash."""

    name: str
    role: Role
    password: str
    must_change: bool


class Credentials(NewAccount, frozen=True, kw_only=True):
    """What proves that somebody is who the account is of. `totp` is sealed; of recovery codes there are digests."""

    id: int
    enabled: bool
    totp: bytes | None
    totp_since: datetime | None
    totp_step: int | None
    recovery_codes: list[bytes]


class Account(msgspec.Struct, frozen=True):
    """An account as administrators see it. `logins`, `api_keys`: how many are in force."""

    id: int
    name: str
    role: Role
    enabled: bool
    must_change: bool
    second_factor: bool
    created_at: datetime
    last_login_at: datetime | None
    logins: int
    api_keys: int


async def add_account(connection: Connection, account: NewAccount) -> int:
    """Keep an account; returns its id. Raises Conflicting (the name is taken), InvalidInput."""
    found: int | None = await connection.fetchval(_ADD, *_row(account))
    if found is None:
        raise Conflicting(f"there is an account {account.name} already: take another name")
    return found


async def add_first_account(connection: Connection, account: NewAccount) -> bool:
    """Keep an account where there is none at all; whether it was."""
    return affected(await connection.execute(_ADD_FIRST, *_row(account))) == 1


async def find_credentials(connection: Connection, name: str) -> Credentials | None:
    """Of the account of that name, enabled or not; None where there is none."""
    row = await connection.fetchrow(_FIND, name)
    return None if row is None else msgspec.convert(row, Credentials)


async def lock_credentials(connection: Connection, account_id: int) -> Credentials | None:
    """The same, held against changes until this transaction ends."""
    row = await connection.fetchrow(_LOCK, account_id)
    return None if row is None else msgspec.convert(row, Credentials)


async def list_accounts(connection: Pool | Connection, now: datetime, name: str | None = None) -> list[Account]:
    """All, or the one of that name, in order of their names."""
    return msgspec.convert(await connection.fetch(_LIST, now, name), list[Account])


async def read_account(connection: Pool | Connection, name: str, now: datetime) -> Account:
    """The one of that name. Raises NotFound."""
    found = await list_accounts(connection, now, name) if "\0" not in name else []
    if not found:
        raise NotFound(f"no account {name!r}: see `hydroalert account list`")
    return found[0]


async def lock_administrators(connection: Connection) -> list[str]:
    """The names of all administrators in force, held as they are until this transaction ends."""
    return [row["name"] for row in await connection.fetch(_LOCK_ADMINISTRATORS)]


async def set_role(connection: Connection, account_id: int, role: Role) -> None:
    """Give it another role."""
    await connection.execute(_SET_ROLE, account_id, role)


async def set_enabled(connection: Connection, account_id: int, *, enabled: bool) -> None:
    """Let it in, or not."""
    await connection.execute(_SET_ENABLED, account_id, enabled)


async def set_password(connection: Connection, account_id: int, password: str, *, must_change: bool) -> None:
    """Keep another hash."""
    await connection.execute(_SET_PASSWORD, account_id, password, must_change)


async def remove_account(connection: Connection, account_id: int) -> None:
    """Forget it with its logins and keys; what it did stays in the audit and in what it signed by name."""
    await connection.execute("DELETE FROM account WHERE id = $1", account_id)


def _row(account: NewAccount) -> tuple[object, ...]:
    if not _NAME.fullmatch(account.name):
        raise InvalidInput("a name is 1 to 63 of a-z, 0-9, dots, - and _, and begins with a letter or digit", "name")
    return account.name, account.role, account.password, account.must_change
