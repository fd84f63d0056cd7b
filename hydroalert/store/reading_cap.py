"""CAP messages as they are read, and what of an area is put into one."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from hydroalert.store.pool import Connection

TOLERANCE_DEG = 0.0005
"""How far a polygon of a message may lie from the area's own, in degrees: at most 56 m."""
COARSE_TOLERANCE_DEG = 0.005
MAX_POINTS = 500
"""Of all polygons of an area together. One that needs more even coarsely is told as its convex hull: it covers more."""
MAX_EARLIER = 32

Ring = tuple[tuple[float, float], ...]
"""A closed ring of (lon, lat) in WGS 84 degrees."""

_FACTS = f"""
SELECT area.id, area.code::text AS code, area.official_code, area.names::text AS names, told.tolerance_deg,
       ST_AsGeoJSON(ST_Multi(told.polygon), 5) AS polygon,
       coalesce((SELECT jsonb_object_agg(station.code, station.name) FROM station
                 WHERE station.id IN (SELECT station_id FROM area_datastream
                                      JOIN datastream ON datastream.id = datastream_id
                                      WHERE area_id = area.id)), jsonb_build_object())::text AS stations
FROM area CROSS JOIN LATERAL (
    SELECT tolerance_deg, polygon FROM (
        SELECT 1 AS choice, {TOLERANCE_DEG}::float8 AS tolerance_deg,
               ST_SimplifyPreserveTopology(area.polygon, {TOLERANCE_DEG}) AS polygon
        UNION ALL
        SELECT 2, {COARSE_TOLERANCE_DEG}, ST_SimplifyPreserveTopology(area.polygon, {COARSE_TOLERANCE_DEG})
        UNION ALL
        SELECT 3, {COARSE_TOLERANCE_DEG},
               ST_SimplifyPreserveTopology(ST_ConvexHull(area.polygon), {COARSE_TOLERANCE_DEG})
    ) AS choices
    WHERE choice = 3 OR ST_NPoints(polygon) <= {MAX_POINTS} ORDER BY choice LIMIT 1
) AS told
WHERE area.id = ANY ($1::int[])
"""
# The sender is the message's own: what is configured now may be another.
_EARLIER = """
SELECT * FROM (
    SELECT identifier, substring(xml FROM '<sender>([^<]*)</sender>') AS sender, sent, expires, message_type, revision
    FROM cap_message WHERE alert_id = $1 ORDER BY revision DESC LIMIT $2
) AS newest ORDER BY revision
"""
_PAGE = """
SELECT identifier, area.code::text AS area, message_type, sent, expires, xml
FROM cap_message JOIN area ON area.id = area_id
WHERE drill = $1 AND ($2::text IS NULL OR area.code = $2)
  AND (sent, identifier) < ($3::timestamptz, $4::text)
ORDER BY sent DESC, identifier DESC LIMIT $5
"""
_ONE = """
SELECT identifier, area.code::text AS area, message_type, sent, expires, xml
FROM cap_message JOIN area ON area.id = area_id WHERE identifier = $1
"""
_AREA_IS_KNOWN = "SELECT EXISTS (SELECT FROM area WHERE code = $1)"


class AreaFacts(msgspec.Struct, frozen=True):
    """What a message says of its area. `names` by language, `stations` names by code. `rings`: outer rings only.

    CAP has no holes: what lies in one is warned with what lies around it.
    """

    id: int
    code: str
    official_code: str
    names: dict[str, str]
    stations: dict[str, str]
    rings: tuple[Ring, ...]
    tolerance_deg: float


class EarlierMessage(msgspec.Struct, frozen=True):
    """A message of an alert that a later one may have to refer to."""

    identifier: str
    sender: str
    sent: datetime
    expires: datetime
    message_type: str


class StoredMessage(msgspec.Struct, frozen=True):
    """A message as it was sent; `xml` to the byte, in UTF-8."""

    identifier: str
    area: str
    message_type: str
    sent: datetime
    expires: datetime
    xml: str


class _GeoJson(msgspec.Struct):
    coordinates: tuple[tuple[Ring, ...], ...]


async def area_facts(connection: Connection, area_ids: Collection[int]) -> dict[int, AreaFacts]:
    """What messages say of these areas, by id; polygons simplified within a tolerance, their number of points bound."""
    return {row["id"]: _facts(row) for row in await connection.fetch(_FACTS, list(area_ids))}


async def earlier_messages(connection: Connection, alert_id: UUID) -> list[EarlierMessage]:
    """The newest messages of an alert, the oldest of them first."""
    return msgspec.convert(await connection.fetch(_EARLIER, alert_id, MAX_EARLIER), list[EarlierMessage])


async def messages_page(
    connection: Connection, area: str | None, before: tuple[datetime, str], limit: int, *, drill: bool
) -> list[StoredMessage]:
    """Up to `limit` messages, the newest first, behind the (sent, identifier) `before`; of one area or of all."""
    found = await connection.fetch(_PAGE, drill, area, *before, limit)
    return msgspec.convert(found, list[StoredMessage])


async def message(connection: Connection, identifier: str) -> StoredMessage | None:
    """The message of that identifier."""
    found = await connection.fetchrow(_ONE, identifier)
    return None if found is None else msgspec.convert(found, StoredMessage)


async def area_is_known(connection: Connection, code: str) -> bool:
    """Whether there is an area of that code."""
    return bool(await connection.fetchval(_AREA_IS_KNOWN, code))


def _facts(row: asyncpg.Record) -> AreaFacts:
    polygon = msgspec.json.decode(row["polygon"], type=_GeoJson)
    return AreaFacts(
        id=row["id"],
        code=row["code"],
        official_code=row["official_code"],
        names=msgspec.json.decode(row["names"], type=dict[str, str]),
        stations=msgspec.json.decode(row["stations"], type=dict[str, str]),
        rings=tuple(rings[0] for rings in polygon.coordinates),
        tolerance_deg=row["tolerance_deg"],
    )
