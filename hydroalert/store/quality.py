"""Quality: how each datastream is tested, the points to test, and the flags that came of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import msgspec
import structlog

from hydroalert.domain.quality import Flag, QualitySettings, Test
from hydroalert.store.pool import Connection

_log = structlog.get_logger()

MOST_POINTS = 2_000
"""That are tested at a time of one datastream: the newest of those that wait."""
MOST_BEFORE = 2_000
"""That are looked back on for a flat line."""

_TESTED = """
SELECT id, code, unit, interval_s, quality_settings::text AS settings FROM datastream
WHERE id = ANY ($1::int[]) ORDER BY id
"""
# Held until the transaction ends: of two that test one datastream, the second sees what the first made of it.
_HOLD = f"{_TESTED} FOR NO KEY UPDATE"
_POINTS = """
SELECT wanted.id, point.* FROM unnest($1::int[], $2::timestamptz[]) AS wanted (id, since) CROSS JOIN LATERAL (
    (SELECT phenomenon_time, result, quality, test FROM observation
     WHERE datastream_id = wanted.id AND phenomenon_time < since AND phenomenon_time >= since - $4::interval
     ORDER BY phenomenon_time DESC LIMIT $5)
    UNION ALL
    (SELECT phenomenon_time, result, quality, test FROM observation
     WHERE datastream_id = wanted.id AND phenomenon_time >= since AND phenomenon_time <= $3
     ORDER BY phenomenon_time DESC LIMIT $6)
) AS point ORDER BY wanted.id, phenomenon_time
"""
# From the newest value that differs. Where values may not differ at all, it and the first after it are enough.
_STILL = """
SELECT wanted.id, point.*
FROM unnest($1::int[], $2::timestamptz[], $3::interval[], $4::float8[], $5::float8[], $6::int[])
    AS wanted (id, before, reach, lowest, highest, points)
LEFT JOIN LATERAL (
    SELECT phenomenon_time FROM observation
    WHERE datastream_id = wanted.id AND phenomenon_time < before AND phenomenon_time >= before - reach
      AND result NOT BETWEEN lowest AND highest AND quality <> 9 AND NOT (quality = 4 AND test IN (1, 20, 21))
    ORDER BY phenomenon_time DESC LIMIT 1
) AS differing ON true
CROSS JOIN LATERAL (
    SELECT phenomenon_time, result, quality, test FROM observation
    WHERE datastream_id = wanted.id AND phenomenon_time < before
      AND phenomenon_time >= coalesce(differing.phenomenon_time, before - reach)
    ORDER BY phenomenon_time LIMIT wanted.points
) AS point ORDER BY wanted.id, phenomenon_time
"""
# The digest carries the newest of them to where the newest values are read; an arrival stays what it was.
_APPLY = """
WITH changed AS (
    UPDATE observation SET quality = new.quality, test = new.test
    FROM unnest($1::int[], $2::timestamptz[], $3::smallint[], $4::smallint[])
         AS new (datastream_id, time, quality, test)
    WHERE observation.datastream_id = new.datastream_id AND phenomenon_time = new.time
      AND phenomenon_time BETWEEN $5 AND $6
      AND (observation.quality <> new.quality OR observation.test <> new.test)
      AND ($7 OR observation.test NOT IN (20, 21))
    RETURNING observation.datastream_id, phenomenon_time, received_at, result, observation.quality, observation.test
), newest AS (
    SELECT DISTINCT ON (datastream_id) * FROM changed ORDER BY datastream_id, phenomenon_time DESC
), told AS (
    INSERT INTO settlement (settled_at, datastream_ids, times, results, qualities, tests, device_ids, frames, stored,
        duplicates, conflicts, refused_ids, refused_reasons, refused_frames, refused_records)
    SELECT received_at, array_agg(datastream_id), array_agg(phenomenon_time), array_agg(result), array_agg(quality),
           array_agg(test), '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'
    FROM newest GROUP BY received_at
)
SELECT count(*) FROM changed
"""

PointRow = tuple[int, datetime, float, int, int]
"""(datastream id, phenomenon time, result, quality, test)."""
Change = tuple[int, datetime, Flag, Test]
"""(datastream id, phenomenon time, flag, test)."""


class Tested(msgspec.Struct, frozen=True):
    """A datastream and what was set for its tests; nothing of the defaults."""

    id: int
    code: str
    unit: str
    interval_s: int
    settings: QualitySettings


class Still(msgspec.Struct, frozen=True):
    """A datastream that may have stood still for as long as `reach` before a time: its value between the two.

    `tolerant`: lowest and highest are not the same, so that all values between count.
    """

    id: int
    before: datetime
    reach: timedelta
    lowest: float
    highest: float
    tolerant: bool


async def load_settings(connection: Connection, datastream_id: int) -> QualitySettings:
    """What was set for a datastream that is there."""
    text = await connection.fetchval("SELECT quality_settings FROM datastream WHERE id = $1", datastream_id)
    return read_settings(datastream_id, text)


def read_settings(datastream_id: int, text: str) -> QualitySettings:
    """What was set. Settings that a later version wrote count as none, and are logged: its values come first."""
    try:
        return msgspec.json.decode(text, type=QualitySettings)
    except msgspec.DecodeError as error:
        _log.error("quality_settings_unreadable", datastream_id=datastream_id, error=str(error))
        return QualitySettings()


async def hold_tested(connection: Connection, datastream_ids: Sequence[int]) -> list[Tested]:
    """These datastreams, held against another's tests until the caller's transaction ends."""
    return _tested(await connection.fetch(_HOLD, datastream_ids))


async def read_tested(connection: Connection, datastream_id: int) -> Tested:
    """A datastream that is there, held against nobody."""
    (found,) = _tested(await connection.fetch(_TESTED, [datastream_id]))
    return found


def _tested(rows: Sequence[asyncpg.Record]) -> list[Tested]:
    return [
        Tested(id_, code, unit, interval_s, read_settings(id_, settings))
        for id_, code, unit, interval_s, settings in rows
    ]


async def points_since(
    connection: Connection, wanted: Sequence[tuple[int, datetime]], until: datetime, reach: timedelta, before: int
) -> list[PointRow]:
    """The newest points of each datastream from its time to `until`, and up to `before` that precede them within
    `reach`; in order of datastream and time."""
    ids, since = [one for one, _ in wanted], [time for _, time in wanted]
    rows = await connection.fetch(_POINTS, ids, since, until, reach, before, MOST_POINTS)
    return [tuple(row) for row in rows]


async def still_before(connection: Connection, wanted: Sequence[Still]) -> list[PointRow]:
    """What lies before each datastream's time and bears on whether it stood still until then."""
    columns = [[getattr(one, name) for one in wanted] for name in Still.__struct_fields__[:-1]]
    points = [MOST_BEFORE if one.tolerant else 2 for one in wanted]
    return [tuple(row) for row in await connection.fetch(_STILL, *columns, points)]


async def apply_flags(connection: Connection, changes: Sequence[Change], *, by_person: bool = False) -> int:
    """Set flags where they differ; how many did. What a person or the source said only a person changes."""
    if not changes:
        return 0
    ids, times, flags, tests = (list(column) for column in zip(*sorted(changes), strict=True))
    changed: int = await connection.fetchval(_APPLY, ids, times, flags, tests, min(times), max(times), by_person)
    return changed
