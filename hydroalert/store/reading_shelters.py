"""Shelters as they are read: where they are, how full, and which alerts are in force there."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from hydroalert.domain.codes import is_code
from hydroalert.domain.severity import Severity
from hydroalert.domain.shelters import STALE_AFTER, WITHIN_M, Candidate, Count, Known, Room, Status
from hydroalert.store.pool import Connection
from hydroalert.store.reading_stations import Box
from hydroalert.store.shelters import find_shelter, missing_shelter


class AlertArea(msgspec.Struct, frozen=True):
    """An area with an alert in force, and how severe the public hears that it is."""

    area: str
    severity: Severity


class Surroundings(msgspec.Struct, frozen=True):
    """Which alerts are in force at a place. `known`: areas contain it, all of them are judged, none is blind, and an
    alerting process is alive; else `in_force` may be empty and say nothing."""

    in_force: tuple[AlertArea, ...]
    known: bool


class Shelter(msgspec.Struct, frozen=True):
    """A shelter; `newest`: the count of the latest time, None where nobody counted. WGS 84 degrees."""

    code: str
    official_code: str
    name: str
    lon: float
    lat: float
    capacity: int
    phone: str | None
    step_free: bool | None
    remarks: str
    version: int
    changed_at: datetime
    status: Status
    newest: Count | None
    surroundings: Surroundings


class KeptCount(Count, frozen=True):
    """A count, and who made it."""

    author: str


class Wanted(msgspec.Struct, frozen=True):
    """Who looks for a shelter: where, and for how many. `now`: what is old by then counts as uncertain."""

    lon: float
    lat: float
    places: int
    now: datetime


_AROUND = """
    SELECT coalesce(json_agg(json_build_object('area', area.code, 'severity', snapshot ->> 'severity')
                             ORDER BY area.code) FILTER (WHERE snapshot ->> 'state' = 'active'), '[]') AS in_force,
           coalesce(bool_and(snapshot ? 'area' AND NOT (snapshot -> 'blind')::bool AND failure IS NULL), false)
               AND EXISTS (SELECT FROM alerter WHERE until > now()) AS known
    FROM area JOIN area_state ON area_state.area_id = area.id AND NOT drill
"""
_NEWEST = "(SELECT occupancy, at FROM shelter_occupancy WHERE shelter_id = shelter.id ORDER BY at DESC LIMIT 1)"
_POINT = "ST_SetSRID(ST_MakePoint($1, $2), 4326)"

_LIST = """
    SELECT code::text FROM shelter
    WHERE code > $1 AND ($3::text IS NULL OR status = $3)
      AND ($4::float8[] IS NULL
           OR position && ST_MakeEnvelope($4[1], $4[2], $4[3], $4[4], 4326)
              AND ST_X(position) BETWEEN $4[1] AND $4[3] AND ST_Y(position) BETWEEN $4[2] AND $4[4]
           OR position && ST_MakeEnvelope($4[5], $4[6], $4[7], $4[8], 4326)
              AND ST_X(position) BETWEEN $4[5] AND $4[7] AND ST_Y(position) BETWEEN $4[6] AND $4[8])
    ORDER BY code LIMIT $2
"""
_LOAD = f"""
    SELECT code::text, official_code, name, ST_X(position) AS lon, ST_Y(position) AS lat, capacity, phone,
           step_free, remarks, version, changed_at, status, occupancy, newest.at, in_force::text, known
    FROM shelter LEFT JOIN LATERAL {_NEWEST} AS newest ON true
    CROSS JOIN LATERAL ({_AROUND} WHERE ST_Covers(polygon, position)) AS around
    WHERE shelter.code::text = ANY ($1::text[])
"""
_HERE = f"SELECT in_force::text, known FROM ({_AROUND} WHERE ST_Covers(polygon, {_POINT})) AS around"
# The operator <-> walks the index from the place outwards and stops at the limit; on a sphere, so that the order of
# what is nearly as far is put right by who asked.
_NEAREST = f"""
    SELECT code::text, ST_Distance(position::geography, {_POINT}::geography) AS distance_m
    FROM shelter LEFT JOIN LATERAL {_NEWEST} AS newest ON true
    WHERE status = 'open' AND ST_DWithin(position::geography, {_POINT}::geography, $3)
      AND capacity - coalesce(occupancy, 0) >= $4 AND coalesce(newest.at >= $5, false) = $6
    ORDER BY position::geography <-> {_POINT}::geography LIMIT $7
"""
_KNOWN = f"""
    SELECT count(*) AS shelters, count(*) FILTER (WHERE status = 'open') AS open
    FROM shelter WHERE ST_DWithin(position::geography, {_POINT}::geography, $3)
"""
_COUNTS = """
    SELECT occupancy, at, author FROM shelter_occupancy WHERE shelter_id = $1 AND at < $2 ORDER BY at DESC LIMIT $3
"""


async def list_shelters(
    connection: Connection, after: str, limit: int, box: Box | None = None, status: Status | None = None
) -> list[Shelter]:
    """Up to `limit` shelters in the order of their codes, behind the code `after`; edges belong to the box."""
    sides = box and [side for half in box.halves() for side in (half.west, half.south, half.east, half.north)]
    rows = await connection.fetch(_LIST, after, limit, status, sides)
    return await load_shelters(connection, [row["code"] for row in rows])


async def read_shelter(connection: Connection, code: str) -> Shelter:
    """The shelter of that code. Raises NotFound."""
    found = await load_shelters(connection, [code]) if is_code(code) else []
    if not found:
        raise missing_shelter(code)
    return found[0]


async def load_shelters(connection: Connection, codes: Sequence[str]) -> list[Shelter]:
    """The shelters of these codes that are there, in the order of `codes`."""
    found = {row["code"]: _shelter(row) for row in await connection.fetch(_LOAD, codes)}
    return [found[code] for code in codes if code in found]


async def read_surroundings(connection: Connection, lon: float, lat: float) -> Surroundings:
    """Which alerts are in force at a place."""
    row = await connection.fetchrow(_HERE, lon, lat)
    assert row is not None  # an aggregate is one row whatever there is
    return _surroundings(row)


async def nearest_shelters(connection: Connection, wanted: Wanted, room: Room, limit: int) -> list[Candidate]:
    """The nearest open ones that may take so many; what was full at its last count is left out, however old that is."""
    since = wanted.now - STALE_AFTER
    asked = (wanted.lon, wanted.lat, WITHIN_M, wanted.places, since, room == "counted", limit)
    return [Candidate(row["code"], row["distance_m"], room) for row in await connection.fetch(_NEAREST, *asked)]


async def known_around(connection: Connection, lon: float, lat: float) -> Known:
    """How many shelters are known around a place."""
    return msgspec.convert(await connection.fetchrow(_KNOWN, lon, lat, WITHIN_M), Known)


async def read_counts(connection: Connection, code: str, before: datetime, limit: int) -> list[KeptCount]:
    """Up to `limit` counts of a shelter earlier than `before`, the latest first. Raises NotFound."""
    rows = await connection.fetch(_COUNTS, await find_shelter(connection, code), before, limit)
    return msgspec.convert(rows, list[KeptCount])


def _shelter(row: asyncpg.Record) -> Shelter:
    """One row of `_LOAD`."""
    *given, status, occupancy, at, _, _ = row.values()
    newest = None if at is None else Count(occupancy, at)
    said = [*given, Status(status), newest, _surroundings(row)]
    return Shelter(*said)


def _surroundings(row: asyncpg.Record) -> Surroundings:
    return Surroundings(msgspec.json.decode(row["in_force"], type=tuple[AlertArea, ...]), row["known"])
