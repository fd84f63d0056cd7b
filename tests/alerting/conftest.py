"""Alerting on a database of each test's own, and the broker that all share."""

from collections.abc import AsyncIterator

import pytest

from hydroalert.store import Connection, Pool, open_pool
from hydroalert.store.sealing import Sealer
from tests.alerting.retained import Areas


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections to the test's database."""
    opened = await open_pool(database_url, size=6)
    yield opened
    opened.terminate()


@pytest.fixture
async def areas(pool: Pool) -> Areas:
    """The areas of this test."""
    return Areas(pool)


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """One connection of it."""
    async with pool.acquire() as taken:
        yield taken


@pytest.fixture
def sealer() -> Sealer:
    """Seals under this folder's master key."""
    return Sealer(bytes(range(32)))
