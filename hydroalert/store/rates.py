"""How often a client asks, counted by all api processes together, by the database's clock.

The generic cell rate algorithm (ITU-T I.371, annex A): of each bucket one time is kept, that until which it has asked
ahead. A request puts it off by one interval; what would put it off beyond the window is refused and changes nothing.
"""

from datetime import timedelta

import asyncpg
import msgspec

from hydroalert.domain.errors import Unavailable
from hydroalert.store.pool import Pool, affected
from hydroalert.store.reading import AWAY

_TIMEOUT_S = 1.0

# The row is locked before its condition is looked at: however many ask at once, not one too many passes.
_TAKE = """
WITH taken AS (
    INSERT INTO rate AS known (bucket, allowed_at) VALUES ($1, clock_timestamp() + $2)
    ON CONFLICT (bucket) DO UPDATE SET allowed_at = greatest(known.allowed_at, clock_timestamp()) + $2
    WHERE greatest(known.allowed_at, clock_timestamp()) + $2 <= clock_timestamp() + $3
    RETURNING allowed_at
)
SELECT EXISTS (SELECT FROM taken) AS granted,
       coalesce((SELECT allowed_at FROM taken), (SELECT allowed_at FROM rate WHERE bucket = $1))
           - clock_timestamp() AS ahead
"""
# What lies in the past is as if it were not there; what lies a day ahead was put there by a clock that was wrong.
_PRUNE = "DELETE FROM rate WHERE allowed_at < clock_timestamp() OR allowed_at > clock_timestamp() + interval '1 day'"


class Taken(msgspec.Struct, frozen=True):
    """Whether one more was granted, and how far ahead of its time the bucket is now."""

    granted: bool
    ahead: timedelta | None


async def take(pool: Pool, bucket: str, interval: timedelta, window: timedelta) -> Taken:
    """Ask for one more. Raises Unavailable when the database does not answer within a second."""
    try:
        async with pool.acquire(timeout=_TIMEOUT_S) as connection:
            row = await connection.fetchrow(_TAKE, bucket, interval, window, timeout=_TIMEOUT_S)
    except (*AWAY, asyncpg.QueryCanceledError) as error:
        raise Unavailable("the database cannot be reached or is busy: try again shortly") from error
    return msgspec.convert(row, Taken)


async def prune_rates(pool: Pool) -> int:
    """Forget the buckets that are full again; how many."""
    return affected(await pool.execute(_PRUNE, timeout=10 * _TIMEOUT_S))
