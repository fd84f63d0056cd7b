"""What a back-test replays: areas, what they hear under given rules, and every observation of it, in chunks."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime

import msgspec

from hydroalert.domain.errors import NotFound
from hydroalert.store.pool import Connection

ROWS_A_CHUNK = 5_000

_AREAS = """
SELECT id, code::text AS code, silence_factor::float8 FROM area
WHERE $1::text[] IS NULL OR code::text = ANY ($1) ORDER BY code
"""
# $2 and $3: the members of the rules that are put to the test, which may not be in force.
_HEARD = """
SELECT datastream.id, station.code::text AS station, datastream.code AS datastream, unit, interval_s, live_for_s,
       quality_settings::text AS settings, area_station.area_id IS NOT NULL AS informs
FROM station JOIN datastream ON datastream.station_id = station.id
LEFT JOIN area_station ON area_station.station_id = station.id AND area_id = $1
WHERE NOT internal AND (area_id IS NOT NULL
    OR (station.code::text, datastream.code) IN (SELECT * FROM unnest($2::text[], $3::text[])))
ORDER BY station.code, datastream.code
"""
_OBSERVATIONS = """
SELECT phenomenon_time, result, quality, test, received_at FROM observation
WHERE datastream_id = $1 AND phenomenon_time >= coalesce($2::timestamptz, '-infinity')
  AND phenomenon_time <= coalesce($3::timestamptz, 'infinity')
ORDER BY phenomenon_time
"""

ObservationRow = tuple[datetime, float, int, int, datetime]
"""(phenomenon time, result, quality, test, received at)."""


class ReplayedArea(msgspec.Struct, frozen=True):
    """An area that can be put to the test."""

    id: int
    code: str
    silence_factor: float


class HeardDatastream(msgspec.Struct, frozen=True):
    """A datastream that the area hears; `settings`: JSON of how it is tested; `informs`: its station informs it."""

    id: int
    station: str
    datastream: str
    unit: str
    interval_s: int
    live_for_s: int
    settings: str
    informs: bool


async def areas_of(connection: Connection, codes: Collection[str] | None) -> list[ReplayedArea]:
    """These areas by code, or all. Raises NotFound that names what is not there."""
    wanted = None if codes is None else list(codes)
    areas = msgspec.convert(await connection.fetch(_AREAS, wanted), list[ReplayedArea])
    absent = sorted(set(codes or ()) - {area.code for area in areas})
    if absent:
        raise NotFound(f"there is no area {', '.join(absent)}: see `hydroalert area list`")
    return areas


async def heard_by(connection: Connection, area_id: int, members: Collection[tuple[str, str]]) -> list[HeardDatastream]:
    """What the stations that inform the area measure, and these (station, datastream). Raises NotFound."""
    stations, datastreams = [one for one, _ in members], [other for _, other in members]
    heard = msgspec.convert(await connection.fetch(_HEARD, area_id, stations, datastreams), list[HeardDatastream])
    absent = sorted(set(members) - {(one.station, one.datastream) for one in heard})
    if absent:
        raise NotFound(f"there is no datastream {', '.join('/'.join(name) for name in absent)}")
    return heard


async def observations_of(
    connection: Connection, datastream_id: int, start: datetime | None, end: datetime | None
) -> AsyncIterator[list[ObservationRow]]:
    """Those with a phenomenon time from `start` to `end`, None for open, in its order; a chunk at a time, as of one
    moment."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        cursor = await connection.cursor(_OBSERVATIONS, datastream_id, start, end)
        while rows := await cursor.fetch(ROWS_A_CHUNK):
            yield [tuple(row) for row in rows]
