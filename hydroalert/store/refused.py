"""Refused frames: kept for a retry where their tag was good, a few to look at where not."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hydroalert.store.pool import Connection, Pool

KEPT_PER_DEVICE = 10_000
SAMPLES_PER_DEVICE = 5

_COUNTS = "SELECT device_id, count(*) FROM refused_frame WHERE device_id = ANY ($1) AND authentic GROUP BY 1"
_KNOWN = """
SELECT device_id, tag FROM refused_frame
JOIN unnest($1::int[], $2::bytea[]) AS new (device_id, tag) USING (device_id, tag) WHERE authentic
"""
_KEEP = """
INSERT INTO refused_frame (device_id, channel, reason, authentic, tag, frame, received_at)
SELECT device, channel, reason, authentic, tag, frame, $7
FROM unnest($1::int[], $2::text[], $3::text[], $4::bool[], $5::bytea[], $6::bytea[])
     AS new (device, channel, reason, authentic, tag, frame)
ON CONFLICT (device_id, tag) WHERE authentic DO NOTHING
"""
_FORGET_OLD_SAMPLES = """
DELETE FROM refused_frame WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY device_id ORDER BY id DESC) AS age
        FROM refused_frame WHERE device_id = ANY ($1) AND NOT authentic
    ) AS samples WHERE age > $2
)
"""
_LIST = """
SELECT refused_frame.id, device.code AS device, channel, reason, authentic, frame, received_at
FROM refused_frame JOIN device ON device.id = device_id
WHERE ($1::text IS NULL OR device.code::text = $1) AND ($2::text IS NULL OR reason = $2)
  AND ($3::bigint[] IS NULL OR refused_frame.id = ANY ($3)) AND ($5 OR authentic) AND refused_frame.id > $6
ORDER BY refused_frame.id LIMIT $4
"""


class ToKeep(msgspec.Struct, frozen=True):
    """A refused frame on its way to the store."""

    device_id: int
    channel: str
    reason: str
    authentic: bool
    tag: bytes
    frame: bytes


class RefusedFrame(msgspec.Struct, frozen=True):
    """A refused frame as it is kept."""

    id: int
    device: str
    channel: str
    reason: str
    authentic: bool
    frame: bytes
    received_at: datetime


async def keep_refused(
    connection: Connection, frames: Sequence[ToKeep], received_at: datetime
) -> set[tuple[int, bytes]]:
    """Keep what there is room for; return (device id, tag) of the authentic frames that are kept now."""
    authentic = [frame for frame in frames if frame.authentic]
    known = await connection.fetch(_KNOWN, [f.device_id for f in authentic], [f.tag for f in authentic])
    kept = {(row["device_id"], row["tag"]) for row in known}
    room = await _room(connection, {frame.device_id for frame in authentic})
    to_insert = {(f.device_id, f.tag): f for f in frames if not f.authentic}
    for frame in authentic:
        key = frame.device_id, frame.tag
        if key not in kept and room[frame.device_id] > 0:
            room[frame.device_id] -= 1
            kept.add(key)
            to_insert[key] = frame
    await _insert(connection, list(to_insert.values()), received_at)
    return kept


async def _room(connection: Connection, device_ids: set[int]) -> dict[int, int]:
    counts = {row["device_id"]: row["count"] for row in await connection.fetch(_COUNTS, list(device_ids))}
    return {device_id: KEPT_PER_DEVICE - counts.get(device_id, 0) for device_id in device_ids}


async def _insert(connection: Connection, frames: list[ToKeep], received_at: datetime) -> None:
    await connection.execute(
        _KEEP,
        [frame.device_id for frame in frames],
        [frame.channel for frame in frames],
        [frame.reason for frame in frames],
        [frame.authentic for frame in frames],
        [frame.tag for frame in frames],
        [frame.frame for frame in frames],
        received_at,
    )
    sampled = {frame.device_id for frame in frames if not frame.authentic}
    if sampled:
        await connection.execute(_FORGET_OLD_SAMPLES, list(sampled), SAMPLES_PER_DEVICE)


async def list_refused(  # noqa: PLR0913 - one for each filter
    pool: Pool | Connection,
    *,
    device: str | None = None,
    reason: str | None = None,
    ids: Sequence[int] | None = None,
    limit: int = 100,
    with_samples: bool = True,
    after_id: int = 0,
) -> list[RefusedFrame]:
    """Refused frames, oldest first, behind `after_id`."""
    rows = await pool.fetch(_LIST, device, reason, ids, limit, with_samples, after_id)
    return msgspec.convert(rows, list[RefusedFrame])


async def lock_refused(connection: Connection, frame_id: int) -> bool:
    """Hold one until the caller's transaction ends; False when it is gone."""
    found = await connection.fetchval("SELECT id FROM refused_frame WHERE id = $1 FOR UPDATE", frame_id)
    return found is not None


async def forget_refused(connection: Connection, frame_id: int) -> None:
    """Delete one that a retry has settled."""
    await connection.execute("DELETE FROM refused_frame WHERE id = $1", frame_id)
