"""Connections to PostgreSQL: the only place that opens one."""

import asyncio
from typing import TYPE_CHECKING

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from hydroalert.domain.errors import Unavailable

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:  # asyncpg's own classes take no parameter at run time
    Pool, Connection = asyncpg.Pool, asyncpg.Connection | PoolConnectionProxy

LOST = (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresConnectionError)
"""The connection is gone or the server is: the same work may succeed on another one later.

asyncpg's InternalClientError is among them: it says "cannot switch to state …" where a connection's server was killed
in the middle of an answer.
"""

POISON = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.PLPGSQLError,
    asyncpg.ProgramLimitExceededError,
)
"""What was to be stored is at fault: classes 22, 23, P0 and 54 of PostgreSQL's error codes."""

UNMIGRATED = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError)
"""The schema is not the one that this version was written for."""

TRANSIENT = (*LOST, asyncpg.PostgresError)
"""Where it is not POISON: shutting down, out of disk, deadlock, failover, a missing table. Worth trying again."""


def heed_cancellation() -> None:
    """Raise CancelledError if this task was cancelled while the database failed.

    For every `except` that goes on after a lost connection: asyncpg, ending a transaction on a dead one, raises its
    own error in the place of the cancellation.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def open_pool(
    database_url: str, *, size: int = 4, settings: dict[str, str] | None = None, lazily: bool = False
) -> Pool:
    """A pool of at most `size` connections. Raises Unavailable when the database cannot be reached.

    Opened `lazily` it connects when it is first used, so that who serves others can start before its database.
    """
    try:
        return await asyncpg.create_pool(
            database_url,
            min_size=0 if lazily else 1,
            max_size=size,
            command_timeout=60,
            server_settings={"application_name": "hydroalert", "timezone": "UTC", **(settings or {})},
        )
    except (*LOST, asyncpg.PostgresError) as error:
        raise Unavailable(f"the database does not answer: {error or type(error).__name__}") from error


def affected(tag: str) -> int:
    """How many rows a command touched, from its completion tag (`UPDATE 3`)."""
    return int(tag.rsplit(" ", 1)[-1])
