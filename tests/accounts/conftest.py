"""What the laws of accounts stand on: a database, a desk whose hashes cost nothing, a moment."""

import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import asyncpg
import pytest
from argon2 import PasswordHasher

from hydroalert.accounts.hashing import Hasher
from hydroalert.accounts.proving import Desk
from hydroalert.domain.actors import Actor, Role
from hydroalert.store import Connection, open_pool
from hydroalert.store.accounts import NewAccount, add_account
from hydroalert.store.sealing import Sealer
from tests._services import Postgres

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
PASSWORD = "seven swans a-swimming"
HOME, CAFE = "198.51.100.7", "203.0.113.9"
NOBODY = Actor("nobody", "", None, HOME)


def cheap_hasher() -> Hasher:
    """Argon2id with the least that it takes."""
    return Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(bytes(range(32)))


@pytest.fixture(scope="module")
def database_url(postgres: Postgres, template: str) -> Iterator[str]:
    """A migrated database for all tests of a module: each `connection` empties it, but for its audit."""
    name = postgres.create(template=template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    """A connection to a database without accounts, keys and tries."""
    opened = await asyncpg.connect(database_url)
    for table in ("account", "signing_key", "login_failure"):
        await opened.execute(f"DELETE FROM {table}")
    yield opened
    await opened.close()


@pytest.fixture
async def audit_mark(connection: Connection) -> int:
    """The last entry of the audit before the test."""
    mark: int = await connection.fetchval("SELECT coalesce(max(id), 0) FROM audit.entry")
    return mark


@pytest.fixture
async def desk(database_url: str, connection: Connection, sealer: Sealer) -> AsyncIterator[Desk]:
    """Where people prove who they are."""
    assert connection  # it empties the database first
    pool = await open_pool(database_url, size=4)
    yield Desk(pool, sealer, cheap_hasher(), secrets.token_bytes)
    await pool.close()


@pytest.fixture
async def anna(connection: Connection) -> int:
    """The id of an operator's account with PASSWORD."""
    hashed = await cheap_hasher().hash(PASSWORD)
    return await add_account(connection, NewAccount("anna", Role.OPERATOR, hashed, must_change=False))
