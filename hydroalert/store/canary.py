"""The canary: a device of the platform's own, whose frames go the whole way so that somebody notices when none does."""

from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.errors import Conflicting, SecretsError
from hydroalert.domain.registry import Device
from hydroalert.store.broker_changes import broker_accounts
from hydroalert.store.devices import NewDatastream, NewDevice, register_device
from hydroalert.store.pool import Connection
from hydroalert.store.registry import load_registry
from hydroalert.store.sealing import Sealer

CODE = "hydroalert-canary"
DATASTREAM = "sequence"
BEAT = timedelta(seconds=10)
KEPT = timedelta(days=1)

_ADD_STATION = """
INSERT INTO station (code, official_code, name, position, internal)
VALUES ($1::text, $1::text, 'Canary of the platform', ST_SetSRID(ST_MakePoint(0, 0), 4326), true)
ON CONFLICT DO NOTHING RETURNING id
"""
_KEEP = """
UPDATE canary SET device_id = (SELECT id FROM device WHERE code::text = $1),
    datastream_id = (SELECT datastream.id FROM datastream JOIN station ON station.id = station_id
                     WHERE station.code::text = $1)
"""
_ECHOED = "UPDATE canary SET echoed_at = $1, delay_s = $2 WHERE echoed_at IS NULL OR echoed_at < $1"
_NEWEST = """
SELECT phenomenon_time FROM observation WHERE datastream_id = $1 AND phenomenon_time > $2
ORDER BY phenomenon_time DESC LIMIT 1
"""
# As much as has become too old since it was last looked: no month before it is touched.
_FORGET = "DELETE FROM observation WHERE datastream_id = $1 AND phenomenon_time BETWEEN $2 AND $3"


class Canary(msgspec.Struct, frozen=True):
    """What a process needs to be the canary: the device with its key, its broker password, a boot of its own."""

    device: Device
    password: str
    datastream_id: int
    boot: int


async def load_canary(connection: Connection, sealer: Sealer, now: datetime) -> Canary:
    """The canary, registered when it is first asked for; each call has a new boot. Raises Conflicting, SecretsError."""
    async with connection.transaction():
        row = await connection.fetchrow("SELECT device_id FROM canary FOR UPDATE")
        assert row is not None  # the migration put it there
        if row["device_id"] is None:
            await _register(connection, sealer, now)
        kept = await connection.fetchrow("UPDATE canary SET boot = boot + 1 RETURNING device_id, datastream_id, boot")
        assert kept is not None
        accounts = await broker_accounts(connection, sealer, [kept["device_id"]])
        if not accounts:
            raise SecretsError(f"the broker password of {CODE} does not open under this master key")
    registry = await load_registry(connection, sealer, [CODE])
    return Canary(registry[CODE], accounts[0].password, kept["datastream_id"], kept["boot"])


async def _register(connection: Connection, sealer: Sealer, now: datetime) -> None:
    if await connection.fetchval(_ADD_STATION, CODE) is None:
        raise Conflicting(f"a station is called {CODE}: the platform keeps that name for its own")
    new = NewDevice(CODE, CODE, (NewDatastream(DATASTREAM, "1", int(BEAT.total_seconds())),))
    await register_device(connection, sealer, new, now)
    await connection.execute(_KEEP, CODE)


async def note_sent(connection: Connection, at: datetime) -> None:
    """A frame is about to be sent."""
    await connection.execute("UPDATE canary SET sent_at = $1", at)


async def newest_stored(connection: Connection, datastream_id: int, after: datetime) -> datetime | None:
    """The phenomenon time of the canary's newest observation, if one is newer than `after`."""
    moment: datetime | None = await connection.fetchval(_NEWEST, datastream_id, after)
    return moment


async def note_echo(connection: Connection, at: datetime, delay_s: float) -> None:
    """A frame was heard again at the far end, `delay_s` after it was made."""
    await connection.execute(_ECHOED, at, delay_s)


async def forget_older(connection: Connection, datastream_id: int, now: datetime) -> None:
    """Drop the canary's observations of the day before the last: nobody ever asks for them."""
    await connection.execute(_FORGET, datastream_id, now - 2 * KEPT, now - KEPT)
