"""Conflicts: values that contradict the series, kept beside it until an operator decides."""

from datetime import datetime

import msgspec

from hydroalert.domain.errors import Conflicting, NotFound
from hydroalert.store.pool import Connection, Pool
from hydroalert.store.settlements import Tallies, add_settlement

_LIST = """
SELECT conflict.id, station.code AS station, datastream.code AS datastream, conflict.phenomenon_time,
       conflict.result, observation.result AS series_result, conflict.received_at, device.code AS device,
       superseded_at
FROM conflict
JOIN datastream ON datastream.id = conflict.datastream_id JOIN station ON station.id = station_id
LEFT JOIN observation ON observation.datastream_id = conflict.datastream_id
    AND observation.phenomenon_time = conflict.phenomenon_time
LEFT JOIN device ON device.id = conflict.device_id
WHERE $1::text IS NULL OR station.code::text = $1
ORDER BY conflict.id LIMIT $2
"""
_CLAIM = "DELETE FROM conflict WHERE id = $1 RETURNING *"
_SWAP = """
WITH former AS (
    SELECT * FROM observation WHERE datastream_id = $1 AND phenomenon_time = $2 FOR UPDATE
), kept AS (
    INSERT INTO conflict (datastream_id, phenomenon_time, result, quality, received_at, superseded_at)
    SELECT datastream_id, phenomenon_time, result, quality, received_at, $5 FROM former
    ON CONFLICT (datastream_id, phenomenon_time, result) DO UPDATE SET superseded_at = excluded.superseded_at
)
UPDATE observation SET result = $3, quality = $4, received_at = $5
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


async def list_conflicts(pool: Pool | Connection, station: str | None = None, limit: int = 100) -> list[Conflict]:
    """Conflicts, oldest first."""
    return msgspec.convert(await pool.fetch(_LIST, station, limit), list[Conflict])


async def prefer_conflict(connection: Connection, conflict_id: int, now: datetime) -> None:
    """Put a conflict's value into the series and keep the former beside it: nothing is lost, and it can be undone.

    Within the caller's transaction. Raises NotFound.
    """
    chosen = await connection.fetchrow(_CLAIM, conflict_id)
    if chosen is None:
        raise NotFound(f"no conflict {conflict_id}: see `hydroalert conflicts list`")
    key = chosen["datastream_id"], chosen["phenomenon_time"]
    done = await connection.execute(_SWAP, *key, chosen["result"], chosen["quality"], now)
    if done != "UPDATE 1":
        raise Conflicting(f"conflict {conflict_id}: its month is no longer in the series")
    newest = [(key[0], key[1], chosen["result"])]
    await add_settlement(connection, Tallies(newest, [], []), now)
