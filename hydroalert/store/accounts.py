"""Accounts of people, as they are kept."""

import msgspec

from hydroalert.domain.actors import Role
from hydroalert.domain.errors import Conflicting
from hydroalert.store.pool import Connection

_ADD = """
INSERT INTO account (name, role, password, must_change) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING
RETURNING id
"""


class NewAccount(msgspec.Struct, frozen=True):
    """An account to be kept. `password` is its Argon2id hash."""

    name: str
    role: Role
    password: str
    must_change: bool


async def add_account(connection: Connection, account: NewAccount) -> int:
    """Keep an account; returns its id. Raises Conflicting (the name is taken)."""
    row = account.name, account.role, account.password, account.must_change
    found: int | None = await connection.fetchval(_ADD, *row)
    if found is None:
        raise Conflicting(f"there is an account {account.name} already: take another name")
    return found
