"""What those who follow must hear: which areas changed, their revisions in order, and the newest of each station."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from hydroalert.store.pool import Connection
from hydroalert.store.reading_stations import Box

Snapshot = dict[str, Any]
"""An area's public JSON, as its retained topic has it, without `valid_until`."""


class Head(msgspec.Struct, frozen=True):
    """How far an area is; `drill`: its exercises, which are counted for themselves.

    What is shown may change without a revision (an area that nobody informed is informed now): then only the time does.
    """

    area_id: int
    drill: bool
    revision: int
    updated_at: datetime


class AreaState(msgspec.Struct, frozen=True):
    """An area as it stood at a revision; `severity_before`: of the revision that the public saw before this one.

    `envelope` is around its polygon.
    """

    area_id: int
    code: str
    drill: bool
    revision: int
    at: datetime
    snapshot: Snapshot
    severity_before: str | None
    envelope: Box


class Gap(msgspec.Struct, frozen=True):
    """The revisions of an area above `above`, up to and with its head's."""

    above: int
    head: Head


class Newest(msgspec.Struct, frozen=True):
    """The newest observation of one datastream; `areas` are the codes of those that its station informs."""

    station: str
    lon: float
    lat: float
    areas: tuple[str, ...]
    datastream: str
    unit: str
    live_for_s: int
    time: datetime
    result: float
    quality: int


class Pulse(msgspec.Struct, frozen=True):
    """Whether any alerting process is alive, of how many areas the judgement fails, and the newest arrival."""

    alerting: bool
    failing: int
    newest_arrival: datetime | None


_HEADS = """
    SELECT area_id, drill, revision, updated_at
    FROM area_state JOIN area ON area.id = area_id
    WHERE ($1::text[] IS NULL OR area.code = ANY($1)) AND snapshot ? 'area'
"""

_ENVELOPE = """
    ST_XMin(polygon) AS west, ST_YMin(polygon) AS south, ST_XMax(polygon) AS east, ST_YMax(polygon) AS north
"""

_STATES = f"""
    SELECT area_id, area.code::text, drill, revision, updated_at, snapshot, NULL::text, {_ENVELOPE}
    FROM unnest($1::integer[], $2::boolean[]) AS wanted (area_id, drill)
    JOIN area_state USING (area_id, drill) JOIN area ON area.id = area_id
    WHERE snapshot ? 'area'
"""

_REVISION = f"""
    area_id, area.code::text, drill, revision.revision, at, snapshot,
           (SELECT before.snapshot ->> 'severity' FROM revision AS before
            WHERE before.area_id = revision.area_id AND before.drill = revision.drill
              AND before.revision < revision.revision AND before.public
            ORDER BY before.revision DESC LIMIT 1), {_ENVELOPE}
"""

_BETWEEN = f"""
    SELECT {_REVISION}
    FROM unnest($1::integer[], $2::boolean[], $3::bigint[], $4::bigint[]) AS gap (area_id, drill, above, upto)
    JOIN revision USING (area_id, drill) JOIN area ON area.id = area_id
    WHERE public AND revision.revision > above AND revision.revision <= upto
    ORDER BY at, area_id, drill, revision.revision
"""

_TIME_OF = """
    SELECT at FROM revision JOIN area ON area.id = area_id WHERE area.code = $1 AND drill = $2 AND revision = $3
"""

_SINCE = f"""
    SELECT {_REVISION}
    FROM revision JOIN area ON area.id = area_id
    WHERE public AND at >= $1
    ORDER BY max(at) OVER (PARTITION BY area_id, drill ORDER BY revision.revision), area_id, drill, revision.revision
    LIMIT $2
"""

_NEWEST = """
    SELECT station.code::text AS station, ST_X(position) AS lon, ST_Y(position) AS lat,
           ARRAY(SELECT area.code::text FROM area_station JOIN area ON area.id = area_id
                 WHERE station_id = station.id) AS areas,
           datastream.code::text AS datastream, unit, live_for_s, phenomenon_time AS time, result, quality
    FROM station JOIN datastream ON datastream.station_id = station.id
    JOIN latest ON latest.datastream_id = datastream.id
    WHERE ($1::text[] IS NULL OR station.code = ANY($1)) AND NOT internal
    ORDER BY station.code, datastream.code
"""

_PULSE = """
    SELECT EXISTS (SELECT FROM alerter WHERE until > now()) AS alerting,
           (SELECT count(*) FROM area_state WHERE failure IS NOT NULL) AS failing,
           (SELECT newest_arrival FROM platform)
"""


async def heads(connection: Connection, codes: Sequence[str] | None = None) -> list[Head]:
    """How far each area is, of `codes` or of all, where it was judged at all."""
    return msgspec.convert(await connection.fetch(_HEADS, codes), list[Head])


async def states(connection: Connection, wanted: Sequence[Head]) -> list[AreaState]:
    """These areas as they stand."""
    rows = await connection.fetch(_STATES, [one.area_id for one in wanted], [one.drill for one in wanted])
    return [_area_state(row) for row in rows]


async def revisions_between(connection: Connection, gaps: Sequence[Gap]) -> list[AreaState]:
    """Every revision in these gaps that the public sees; those of one area in their order."""
    columns = zip(*((gap.head.area_id, gap.head.drill, gap.above, gap.head.revision) for gap in gaps), strict=True)
    return [_area_state(row) for row in await connection.fetch(_BETWEEN, *map(list, columns))] if gaps else []


async def time_of_revision(connection: Connection, code: str, drill: bool, revision: int) -> datetime | None:
    """When that revision of that area was made; None where there is none."""
    moment: datetime | None = await connection.fetchval(_TIME_OF, code, drill, revision)
    return moment


async def revisions_since(connection: Connection, at: datetime, limit: int) -> list[AreaState]:
    """The first `limit` revisions of all areas that the public sees, made at `at` or later; each area's in order."""
    return [_area_state(row) for row in await connection.fetch(_SINCE, at, limit)]


async def newest_observations(connection: Connection, codes: Sequence[str] | None = None) -> list[Newest]:
    """The newest of each datastream, of the stations `codes` or of all, in order of station and datastream."""
    return msgspec.convert(await connection.fetch(_NEWEST, codes), list[Newest])


async def pulse(connection: Connection) -> Pulse:
    """What tells whether anybody judges, and whether the clock can be right (G10)."""
    return msgspec.convert(await connection.fetchrow(_PULSE), Pulse)


def _area_state(row: Any) -> AreaState:
    area_id, code, drill, revision, at, snapshot, before, *sides = row
    return AreaState(area_id, code, drill, revision, at, msgspec.json.decode(snapshot), before, Box(*sides))
