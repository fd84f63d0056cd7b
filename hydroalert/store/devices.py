"""Devices: registration, keys, revocation; each change is told to the broker and to whoever holds the registry."""

import secrets
from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.codes import is_code, is_datastream_code
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.store.broker_changes import tell_broker
from hydroalert.store.pool import Connection
from hydroalert.store.sealing import Sealer, key_purpose, password_purpose

KEY_BYTES = 32
DEFAULT_INTERVAL_S = 900
MAX_INTERVAL_S = 366 * 24 * 3600
DEFAULT_OVERLAP = timedelta(days=7)
MAX_OVERLAP = timedelta(days=366)
_MAX_INTEGER = 2**31 - 1
_LIVE_FOR_S = 1800

_ADD_DATASTREAM = """
INSERT INTO datastream (station_id, code, unit, interval_s, live_for_s) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (station_id, code) DO UPDATE SET interval_s = excluded.interval_s, live_for_s = excluded.live_for_s
RETURNING id, unit
"""
_ID = """
SELECT device.id FROM device JOIN station ON station.id = station_id WHERE device.code::text = $1 AND NOT internal
"""
_FILLED_BY = """
SELECT device.id, device.code FROM assignment JOIN device ON device.id = device_id
WHERE datastream_id = $1 AND upper_inf(during)
"""
_HAND_OVER = """
UPDATE assignment SET during = tstzrange(lower(during), $2) WHERE datastream_id = $1 AND upper_inf(during)
"""
_ASSIGN = "INSERT INTO assignment (datastream_id, device_id, during) VALUES ($1, $2, tstzrange($3, NULL))"


class NewDatastream(msgspec.Struct, frozen=True):
    """A datastream that a device fills; `level:m:900` on the command line."""

    code: str
    unit: str
    interval_s: int = DEFAULT_INTERVAL_S


class NewDevice(msgspec.Struct, frozen=True):
    """A device to be registered."""

    device: str
    station: str
    datastreams: tuple[NewDatastream, ...]
    rows_per_hour: int | None = None


class Registered(msgspec.Struct, frozen=True):
    """What a device is given, shown once."""

    device: str
    key_id: int
    key_hex: str
    mqtt_username: str
    mqtt_password: str
    station: str
    datastreams: tuple[NewDatastream, ...]


class Rotated(msgspec.Struct, frozen=True):
    """A device's new key, shown once, and when its former keys end."""

    device: str
    key_id: int
    key_hex: str
    former_keys_end_at: datetime


def parse_datastream(text: str) -> NewDatastream:
    """`level:m`, or `level:m:900` with the reporting interval in seconds. Raises InvalidInput."""
    code, _, rest = text.partition(":")
    unit, _, interval = rest.partition(":")
    if not is_datastream_code(code) or not unit:
        raise InvalidInput(f"datastream {text!r}: write code:unit or code:unit:interval_s, as in level:m:900")
    if interval and not (interval.isascii() and interval.isdecimal() and 0 < int(interval) <= MAX_INTERVAL_S):
        raise InvalidInput(f"datastream {text!r}: the interval is 1 to {MAX_INTERVAL_S} whole seconds")
    return NewDatastream(code, unit, int(interval) if interval else DEFAULT_INTERVAL_S)


async def register_device(
    connection: Connection, sealer: Sealer, new: NewDevice, now: datetime, *, take_over: bool = False
) -> Registered:
    """Register within the caller's transaction.

    With `take_over` the device fills from now on what another filled until now. Raises InvalidInput, NotFound (no
    such station), Conflicting (the device exists, a datastream has another unit or another device).
    """
    _check(new)
    station_id = await connection.fetchval("SELECT id FROM station WHERE code = $1", new.station)
    if station_id is None:
        raise NotFound(f"no station {new.station}: add it with `hydroalert station add {new.station} …`")
    password, key = secrets.token_urlsafe(24), secrets.token_bytes(KEY_BYTES)
    device_id = await connection.fetchval(
        "INSERT INTO device (code, station_id, rows_per_hour, password) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT DO NOTHING RETURNING id",
        new.device,
        station_id,
        new.rows_per_hour,
        sealer.seal(password.encode(), password_purpose(new.device)),
    )
    if device_id is None:
        raise Conflicting(f"device {new.device} is registered already; its key: `device rotate-key {new.device}`")
    await _add_key(connection, sealer, new.device, device_id, 0, key)
    for datastream in new.datastreams:
        await _assign(connection, station_id, device_id, datastream, now, take_over=take_over)
    await tell_broker(connection, device_id)
    return Registered(new.device, 0, key.hex(), new.device, password, new.station, new.datastreams)


async def add_datastreams(
    connection: Connection,
    device: str,
    datastreams: tuple[NewDatastream, ...],
    now: datetime,
    *,
    take_over: bool = False,
) -> None:
    """Let a device fill more datastreams of its station, in the caller's transaction; those that it fills already keep
    doing so at the interval given. Raises as `register_device`."""
    _check_datastreams(device, datastreams)
    row = await connection.fetchrow("SELECT id, station_id FROM device WHERE code = $1 FOR UPDATE", device)
    if row is None:
        raise NotFound(f"no device {device}")
    for datastream in datastreams:
        await _assign(connection, row["station_id"], row["id"], datastream, now, take_over=take_over)


def _check(new: NewDevice) -> None:
    if not is_code(new.device):
        raise InvalidInput(f"device code {new.device!r}: use [a-z0-9][a-z0-9-]{{0,62}}", "device")
    _check_quota(new.rows_per_hour)
    _check_datastreams(new.device, new.datastreams)


