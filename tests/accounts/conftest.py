"""What the laws of accounts stand on: a database, a sealer, a moment."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from hydroalert.store import Connection
from hydroalert.store.sealing import Sealer

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(bytes(range(32)))


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Connection]:
    """A connection to a migrated database of the test's own."""
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()
