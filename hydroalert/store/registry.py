"""The registry as admission wants it: devices with their opened keys and the datastreams they fill."""

from collections import defaultdict
from collections.abc import Iterable

import asyncpg
import structlog

from hydroalert.domain.clock import to_ms
from hydroalert.domain.errors import SecretsError
from hydroalert.domain.quality import QualitySettings
from hydroalert.domain.registry import Datastream, Device, Key, Registry
from hydroalert.store.pool import Connection
from hydroalert.store.quality import read_settings
from hydroalert.store.sealing import Sealer, key_purpose

_log = structlog.get_logger()

DEFAULT_ROWS_PER_HOUR = 1_000_000

_DEVICES = """
SELECT device.id, device.code, station.code AS station, revoked_at IS NOT NULL AS revoked, rows_per_hour
FROM device JOIN station ON station.id = device.station_id
WHERE $1::text[] IS NULL OR device.code::text = ANY ($1)
"""
_KEYS = """
SELECT device_id, device.code, key_id, sealed, expires_at
FROM device_key JOIN device ON device.id = device_id
WHERE $1::text[] IS NULL OR device.code::text = ANY ($1)
"""
_DATASTREAMS = """
SELECT device_id, datastream.id, datastream.code, unit, lower(during) AS since, upper(during) AS until,
       nullif(quality_settings, '{}') AS settings
FROM assignment JOIN datastream ON datastream.id = datastream_id JOIN device ON device.id = device_id
WHERE $1::text[] IS NULL OR device.code::text = ANY ($1)
"""


async def load_registry(connection: Connection, sealer: Sealer, devices: Iterable[str] | None = None) -> Registry:
    """The devices named, or all. A key that does not open is left out and logged."""
    codes = None if devices is None else list(devices)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        rows = await connection.fetch(_DEVICES, codes)
        keys = _keys(await connection.fetch(_KEYS, codes), sealer)
        datastreams = _datastreams(await connection.fetch(_DATASTREAMS, codes))
    return {
        row["code"]: Device(
            id=row["id"],
            code=row["code"],
            station=row["station"],
            revoked=row["revoked"],
            rows_per_hour=row["rows_per_hour"] or DEFAULT_ROWS_PER_HOUR,
            keys=keys[row["id"]],
            datastreams=datastreams[row["id"]],
        )
        for row in rows
    }


def _keys(rows: list[asyncpg.Record], sealer: Sealer) -> dict[int, dict[int, Key]]:
    keys: dict[int, dict[int, Key]] = defaultdict(dict)
    for row in rows:
        try:
            secret = sealer.open(row["sealed"], key_purpose(row["code"], row["key_id"]))
        except SecretsError as error:  # one damaged row must not stop all rivers
            _log.error("key_unreadable", error=str(error))
            continue
        expires_ms = float("inf") if row["expires_at"] is None else to_ms(row["expires_at"])
        keys[row["device_id"]][row["key_id"]] = Key(secret, expires_ms)
    return keys


def _datastreams(rows: list[asyncpg.Record]) -> dict[int, dict[str, tuple[Datastream, ...]]]:
    """`during` includes its start and excludes its end; a whole millisecond is the finest time there is."""
    found: dict[int, dict[str, tuple[Datastream, ...]]] = defaultdict(dict)
    for row in rows:
        since = float("-inf") if row["since"] is None else to_ms(row["since"])
        until = float("inf") if row["until"] is None else to_ms(row["until"]) - 1
        filled = found[row["device_id"]]
        spans = None if row["settings"] is None else _spans(row["id"], row["settings"])
        filled[row["code"]] = (*filled.get(row["code"], ()), Datastream(row["id"], row["unit"], since, until, spans))
    return found


def _spans(datastream_id: int, text: str) -> QualitySettings | None:
    settings = read_settings(datastream_id, text)
    return settings if settings.has_span else None
