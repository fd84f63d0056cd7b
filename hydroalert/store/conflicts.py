"""Conflicts: values that contradict the series, kept beside it until an operator decides."""

from datetime import datetime

import msgspec

from hydroalert.domain.clock import to_ms
from hydroalert.domain.errors import Conflicting, NotFound
from hydroalert.store.pool import Connection, Pool, affected
from hydroalert.store.settlements import Tallies, add_settlement

_LIST = """
SELECT * FROM (
    SELECT DISTINCT ON (conflict.datastream_id, conflict.phenomenon_time, conflict.result)
           conflict.id, station.code AS station, datastream.code AS datastream, conflict.phenomenon_time,
           conflict.result, observation.result AS series_result, conflict.received_at, device.code AS device,
           superseded_at
    FROM conflict
    JOIN datastream ON datastream.id = conflict.datastream_id JOIN station ON station.id = station_id
    LEFT JOIN observation ON observation.datastream_id = conflict.datastream_id
        AND observation.phenomenon_time = conflict.phenomenon_time
    LEFT JOIN device ON device.id = conflict.device_id
    WHERE ($1::text IS NULL OR station.code::text = $1) AND conflict.result IS DISTINCT FROM observation.result
    ORDER BY conflict.datastream_id, conflict.phenomenon_time, conflict.result, conflict.id DESC
) AS choices WHERE id > $3 ORDER BY id LIMIT $2
"""
_CHOOSE = "SELECT * FROM conflict WHERE id = $1 FOR UPDATE"
_FORGET = "DELETE FROM conflict WHERE id = $1 AND superseded_at IS NULL"
# Two statements, and the lock in the first: within one, what the UPDATE has changed is no longer there to be kept.
_KEEP_FORMER = """
INSERT INTO conflict (datastream_id, phenomenon_time, result, quality, test, received_at, superseded_at)
SELECT datastream_id, phenomenon_time, result, quality, test, received_at, $3 FROM observation
WHERE datastream_id = $1 AND phenomenon_time = $2 FOR UPDATE
"""
_PREFER = """
UPDATE observation SET result = $3, quality = $4, test = $5, received_at = $6
WHERE datastream_id = $1 AND phenomenon_time = $2
"""


class Conflict(msgspec.Struct, frozen=True):
    """A value kept beside the one in the series; `superseded_at` when it stood there itself once."""

    id: int
    station: str
    datastream: str
    phenomenon_time: datetime
    result: float
    series_result: float | None
    received_at: datetime
    device: str | None
    superseded_at: datetime | None


async def list_conflicts(
    pool: Pool | Connection, station: str | None = None, limit: int = 100, after_id: int = 0
) -> list[Conflict]:
    """Conflicts, oldest first, behind `after_id`."""
    return msgspec.convert(await pool.fetch(_LIST, station, limit, after_id), list[Conflict])


async def prefer_conflict(connection: Connection, conflict_id: int, now: datetime) -> None:
    """Put a conflict's value into the series and keep the former beside it: nothing is lost, and it can be undone.

    Within the caller's transaction. Raises NotFound.
    """
    chosen = await connection.fetchrow(_CHOOSE, conflict_id)
    if chosen is None:
        raise NotFound(f"no conflict {conflict_id}: see `hydroalert conflicts list`")
    key = chosen["datastream_id"], chosen["phenomenon_time"]
    if affected(await connection.execute(_KEEP_FORMER, *key, now)) == 0:
        raise Conflicting(f"conflict {conflict_id}: its month is no longer in the series")
    await connection.execute(_PREFER, *key, chosen["result"], chosen["quality"], chosen["test"], now)
    await connection.execute(_FORGET, conflict_id)  # what stood once is kept: it was known then
    changed = chosen["datastream_id"], to_ms(chosen["phenomenon_time"])
    newest = (*changed, chosen["result"], chosen["quality"], chosen["test"])
    await add_settlement(connection, Tallies([newest], [], [], [changed]), now)
