"""The digest: fold what commits said is new into the newest values and the counts (G6: claimed, folded, deleted)."""

from datetime import datetime, timedelta

import msgspec

from hydroalert.store.pool import Connection

MAX_SETTLEMENTS = 1_000

_CLAIM_BEAT = """
UPDATE beat SET at = clock_timestamp()
WHERE name = (SELECT name FROM beat WHERE name = $1 AND at <= clock_timestamp() - $2::interval
              FOR UPDATE SKIP LOCKED)
RETURNING name
"""
_FOLD = """
WITH claimed AS (
    DELETE FROM settlement
    WHERE id IN (SELECT id FROM settlement ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
    RETURNING *
), folded_latest AS (
    INSERT INTO latest AS known (datastream_id, phenomenon_time, received_at, result, quality, test)
    SELECT DISTINCT ON (datastream_id) datastream_id, time, settled_at, result, quality, coalesce(test, 0)
    FROM claimed, unnest(datastream_ids, times, results, qualities, tests)
        AS new (datastream_id, time, result, quality, test)
    WHERE time <= clock_timestamp() + interval '5 minutes'  -- taken while the clock was in doubt
    ORDER BY datastream_id, time DESC, claimed.id DESC
    ON CONFLICT (datastream_id) DO UPDATE SET phenomenon_time = excluded.phenomenon_time,
        received_at = excluded.received_at, result = excluded.result, quality = excluded.quality, test = excluded.test
    WHERE excluded.phenomenon_time >= known.phenomenon_time
    RETURNING datastream_id
), devices AS (
    SELECT settled_at, new.*
    FROM claimed, unnest(device_ids, claimed.frames, claimed.stored, claimed.duplicates, claimed.conflicts)
        AS new (device_id, frames, stored, duplicates, conflicts)
), folded_devices AS (
    INSERT INTO device_tally AS known (device_id, frames, stored, duplicates, conflicts, last_received_at)
    SELECT device_id, sum(frames), sum(stored), sum(duplicates), sum(conflicts), max(settled_at)
    FROM devices GROUP BY device_id
    ON CONFLICT (device_id) DO UPDATE SET frames = known.frames + excluded.frames,
        stored = known.stored + excluded.stored, duplicates = known.duplicates + excluded.duplicates,
        conflicts = known.conflicts + excluded.conflicts,
        last_received_at = greatest(known.last_received_at, excluded.last_received_at)
), folded_hours AS (
    INSERT INTO device_hour AS known (hour, device_id, rows)
    SELECT date_trunc('hour', settled_at), device_id, sum(rows) FROM (
        SELECT settled_at, device_id, stored + duplicates + conflicts AS rows FROM devices
        UNION ALL
        SELECT settled_at, new.device_id, new.records FROM claimed, unnest(refused_ids, refused_records)
            AS new (device_id, records) WHERE new.device_id <> 0
    ) AS written GROUP BY 1, 2
    ON CONFLICT (hour, device_id) DO UPDATE SET rows = known.rows + excluded.rows
), folded_refusals AS (
    INSERT INTO refusal_tally AS known (device_id, reason, frames, records)
    SELECT new.device_id, new.reason, sum(new.frames), sum(new.records)
    FROM claimed, unnest(refused_ids, refused_reasons, refused_frames, refused_records)
        AS new (device_id, reason, frames, records)
    GROUP BY new.device_id, new.reason
    ON CONFLICT (device_id, reason) DO UPDATE SET frames = known.frames + excluded.frames,
        records = known.records + excluded.records
), arrived AS (
    UPDATE platform SET newest_arrival = greatest(newest_arrival, (SELECT max(settled_at) FROM claimed))
    WHERE EXISTS (SELECT FROM claimed)
)
SELECT datastream_id FROM folded_latest
"""
_STATIONS = """
SELECT station.code AS station, datastream.code AS datastream, datastream.unit, datastream.live_for_s,
       latest.phenomenon_time, latest.result, latest.quality
FROM datastream JOIN station ON station.id = datastream.station_id JOIN latest ON latest.datastream_id = datastream.id
WHERE NOT internal AND ($1::int[] IS NULL OR station.id IN (SELECT station_id FROM datastream WHERE id = ANY ($1)))
ORDER BY station.code, datastream.code
"""


class Newest(msgspec.Struct, frozen=True):
    """The newest observation of one datastream."""

    station: str
    datastream: str
    unit: str
    live_for_s: int
    phenomenon_time: datetime
    result: float
    quality: int


async def claim_beat(connection: Connection, name: str, every: timedelta) -> bool:
    """Whether this beat is due and now ours until the transaction ends; another's hold is no reason to wait."""
    return await connection.fetchval(_CLAIM_BEAT, name, every) is not None


async def fold_settlements(connection: Connection) -> list[Newest]:
    """Fold waiting settlements; return all newest observations of the stations that have a newer one.

    Within a transaction of the caller's, so that what follows from them is done before they are forgotten.
    """
    changed = [row["datastream_id"] for row in await connection.fetch(_FOLD, MAX_SETTLEMENTS)]
    return msgspec.convert(await connection.fetch(_STATIONS, changed), list[Newest])


async def hold_beat(connection: Connection, name: str) -> None:
    """Keep a beat from being claimed until the caller's transaction ends."""
    await connection.execute("SELECT FROM beat WHERE name = $1 FOR UPDATE", name)


async def newest_of_all(connection: Connection) -> list[Newest]:
    """The newest observations of every station."""
    return msgspec.convert(await connection.fetch(_STATIONS, None), list[Newest])


async def devices_over_quota(connection: Connection, default_rows_per_hour: int) -> set[int]:
    """The ids of devices that have written their quota of this hour; forgets the hours before the last."""
    await connection.execute("DELETE FROM device_hour WHERE hour < date_trunc('hour', now()) - interval '1 hour'")
    rows = await connection.fetch(
        "SELECT device_id FROM device_hour JOIN device ON device.id = device_id "
        "WHERE hour = date_trunc('hour', now()) AND rows >= coalesce(rows_per_hour, $1)",
        default_rows_per_hour,
    )
    return {row["device_id"] for row in rows}


async def trust_clock(connection: Connection, now: datetime) -> None:
    """Take `now` for true: no arrival, status or newest value is later (G10). Within the caller's transaction."""
    await connection.execute("UPDATE platform SET newest_arrival = least(newest_arrival, $1)", now)
    await connection.execute("UPDATE device_status SET at = NULL WHERE at > $1", now + timedelta(minutes=5))
    await connection.execute("DELETE FROM latest WHERE phenomenon_time > $1", now + timedelta(minutes=5))


async def newest_arrival(connection: Connection) -> datetime | None:
    """When the newest settled frame arrived, by the platform's clock of then (G10)."""
    moment: datetime | None = await connection.fetchval("SELECT newest_arrival FROM platform")
    return moment
