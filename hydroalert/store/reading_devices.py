"""Devices as an operator sees them: keys without their secrets, status, and what came of their frames."""

from collections import defaultdict
from datetime import datetime

import msgspec

from hydroalert.store.pool import Connection


class Key(msgspec.Struct, frozen=True):
    """One of a device's keys; `expires_at` is None while it is in force until rotated."""

    key_id: int
    created_at: datetime
    expires_at: datetime | None


class Refused(msgspec.Struct, frozen=True):
    """How much was refused for one reason."""

    frames: int
    records: int


class Device(msgspec.Struct, frozen=True):
    """A device with its tallies; they follow a commit by about a second."""

    id: int
    code: str
    station: str
    created_at: datetime
    revoked_at: datetime | None
    rows_per_hour: int | None
    online: bool | None
    status_at: datetime | None
    firmware: str | None
    uptime_s: float | None
    frames: int
    stored: int
    duplicates: int
    conflicts: int
    last_received_at: datetime | None
    signing_keys: tuple[Key, ...] = ()  # `keys` is a method of every record that rows are read from
    refused: dict[str, Refused] = {}


_COLUMNS = """
    SELECT device.id, device.code::text, station.code::text AS station, device.created_at,
           device.revoked_at, device.rows_per_hour, device_status.online, device_status.at AS status_at,
           device_status.firmware, device_status.uptime_s,
           coalesce(frames, 0) AS frames, coalesce(stored, 0) AS stored,
           coalesce(duplicates, 0) AS duplicates, coalesce(conflicts, 0) AS conflicts, last_received_at
    FROM device
    JOIN station ON station.id = device.station_id
    LEFT JOIN device_status ON device_status.device_id = device.id
    LEFT JOIN device_tally ON device_tally.device_id = device.id
"""
_ALL = _COLUMNS + " WHERE NOT internal AND device.code > $1 ORDER BY device.code LIMIT $2"
_ONE = _COLUMNS + " WHERE NOT internal AND device.code = $1"
_KEYS = "SELECT device_id, key_id, created_at, expires_at FROM device_key WHERE device_id = ANY($1) ORDER BY 1, 2"
_REFUSED = "SELECT device_id, reason, frames, records FROM refusal_tally WHERE device_id = ANY($1) ORDER BY 1, 2"


async def all_devices(connection: Connection, after: str, limit: int) -> list[Device]:
    """Up to `limit` devices in the order of their codes, behind the code `after`."""
    rows = await connection.fetch(_ALL, after, limit)
    return await _complete(connection, msgspec.convert(rows, list[Device]))


async def device(connection: Connection, code: str) -> Device | None:
    """The device of that code."""
    rows = await connection.fetch(_ONE, code)
    found = await _complete(connection, msgspec.convert(rows, list[Device]))
    return found[0] if found else None


async def _complete(connection: Connection, devices: list[Device]) -> list[Device]:
    ids = [device.id for device in devices]
    keys: defaultdict[int, list[Key]] = defaultdict(list)
    for device_id, *key in await connection.fetch(_KEYS, ids):
        keys[device_id].append(Key(*key))
    refused: defaultdict[int, dict[str, Refused]] = defaultdict(dict)
    for device_id, reason, frames, records in await connection.fetch(_REFUSED, ids):
        refused[device_id][reason] = Refused(frames, records)
    return [
        msgspec.structs.replace(device, signing_keys=tuple(keys[device.id]), refused=refused[device.id])
        for device in devices
    ]