def _check_quota(rows_per_hour: int | None) -> None:
    if rows_per_hour is not None and not 1 <= rows_per_hour <= _MAX_INTEGER:
        raise InvalidInput(f"a quota is 1 to {_MAX_INTEGER} rows an hour", "rows_per_hour")


def checked_datastream(new: NewDatastream) -> NewDatastream:
    """The datastream itself. Raises InvalidInput."""
    if not is_datastream_code(new.code) or not new.unit or "\0" in new.unit:
        raise InvalidInput(f"datastream {new.code!r} is [a-z][a-z0-9_]{{0,31}} with a unit", "datastreams")
    if not 1 <= new.interval_s <= MAX_INTERVAL_S:
        raise InvalidInput(
            f"datastream {new.code}: an interval is 1 to {MAX_INTERVAL_S} seconds (a year)", "interval_s"
        )
    return new


def live_for_s(interval_s: int) -> int:
    """How long a value is live, where nobody says otherwise (G7)."""
    return max(_LIVE_FOR_S, 3 * interval_s)


def _check_datastreams(device: str, datastreams: tuple[NewDatastream, ...]) -> None:
    codes = [datastream.code for datastream in datastreams]
    if not codes or len(set(codes)) < len(codes):
        raise InvalidInput(f"device {device}: give each of its datastreams once, and at least one", "datastreams")
    for datastream in datastreams:
        checked_datastream(datastream)


async def _assign(
    connection: Connection,
    station_id: int,
    device_id: int,
    new: NewDatastream,
    now: datetime,
    *,
    take_over: bool,
) -> None:
    row = await connection.fetchrow(
        _ADD_DATASTREAM, station_id, new.code, new.unit, new.interval_s, live_for_s(new.interval_s)
    )
    assert row is not None  # an upsert without a condition always returns its row
    datastream_id, unit = row["id"], row["unit"]
    if unit != new.unit:
        raise Conflicting(f"datastream {new.code} is kept in {unit}, not {new.unit}: a unit never changes")
    former = await connection.fetchrow(_FILLED_BY, datastream_id)
    if former and former["id"] == device_id:
        return
    if former and not take_over:
        raise Conflicting(
            f"datastream {new.code} is filled by device {former['code']}: name a second instrument {new.code}_b, "
            "or take it over (`--take-over`, over HTTP `take_over`)"
        )
    if former:
        await connection.execute(_HAND_OVER, datastream_id, now)
    await connection.execute(_ASSIGN, datastream_id, device_id, now if former else None)


async def rotate_key(connection: Connection, sealer: Sealer, device: str, now: datetime, overlap: timedelta) -> Rotated:
    """Give a device a new key; its former ones stay good for `overlap`. Raises InvalidInput, NotFound, Conflicting."""
    if not timedelta(0) <= overlap <= MAX_OVERLAP:
        raise InvalidInput(f"an overlap is at most {MAX_OVERLAP.days} days", "overlap")
    device_id = await _device_id(connection, device)
    await connection.execute("SELECT FROM device WHERE id = $1 FOR UPDATE", device_id)  # one rotation at a time
    taken = await connection.fetch(
        "SELECT key_id, expires_at FROM device_key WHERE device_id = $1 ORDER BY key_id FOR UPDATE", device_id
    )
    key_id = _next_key_id({row["key_id"]: row["expires_at"] for row in taken}, now)
    ends_at = now + overlap
    await connection.execute(
        "UPDATE device_key SET expires_at = least(expires_at, $2) WHERE device_id = $1", device_id, ends_at
    )
    key = secrets.token_bytes(KEY_BYTES)
    await connection.execute("DELETE FROM device_key WHERE device_id = $1 AND key_id = $2", device_id, key_id)
    await _add_key(connection, sealer, device, device_id, key_id, key)
    return Rotated(device, key_id, key.hex(), ends_at)


def _next_key_id(taken: dict[int, datetime | None], now: datetime) -> int:
    """One after the newest, round the 256 there are, past those that are still good."""
    newest = next((key_id for key_id, expires_at in taken.items() if expires_at is None), 255)
    for step in range(1, 257):
        key_id = (newest + step) % 256
        if key_id not in taken or _has_ended(taken[key_id], now):
            return key_id
    raise Conflicting("all 256 key ids of this device are in use; wait until an overlap ends")


def _has_ended(expires_at: datetime | None, now: datetime) -> bool:
    return expires_at is not None and expires_at <= now


async def set_quota(connection: Connection, device: str, rows_per_hour: int | None) -> None:
    """How many rows a device may write in an hour; None: as many as any. Raises InvalidInput, NotFound."""
    _check_quota(rows_per_hour)
    device_id = await _device_id(connection, device)
    await connection.execute("UPDATE device SET rows_per_hour = $2 WHERE id = $1", device_id, rows_per_hour)


async def revoke_device(connection: Connection, device: str, now: datetime) -> None:
    """Shut a device out, here and on the broker. Raises NotFound."""
    device_id = await _device_id(connection, device)
    await connection.execute("UPDATE device SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1", device_id, now)
    await tell_broker(connection, device_id)


async def _device_id(connection: Connection, device: str) -> int:
    device_id: int | None = await connection.fetchval(_ID, device)
    if device_id is None:
        raise NotFound(f"no device {device}")
    return device_id


async def _add_key(
    connection: Connection, sealer: Sealer, device: str, device_id: int, key_id: int, key: bytes
) -> None:
    await connection.execute(
        "INSERT INTO device_key (device_id, key_id, sealed) VALUES ($1, $2, $3)",
        device_id,
        key_id,
        sealer.seal(key, key_purpose(device, key_id)),
    )
