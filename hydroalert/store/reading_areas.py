"""Areas as they are read: where they lie, what informs them, and how they stand."""

from datetime import datetime

import asyncpg
import msgspec

from hydroalert.store.areas import find_area
from hydroalert.store.pool import Connection
from hydroalert.store.reading_stations import Box, Circle

_METRES_PER_DEGREE = 111_320.0
"""Of latitude at least: so many degrees are nowhere more than that many metres."""


class Area(msgspec.Struct, frozen=True):
    """An alert area. `box` is around it, in WGS 84 degrees; `distance_m` only where a place was asked for, 0 inside.

    `state`, `severity`, `blind`, `blind_since`, `updated_at` as its retained topic has them; blind before it was first
    judged, for nothing is known of it. `geometry`: GeoJSON, only where it was asked for.
    """

    code: str
    official_code: str
    names: dict[str, str]
    parent: str | None
    silence_factor: float
    box: Box
    distance_m: float | None
    stations: int
    rules: int
    state: str
    severity: str | None
    blind: bool
    blind_since: str | None
    revision: int
    updated_at: datetime
    geometry: str | None


class Place(msgspec.Struct, frozen=True):
    """An area that was found, and how far from the place that was asked for."""

    id: int
    code: str
    distance_m: float | None = None


class Shape(msgspec.Struct, frozen=True):
    """How exactly polygons are wanted: with 0 exactly, else simplified by at most `tolerance_m`."""

    tolerance_m: float = 0.0


_ALL = "SELECT id, code::text FROM area WHERE code > $1 ORDER BY code LIMIT $2"
_WITHIN = """
    SELECT id, code::text FROM area
    WHERE code > $1 AND (ST_Intersects(polygon, ST_MakeEnvelope($3, $4, $5, $6, 4326))
                      OR ST_Intersects(polygon, ST_MakeEnvelope($7, $8, $9, $10, 4326)))
    ORDER BY code LIMIT $2
"""
_NEAR = """
    SELECT * FROM (
        SELECT id, code::text, ST_Distance(polygon::geography, ST_MakePoint($3, $4)::geography) AS distance_m
        FROM area WHERE ST_DWithin(polygon::geography, ST_MakePoint($3, $4)::geography, $5)
    ) AS found
    WHERE (distance_m, code) > ($6, $1) ORDER BY distance_m, code LIMIT $2
"""
_LOAD = """
    SELECT area.id, area.code::text, area.official_code, area.names::text AS names, parent.code::text AS parent,
           area.silence_factor, ST_XMin(area.polygon) AS west, ST_YMin(area.polygon) AS south,
           ST_XMax(area.polygon) AS east, ST_YMax(area.polygon) AS north,
           (SELECT count(*) FROM area_station WHERE area_id = area.id) AS stations,
           (SELECT count(*) FROM rule WHERE area_id = area.id AND retired_at IS NULL) AS rules,
           coalesce(snapshot ->> 'state', 'cleared') AS state, snapshot ->> 'severity' AS severity,
           coalesce((snapshot -> 'blind')::bool, true) AS blind, snapshot ->> 'blind_since' AS blind_since,
           revision, updated_at,
           CASE WHEN $2::double precision = 0 THEN ST_AsGeoJSON(area.polygon, 7)
                WHEN $2 > 0 THEN ST_AsGeoJSON(ST_SimplifyPreserveTopology(area.polygon, $2), 7) END AS geometry
    FROM area JOIN area_state ON area_state.area_id = area.id AND NOT drill
    LEFT JOIN area AS parent ON parent.id = area.parent_id
    WHERE area.id = ANY ($1::int[])
"""


async def all_areas(connection: Connection, after: str, limit: int) -> list[Place]:
    """Up to `limit` areas in the order of their codes, behind the code `after`."""
    return msgspec.convert(await connection.fetch(_ALL, after, limit), list[Place])


async def areas_within(connection: Connection, box: Box, after: str, limit: int) -> list[Place]:
    """Up to `limit` areas that share a point with `box`, by their codes, behind the code `after`."""
    sides = [side for half in box.halves() for side in (half.west, half.south, half.east, half.north)]
    return msgspec.convert(await connection.fetch(_WITHIN, after, limit, *sides), list[Place])


async def areas_near(connection: Connection, circle: Circle, after: tuple[float, str], limit: int) -> list[Place]:
    """Up to `limit` areas that reach into `circle`, the nearest first, behind the (distance_m, code) `after`."""
    found = await connection.fetch(_NEAR, after[1], limit, circle.lon, circle.lat, circle.radius_m, after[0])
    return msgspec.convert(found, list[Place])


async def read_area(connection: Connection, code: str, shape: Shape | None = None) -> Area:
    """The area of that code. Raises NotFound."""
    (area,) = await load_areas(connection, [Place(await find_area(connection, code), code)], shape)
    return area


async def load_areas(connection: Connection, places: list[Place], shape: Shape | None = None) -> list[Area]:
    """The areas that were found, in that order; with their polygons where a shape is given."""
    tolerance = None if shape is None else shape.tolerance_m / _METRES_PER_DEGREE
    rows = await connection.fetch(_LOAD, [place.id for place in places], tolerance)
    loaded = {row["id"]: row for row in rows}
    return [_area(loaded[place.id], place.distance_m) for place in places if place.id in loaded]


def _area(row: asyncpg.Record, distance_m: float | None) -> Area:
    """One row of `_LOAD`."""
    _, code, official_code, names, parent, silence_factor, west, south, east, north, *rest = row.values()
    spoken, box = msgspec.json.decode(names, type=dict[str, str]), Box(west, south, east, north)
    return Area(code, official_code, spoken, parent, silence_factor, box, distance_m, *rest)
