"""For those who change something on a person's behalf: one transaction, and one way its faults come out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from hydroalert.domain.actors import Actor
from hydroalert.domain.errors import Conflicting, InvalidInput, Unavailable
from hydroalert.store.audit import act_as
from hydroalert.store.pool import Connection, Pool
from hydroalert.store.reading import AWAY

_ACQUIRE_TIMEOUT_S = 4.0
_IN_THE_WAY = (asyncpg.QueryCanceledError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)


@asynccontextmanager
async def writing(pool: Pool, actor: Actor | None = None) -> AsyncIterator[Connection]:
    """Borrow a connection within a transaction that commits at the end, or not at all; the audit says that `actor`
    did it, the platform itself where there is none.

    Raises Unavailable when the database is away or busy, Conflicting when what this rests on was changed meanwhile,
    InvalidInput for a value that it cannot keep.
    """
    try:
        async with pool.acquire(timeout=_ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            if actor is not None:
                await act_as(connection, actor)
            yield connection
    except _IN_THE_WAY as error:
        raise Unavailable("others are changing the same: try again shortly") from error
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Conflicting("what this rests on was changed meanwhile: look again, then repeat it") from error
    except asyncpg.DataError as error:
        raise InvalidInput(f"the database cannot keep this value: {error}") from error
    except AWAY as error:
        raise Unavailable("the database cannot be reached or is busy: try again shortly") from error
