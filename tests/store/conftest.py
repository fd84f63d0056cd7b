"""Connections to a test's own database, as the store's callers hold them."""

from collections.abc import AsyncIterator

import pytest

from hydroalert.store import Connection, Pool, open_pool
from hydroalert.store.sealing import Sealer

MASTER_KEY = bytes(range(32))


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on a fresh, migrated database."""
    opened = await open_pool(database_url, size=6)
    yield opened
    opened.terminate()


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """One connection of it."""
    async with pool.acquire() as taken:
        yield taken


@pytest.fixture
def sealer() -> Sealer:
    """Seals under this folder's master key."""
    return Sealer(MASTER_KEY)
