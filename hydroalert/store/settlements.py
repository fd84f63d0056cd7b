"""The one transaction that settles a batch: observations, conflicts, refused frames, statuses, and what is new."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import asyncpg
import msgspec

from hydroalert.domain.clock import from_ms
from hydroalert.store.copying import COLUMNS, Stored, pack_numbered, pack_observations
from hydroalert.store.pool import Connection

_STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS staged (
    phenomenon_time timestamptz, received_at timestamptz, result double precision, datastream_id integer,
    quality smallint, test smallint, place integer
) ON COMMIT DELETE ROWS
"""
_MERGE = """
INSERT INTO observation (phenomenon_time, received_at, result, datastream_id, quality, test)
SELECT DISTINCT ON (datastream_id, phenomenon_time) phenomenon_time, received_at, result, datastream_id, quality, test
FROM staged ORDER BY datastream_id, phenomenon_time, place
ON CONFLICT DO NOTHING
RETURNING datastream_id, phenomenon_time
"""
_CONTRADICTIONS = """
SELECT datastream_id, phenomenon_time, staged.result, staged.quality, staged.test, place
FROM staged JOIN observation USING (datastream_id, phenomenon_time)
WHERE staged.result <> observation.result
ORDER BY datastream_id, phenomenon_time, place
"""
_KEEP_CONFLICTS = """
INSERT INTO conflict (datastream_id, phenomenon_time, result, quality, test, device_id, frame, received_at)
SELECT datastream, time, result, quality, test, device, frame, $8
FROM unnest($1::int[], $2::timestamptz[], $3::float8[], $4::smallint[], $5::smallint[], $6::int[], $7::bytea[])
     AS new (datastream, time, result, quality, test, device, frame)
WHERE NOT EXISTS (SELECT FROM conflict AS known WHERE known.datastream_id = new.datastream
    AND known.phenomenon_time = new.time AND known.result = new.result)
ON CONFLICT DO NOTHING
RETURNING datastream_id, phenomenon_time, result
"""


class Contradiction(msgspec.Struct, frozen=True):
    """A value that differs from the one in the series for the same datastream and phenomenon time."""

    datastream_id: int
    phenomenon_time: datetime
    result: float
    quality: int
    test: int
    place: int
    """Of the row among those that were to be merged."""


async def copy_observations(connection: Connection, rows: Sequence[Stored], received_ms: int) -> None:
    """Add rows that are all new, sorted by (datastream, time).

    Raises asyncpg.UniqueViolationError where one is not; then the transaction is lost, and `merge_observations`
    is the way.
    """
    await connection.copy_to_table(
        "observation",
        source=_chunk(pack_observations(rows, received_ms)),
        columns=COLUMNS,
        format="binary",
    )


async def merge_observations(
    connection: Connection, rows: Sequence[Stored], received_ms: int
) -> tuple[set[tuple[int, datetime]], list[Contradiction]]:
    """Add what is new of the rows; return the keys of what was, and the rows that contradict the series."""
    await connection.execute(_STAGE)
    await connection.copy_to_table(
        "staged",
        source=_chunk(pack_numbered(rows, received_ms)),
        columns=(*COLUMNS, "place"),
        format="binary",
    )
    new = {(row[0], row[1]) for row in await connection.fetch(_MERGE)}
    contradictions = await connection.fetch(_CONTRADICTIONS)
    return new, msgspec.convert(contradictions, list[Contradiction])


async def keep_conflicts(
    connection: Connection,
    contradictions: Sequence[Contradiction],
    origins: Sequence[tuple[int, bytes] | tuple[None, None]],
    received_ms: int,
) -> set[tuple[int, datetime, float]]:
    """Commit contradictions beside the series; return those that were not kept before.

    `origins[i]` is the device id and the frame of `contradictions[i]`, if it came in one.
    """
    kept = await connection.fetch(
        _KEEP_CONFLICTS,
        [one.datastream_id for one in contradictions],
        [one.phenomenon_time for one in contradictions],
        [one.result for one in contradictions],
        [one.quality for one in contradictions],
        [one.test for one in contradictions],
        [device for device, _ in origins],
        [frame for _, frame in origins],
        from_ms(received_ms),
    )
    return {(row[0], row[1], row[2]) for row in kept}


async def _chunk(packed: bytes) -> AsyncIterator[bytes]:
    yield packed


Newest = tuple[int, int, float, int, int]
"""(datastream id, phenomenon time in Unix ms, result, quality, test)."""
Due = tuple[int, int]
"""(datastream id, phenomenon time in Unix ms from which on it is to be judged)."""


class Tallies(msgspec.Struct, frozen=True):
    """What one batch adds to the counts of its devices; columns, not rows."""

    newest: list[Newest]
    """The newest newly stored of each datastream."""
    devices: list[tuple[int, int, int, int, int]]
    """(device id, frames, stored, duplicates, conflicts)."""
    refusals: list[tuple[int, str, int, int]]
    """(device id or 0, reason, frames, records)."""
    due: list[Due] = []
    """For each datastream of which something is newly stored: the earliest of it."""


# Times come as milliseconds: a thousand of them as datetimes would take a tenth of all that the bridge spends on a
# batch. The product is exact within 285 years of 1970, and no observation is older (`admission.importing`).
_SETTLEMENT = """
WITH settled AS (
    INSERT INTO settlement (settled_at, datastream_ids, times, results, qualities, tests,
        device_ids, frames, stored, duplicates, conflicts,
        refused_ids, refused_reasons, refused_frames, refused_records)
    VALUES ($1, $2, ARRAY(
            SELECT 'epoch'::timestamptz + time_ms * interval '1 ms'
            FROM unnest($3::bigint[]) WITH ORDINALITY AS new (time_ms, place) ORDER BY place
        ), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
)
INSERT INTO due (datastream_id, since)
SELECT new.datastream_id, 'epoch'::timestamptz + new.since_ms * interval '1 ms'
FROM unnest($16::int[], $17::bigint[]) AS new (datastream_id, since_ms)
WHERE EXISTS (SELECT FROM area_datastream AS judged WHERE judged.datastream_id = new.datastream_id)
"""


async def add_settlement(connection: Connection, tallies: Tallies, settled_at: datetime) -> None:
    """Say in one row what is new in this transaction, for the digest to add up; and which datastreams to judge for it.

    Only those are due that an area hears.
    """
    await connection.execute(
        _SETTLEMENT,
        settled_at,
        *_columns(tallies.newest, 5),
        *_columns(tallies.devices, 5),
        *_columns(tallies.refusals, 4),
        *_columns(tallies.due, 2),
    )


def _columns(rows: Sequence[tuple[object, ...]], width: int) -> list[list]:  # type: ignore[type-arg]
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


UniqueViolation = asyncpg.UniqueViolationError
"""A row that was to be new is there already."""
