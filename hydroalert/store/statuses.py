"""Whether each device is online, from its status frames and last wills."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hydroalert.store.pool import Connection

_ONLINE = """
INSERT INTO device_status AS known (device_id, online, session, at, firmware, uptime_s, received_at)
VALUES ($1, true, $2, $3, $4, $5, $6)
ON CONFLICT (device_id) DO UPDATE SET online = true, session = excluded.session, at = excluded.at,
    firmware = excluded.firmware, uptime_s = excluded.uptime_s, received_at = excluded.received_at
WHERE (known.at IS NULL OR known.at < excluded.at) AND known.ended_session IS DISTINCT FROM excluded.session
"""
_OFFLINE = """
INSERT INTO device_status AS known (device_id, online, session, ended_session, received_at)
VALUES ($1, false, $2, $2, $3)
ON CONFLICT (device_id) DO UPDATE SET online = known.online AND known.session <> excluded.session,
    ended_session = excluded.ended_session, received_at = excluded.received_at
"""
_THROWN_OUT = """
UPDATE device_status SET online = false, received_at = $2
WHERE online AND device_id IN (SELECT id FROM device WHERE code::text = ANY ($1))
"""


class StatusChange(msgspec.Struct, frozen=True):
    """What one status frame says of its device."""

    device_id: int
    online: bool
    session: int
    at: datetime
    firmware: str | None
    uptime_s: float | None


async def apply_status(connection: Connection, change: StatusChange, received_at: datetime) -> None:
    """SPEC 6: an online counts only if it is newer; an offline ends only its own session."""
    if change.online:
        await connection.execute(
            _ONLINE,
            change.device_id,
            change.session,
            change.at,
            change.firmware,
            change.uptime_s,
            received_at,
        )
    else:
        await connection.execute(_OFFLINE, change.device_id, change.session, received_at)


async def set_offline(connection: Connection, devices: Sequence[str], now: datetime) -> None:
    """The broker threw these devices out: their own wills are not published then."""
    await connection.execute(_THROWN_OUT, devices, now)
