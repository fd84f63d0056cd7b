"""How the platform is, as far as its database can tell."""

from datetime import datetime

import msgspec

from hydroalert.domain.watch import Facts
from hydroalert.store.entrenching import who_may_change
from hydroalert.store.measures import OpenReports, open_reports
from hydroalert.store.pool import Connection
from hydroalert.store.reading_alerting import alerting_facts
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


class Pulse(msgspec.Struct, frozen=True):
    """Whether what comes in is stored, and what is stored is judged; `newest_arrival` finds out a clock that fell
    behind it (G10)."""

    newest_arrival: datetime | None
    bridge: Bridge
    alerting: Facts


class Vitals(msgspec.Struct, frozen=True):
    """One look at everything. `audit_open_to`: the platform's role, where it could change what the audit says."""

    size_bytes: int
    pulse: Pulse
    counts: Counts
    refused: dict[str, Refused]
    open_reports: list[OpenReports]
    audit_open_to: str | None


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
_SIZE = "SELECT pg_database_size(current_database())"


async def vitals(connection: Connection) -> Vitals:
    """Look at everything; for those who may see it, as it costs a scan of the registry."""
    counts = msgspec.convert(await connection.fetchrow(_COUNTS), Counts)
    refused = {reason: Refused(*sums) for reason, *sums in await connection.fetch(_REFUSED)}
    waiting, open_to = await open_reports(connection), await who_may_change(connection)
    return Vitals(await connection.fetchval(_SIZE), await pulse(connection), counts, refused, waiting, open_to)


async def pulse(connection: Connection) -> Pulse:
    """What readiness rests on; for anybody to ask, so it costs little."""
    newest_arrival = await connection.fetchval("SELECT newest_arrival FROM platform")
    return Pulse(newest_arrival, await bridge(connection), await alerting_facts(connection))


async def bridge(connection: Connection) -> Bridge:
    """The bridge's workers and lanes."""
    return msgspec.convert(await connection.fetchrow(_BRIDGE), Bridge)
