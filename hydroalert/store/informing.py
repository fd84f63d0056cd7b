"""Which stations inform which area: chosen by hand, or suggested by where they stand."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.store.areas import find_area
from hydroalert.store.pool import Connection
from hydroalert.store.waking import wake_areas

MAX_WITHIN_M = 500_000.0

Chosen = Literal["hand", "suggested"]

_STATIONS = "SELECT id, code::text FROM station WHERE code::text = ANY ($1::text[]) AND NOT internal"
_INFORM = """
INSERT INTO area_station (area_id, station_id, chosen) SELECT $1, unnest($2::int[]), $3
ON CONFLICT DO NOTHING RETURNING station_id
"""
_UNINFORM = "DELETE FROM area_station WHERE area_id = $1 AND station_id = ANY ($2::int[]) RETURNING station_id"
_INFORMING = """
SELECT station.code::text AS station, name, river, chosen,
       ST_Distance(station.position::geography, polygon::geography) AS distance_m
FROM area_station JOIN station ON station.id = station_id JOIN area ON area.id = area_id
WHERE area_id = $1 ORDER BY station.code
"""
_SUGGEST = """
SELECT * FROM (
    SELECT station.code::text AS station, name, river, chosen,
           ST_Distance(station.position::geography, polygon::geography) AS distance_m
    FROM area JOIN station ON ST_DWithin(station.position::geography, polygon::geography, $2)
    LEFT JOIN area_station ON area_id = area.id AND station_id = station.id
    WHERE area.id = $1 AND NOT internal
) AS near ORDER BY distance_m, station
"""


class Informing(msgspec.Struct, frozen=True):
    """A station in or near an area: 0 m where it stands inside. `chosen`: how it came to inform it, None if not."""

    station: str
    name: str
    river: str | None
    chosen: Chosen | None
    distance_m: float


async def inform_area(connection: Connection, area: str, stations: Sequence[str], chosen: Chosen = "hand") -> list[str]:
    """Let these stations inform an area, within the caller's transaction; returns those that did not yet.

    Raises NotFound that names what is not there.
    """
    area_id, ids = await _found(connection, area, stations)
    rows = await connection.fetch(_INFORM, area_id, list(ids), chosen)
    return await _told(connection, area_id, [ids[row["station_id"]] for row in rows])


async def uninform_area(connection: Connection, area: str, stations: Sequence[str]) -> list[str]:
    """Let them inform it no more, within the caller's transaction; returns those that did. Raises NotFound."""
    area_id, ids = await _found(connection, area, stations)
    rows = await connection.fetch(_UNINFORM, area_id, list(ids))
    return await _told(connection, area_id, [ids[row["station_id"]] for row in rows])


async def informing_stations(connection: Connection, area: str) -> list[Informing]:
    """The stations that inform an area, by code. Raises NotFound."""
    area_id = await find_area(connection, area)
    return msgspec.convert(await connection.fetch(_INFORMING, area_id), list[Informing])


async def suggest_stations(connection: Connection, area: str, within_m: float = 0.0) -> list[Informing]:
    """The stations inside an area or at most so far from it, the nearest first. Raises NotFound, InvalidInput."""
    if not 0 <= within_m <= MAX_WITHIN_M:
        raise InvalidInput(f"within_m must be from 0 to {MAX_WITHIN_M:.0f}", "within_m")
    area_id = await find_area(connection, area)
    return msgspec.convert(await connection.fetch(_SUGGEST, area_id, within_m), list[Informing])


async def _found(connection: Connection, area: str, stations: Sequence[str]) -> tuple[int, dict[int, str]]:
    area_id = await find_area(connection, area)
    ids = {row["id"]: row["code"] for row in await connection.fetch(_STATIONS, stations)}
    absent = sorted(set(stations) - set(ids.values()))
    if absent:
        raise NotFound(f"there is no station {', '.join(absent)}")
    return area_id, ids


async def _told(connection: Connection, area_id: int, changed: list[str]) -> list[str]:
    if changed:
        await wake_areas(connection, [area_id])
    return sorted(changed)
