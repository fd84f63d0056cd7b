"""How the platform is, as far as its database can tell."""

from datetime import datetime

import msgspec

from hydroalert.store.pool import Connection
from hydroalert.store.reading_devices import Refused


class Bridge(msgspec.Struct, frozen=True):
    """The bridge's workers and lanes. `lane_lag` frames were taken from the broker and are not yet settled;
    settlements wait to be digested into the newest observations and tallies, the oldest since `oldest_s`."""

    workers: int
    lanes_held: int
    lanes_free: int
    lane_lag: int
    settlements: int
    oldest_s: float


class Counts(msgspec.Struct, frozen=True):
    """How much there is."""

    stations: int
    devices: int
    datastreams: int
    online: int
    frames: int
    stored: int
    duplicates: int
    conflicts: int


class Vitals(msgspec.Struct, frozen=True):
    """One look at everything."""

    size_bytes: int
    newest_arrival: datetime | None
    bridge: Bridge
    counts: Counts
    refused: dict[str, Refused]


_BRIDGE = """
    SELECT (SELECT count(*) FROM worker WHERE until > now()) AS workers,
           (SELECT count(*) FROM lane WHERE holder IS NOT NULL AND until > now()) AS lanes_held,
           (SELECT count(*) FROM lane WHERE holder IS NULL OR until <= now()) AS lanes_free,
           (SELECT coalesce(sum(lane_lag), 0) FROM worker WHERE until > now()) AS lane_lag,
           (SELECT count(*) FROM (SELECT FROM settlement LIMIT 100000) AS waiting) AS settlements,
           coalesce((SELECT greatest(date_part('epoch', now() - settled_at), 0)
                     FROM settlement ORDER BY id LIMIT 1), 0) AS oldest_s
"""
_COUNTS = """
    SELECT (SELECT count(*) FROM station WHERE NOT internal) AS stations,
           (SELECT count(*) FROM device JOIN station ON station.id = station_id WHERE NOT internal) AS devices,
           (SELECT count(*) FROM datastream JOIN station ON station.id = station_id WHERE NOT internal) AS datastreams,
           (SELECT count(*) FROM device_status WHERE online) AS online,
           coalesce(sum(frames), 0)::bigint AS frames, coalesce(sum(stored), 0)::bigint AS stored,
           coalesce(sum(duplicates), 0)::bigint AS duplicates,
           coalesce(sum(conflicts), 0)::bigint AS conflicts
    FROM device_tally WHERE device_id NOT IN (SELECT device_id FROM canary WHERE device_id IS NOT NULL)
"""
_REFUSED = "SELECT reason, sum(frames)::bigint, sum(records)::bigint FROM refusal_tally GROUP BY reason ORDER BY reason"
_SIZE = "SELECT pg_database_size(current_database()) AS size_bytes, (SELECT newest_arrival FROM platform)"


async def vitals(connection: Connection) -> Vitals:
    """Look at everything; for those who may see it, as it costs a scan of the registry."""
    size_bytes, newest_arrival = await connection.fetchrow(_SIZE) or (0, None)
    counts = msgspec.convert(await connection.fetchrow(_COUNTS), Counts)
    refused = {reason: Refused(*sums) for reason, *sums in await connection.fetch(_REFUSED)}
    return Vitals(size_bytes, newest_arrival, await bridge(connection), counts, refused)


async def bridge(connection: Connection) -> Bridge:
    """The bridge's workers and lanes."""
    return msgspec.convert(await connection.fetchrow(_BRIDGE), Bridge)


async def newest_arrival(connection: Connection) -> datetime | None:
    """When the newest frame arrived, so that a clock that fell behind it is found out (G10)."""
    moment: datetime | None = await connection.fetchval("SELECT newest_arrival FROM platform")
    return moment
