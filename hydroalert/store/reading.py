"""For those who only look: a pool that cannot write, and one way its faults come out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg

from hydroalert.domain.errors import Unavailable
from hydroalert.store.pool import LOST, Connection, Pool

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

_CONNECT_TIMEOUT_S = 3.0
_ACQUIRE_TIMEOUT_S = 4.0

AWAY = (
    *LOST,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.OperatorInterventionError,  # shutting down, starting up, crashed
    asyncpg.InsufficientResourcesError,  # too many connections, disk full
    asyncpg.UndefinedTableError,  # not migrated yet
)
"""The database cannot be used now."""


async def open_reading_pool(database_url: str, *, size: int = 8, statement_timeout_s: float = 10.0) -> Pool:
    """A pool of read-only connections; it opens them when they are first needed.

    A database that is down is found out by the first `reading`, not here: who serves can start before it.
    Any statement is cancelled after `statement_timeout_s`.
    """
    return await asyncpg.create_pool(
        database_url,
        min_size=0,
        max_size=size,
        timeout=_CONNECT_TIMEOUT_S,
        command_timeout=statement_timeout_s + 2,
        server_settings={
            "application_name": "hydroalert-api",
            "default_transaction_read_only": "on",
            "statement_timeout": str(int(statement_timeout_s * 1000)),
            "timezone": "UTC",
        },
    )


@asynccontextmanager
async def reading(pool: Pool) -> AsyncIterator[Connection]:
    """Borrow a connection. Raises Unavailable when the database is away, busy, or took too long to answer."""
    try:
        async with pool.acquire(timeout=_ACQUIRE_TIMEOUT_S) as connection:
            yield connection
    except asyncpg.QueryCanceledError as error:
        raise Unavailable("the answer took too long to find: ask for less, such as a shorter time") from error
    except AWAY as error:
        raise Unavailable("the database cannot be reached or is busy: try again shortly") from error


def to_us(moment: datetime) -> int:
    """Whole Unix microseconds of an aware time: the precision of PostgreSQL."""
    return (moment - EPOCH) // MICROSECOND


def from_us(unix_us: int) -> datetime:
    """The aware UTC time of Unix microseconds."""
    return EPOCH + MICROSECOND * unix_us
