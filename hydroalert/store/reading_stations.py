"""Stations as they are read: where they are, what they measure, and what was last heard."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec

from hydroalert.store.pool import Connection


class Latest(msgspec.Struct, frozen=True):
    """The observation of the newest phenomenon time; `quality` is QARTOD's flag, `test` what set it."""

    time: datetime
    received_at: datetime
    result: float
    quality: int
    test: int


class Datastream(msgspec.Struct, frozen=True):
    """One series at a station; `latest` is None before its first observation."""

    code: str
    unit: str
    interval_s: int
    live_for_s: int
    latest: Latest | None


class Station(msgspec.Struct, frozen=True):
    """A station; `distance_m` only where a place was asked for. WGS 84 degrees."""

    id: int
    code: str
    official_code: str
    name: str
    river: str | None
    lon: float
    lat: float
    distance_m: float | None
    datastreams: tuple[Datastream, ...] = ()


class Box(msgspec.Struct, frozen=True):
    """Sides in WGS 84 degrees; where west is greater than east, the box crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    def halves(self) -> "tuple[Box, Box]":
        """Two boxes that together are this one and do not cross the antimeridian."""
        if self.west <= self.east:
            return self, self
        return Box(self.west, self.south, 180.0, self.north), Box(-180.0, self.south, self.east, self.north)


class Circle(msgspec.Struct, frozen=True):
    """All that is within `radius_m` of a place, on the WGS 84 spheroid."""

    lon: float
    lat: float
    radius_m: float


_ALL = """
    SELECT id, code::text, official_code, name, river, ST_X(position) AS lon, ST_Y(position) AS lat,
           NULL::double precision AS distance_m
    FROM station WHERE code > $1 AND NOT internal ORDER BY code LIMIT $2
"""

# The operator && finds by index, in single precision; the comparisons behind it are exact, edges included.
_WITHIN = """
    SELECT id, code::text, official_code, name, river, ST_X(position) AS lon, ST_Y(position) AS lat,
           NULL::double precision AS distance_m
    FROM station
    WHERE code > $1 AND NOT internal
      AND ((position && ST_MakeEnvelope($3, $4, $5, $6, 4326)
            AND ST_X(position) BETWEEN $3 AND $5 AND ST_Y(position) BETWEEN $4 AND $6)
        OR (position && ST_MakeEnvelope($7, $8, $9, $10, 4326)
            AND ST_X(position) BETWEEN $7 AND $9 AND ST_Y(position) BETWEEN $8 AND $10))
    ORDER BY code LIMIT $2
"""

_NEAR = """
    SELECT * FROM (
        SELECT id, code::text, official_code, name, river, ST_X(position) AS lon, ST_Y(position) AS lat,
               ST_Distance(position::geography, ST_MakePoint($3, $4)::geography) AS distance_m
        FROM station
        WHERE ST_DWithin(position::geography, ST_MakePoint($3, $4)::geography, $5) AND NOT internal
    ) AS found
    WHERE (distance_m, code) > ($6, $1) ORDER BY distance_m, code LIMIT $2
"""

_ONE = """
    SELECT id, code::text, official_code, name, river, ST_X(position) AS lon, ST_Y(position) AS lat,
           NULL::double precision AS distance_m
    FROM station WHERE code = $1 AND NOT internal
"""

_DATASTREAMS = """
    SELECT station_id, code, unit, interval_s, live_for_s, phenomenon_time, received_at, result, quality, test
    FROM datastream LEFT JOIN latest ON latest.datastream_id = datastream.id
    WHERE station_id = ANY($1) ORDER BY station_id, code
"""


async def all_stations(connection: Connection, after: str, limit: int) -> list[Station]:
    """Up to `limit` stations in the order of their codes, behind the code `after`."""
    return _stations(await connection.fetch(_ALL, after, limit))


async def stations_within(connection: Connection, box: Box, after: str, limit: int) -> list[Station]:
    """Up to `limit` stations inside `box` (edges belong to it), by their codes, behind the code `after`."""
    sides = [side for half in box.halves() for side in (half.west, half.south, half.east, half.north)]
    return _stations(await connection.fetch(_WITHIN, after, limit, *sides))


async def stations_near(connection: Connection, circle: Circle, after: tuple[float, str], limit: int) -> list[Station]:
    """Up to `limit` stations inside `circle`, the nearest first, behind the (distance_m, code) `after`."""
    found = await connection.fetch(_NEAR, after[1], limit, circle.lon, circle.lat, circle.radius_m, after[0])
    return _stations(found)


async def station(connection: Connection, code: str) -> Station | None:
    """The station of that code."""
    found = _stations(await connection.fetch(_ONE, code))
    return found[0] if found else None


async def with_datastreams(connection: Connection, stations: list[Station]) -> list[Station]:
    """The same stations, each with its datastreams and what was last heard of them."""
    rows = await connection.fetch(_DATASTREAMS, [station.id for station in stations])
    datastreams: defaultdict[int, list[Datastream]] = defaultdict(list)
    for station_id, code, unit, interval_s, live_for_s, time, *rest in rows:
        latest = None if time is None else Latest(time, *rest)
        datastreams[station_id].append(Datastream(code, unit, interval_s, live_for_s, latest))
    return [msgspec.structs.replace(station, datastreams=tuple(datastreams[station.id])) for station in stations]


def _stations(rows: Sequence[object]) -> list[Station]:
    return msgspec.convert(rows, list[Station])
