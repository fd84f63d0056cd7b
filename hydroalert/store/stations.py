"""Stations: the monitored places."""

from collections.abc import Sequence

import msgspec

from hydroalert.domain.codes import code_from, is_code
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.store.pool import Connection, Pool

_SAVE = """
INSERT INTO station (code, official_code, name, river, position)
SELECT code, official_code, name, river, ST_SetSRID(ST_MakePoint(lon, lat), 4326)
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::float8[], $6::float8[])
     AS new (code, official_code, name, river, lon, lat)
ON CONFLICT (code) DO UPDATE SET official_code = excluded.official_code, name = excluded.name,
    river = excluded.river, position = excluded.position
WHERE NOT station.internal
RETURNING code::text, xmax = 0 AS added
"""


_HELD = """
SELECT id, (SELECT count(*) FROM datastream WHERE station_id = station.id) AS datastreams,
       (SELECT count(*) FROM device WHERE station_id = station.id) AS devices,
       (SELECT count(*) FROM area_station WHERE station_id = station.id) AS areas
FROM station WHERE code::text = $1 AND NOT internal FOR UPDATE
"""


class NewStation(msgspec.Struct, frozen=True):
    """A station to be saved: position in WGS 84 degrees."""

    code: str
    name: str
    lon: float
    lat: float
    river: str | None = None
    official_code: str | None = None


def checked(station: NewStation) -> NewStation:
    """The station with its code brought into form. Raises InvalidInput."""
    code = code_from(station.code)
    if not is_code(code):
        raise InvalidInput(f"station code {station.code!r}: nothing of it can be kept as [a-z0-9-]", "code")
    if not (-180 <= station.lon <= 180 and -90 <= station.lat <= 90):
        raise InvalidInput(
            f"station {code}: longitude {station.lon} and latitude {station.lat} are not WGS 84 degrees; "
            "longitude comes first",
            "lon",
        )
    if any("\0" in (text or "") for text in (station.name, station.river, station.official_code)):
        raise InvalidInput(f"station {code}: a name cannot hold a NUL character", "name")
    return msgspec.structs.replace(station, code=code, official_code=station.official_code or station.code)


async def save_stations(connection: Pool | Connection, stations: Sequence[NewStation]) -> frozenset[str]:
    """Add or update; return the codes of those that were added. All or none. Raises InvalidInput, Conflicting."""
    by_code = {station.code: station for station in map(checked, stations)}
    if len(by_code) < len(stations):
        raise InvalidInput("two of these stations have the same code", "code")
    rows = await connection.fetch(
        _SAVE,
        list(by_code),
        [station.official_code for station in by_code.values()],
        [station.name for station in by_code.values()],
        [station.river for station in by_code.values()],
        [station.lon for station in by_code.values()],
        [station.lat for station in by_code.values()],
    )
    if own := by_code.keys() - {row["code"] for row in rows}:
        raise Conflicting(f"station {min(own)} is the platform's own: take another code")
    return frozenset(row["code"] for row in rows if row["added"])


async def remove_station(connection: Connection, code: str) -> None:
    """Forget a station that nothing hangs on, within the caller's transaction. Raises NotFound, Conflicting."""
    row = await connection.fetchrow(_HELD, code)
    if row is None:
        raise NotFound(f"no station {code}")
    held = [f"{what}: {row[what]}" for what in ("datastreams", "devices", "areas") if row[what]]
    if held:
        raise Conflicting(f"station {code} stays while anything hangs on it ({', '.join(held)})")
    await connection.execute("DELETE FROM station WHERE id = $1", row["id"])


async def find_datastream(pool: Pool | Connection, station: str, datastream: str) -> int:
    """The id of a station's datastream. Raises NotFound that names what there is."""
    rows = await pool.fetch(
        "SELECT datastream.id, datastream.code FROM datastream JOIN station ON station.id = station_id "
        "WHERE station.code::text = $1",
        station,
    )
    found: dict[str, int] = {row["code"]: row["id"] for row in rows}
    if datastream not in found:
        raise NotFound(f"station {station} has no datastream {datastream}; it has: {', '.join(found) or 'none'}")
    return found[datastream]
