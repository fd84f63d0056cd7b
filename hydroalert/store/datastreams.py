"""Datastreams as people handle them: adding them, their tests, what a person says of a value, and maintenance."""

from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.domain.plain_text import one_line
from hydroalert.domain.quality import Flag, QualitySettings, Test, checked_settings
from hydroalert.store.devices import NewDatastream, checked_datastream, live_for_s
from hydroalert.store.pool import Connection
from hydroalert.store.quality import Tested, apply_flags, hold_tested
from hydroalert.store.stations import find_datastream
from hydroalert.store.waking import wake_hearers

TESTED_ANEW = timedelta(days=2)
"""As far back as other settings judge what is stored."""

LONGEST_MAINTENANCE = timedelta(days=366)
WORDS = {
    "good": Flag.GOOD,
    "suspect": Flag.SUSPECT,
    "fail": Flag.FAIL,
    "missing": Flag.MISSING,
    "tests": Flag.NOT_EVALUATED,
}
"""What a person may say of a value; `tests` leaves it to the tests again."""
_MAX_REASON = 2_000

_ADD = """
INSERT INTO datastream (station_id, code, unit, interval_s, live_for_s)
SELECT id, $2, $3, $4, $5 FROM station WHERE code::text = $1 AND NOT internal
ON CONFLICT (station_id, code) DO NOTHING RETURNING true
"""
_HOLD = """
SELECT datastream.id, unit FROM datastream JOIN station ON station.id = station_id
WHERE station.code::text = $1 AND datastream.code = $2 AND NOT internal FOR UPDATE OF datastream
"""
_HAS_VALUES = """
SELECT EXISTS (SELECT FROM observation WHERE datastream_id = $1)
    OR EXISTS (SELECT FROM conflict WHERE datastream_id = $1)
"""
_CHANGE = "UPDATE datastream SET unit = $2, interval_s = $3, live_for_s = $4 WHERE id = $1"
_SHOW = """
SELECT live_for_s, phenomenon_time, result, quality, test, datastream.maintenance_until,
       station.maintenance_until AS station_maintenance_until
FROM datastream JOIN station ON station.id = station_id LEFT JOIN latest ON latest.datastream_id = datastream.id
WHERE datastream.id = $1
"""
_MAKE_DUE = """
INSERT INTO due (datastream_id, since) SELECT $1, $2
WHERE EXISTS (SELECT FROM area_datastream WHERE datastream_id = $1)
"""
_NOTE = """
INSERT INTO flagging (datastream_id, phenomenon_time, quality, author, reason, at)
SELECT $1, $2, $3, $4, $5, $6
WHERE EXISTS (SELECT FROM observation WHERE datastream_id = $1 AND phenomenon_time = $2)
RETURNING true
"""
_MAINTAIN_ONE = "UPDATE datastream SET maintenance_until = $2 WHERE id = $1"
_MAINTAIN_STATION = "UPDATE station SET maintenance_until = $2 WHERE code = $1 RETURNING id"
_OF_STATION = "SELECT id FROM datastream WHERE station_id = $1"


class Shown(msgspec.Struct, frozen=True):
    """What an operator sees of a datastream: its newest observation, and until when it is in maintenance."""

    live_for_s: int
    phenomenon_time: datetime | None
    result: float | None
    quality: int | None
    test: int | None
    maintenance_until: datetime | None
    station_maintenance_until: datetime | None


class Said(msgspec.Struct, frozen=True):
    """What a person says of an observation, and why."""

    flag: Flag
    author: str
    reason: str


async def save_datastream(connection: Connection, station: str, new: NewDatastream) -> bool:
    """Add a datastream to a station, or change it, within the caller's transaction; whether it was added.

    Raises InvalidInput, NotFound (no such station), Conflicting where values are kept in another unit.
    """
    checked_datastream(new)
    live_s = live_for_s(new.interval_s)
    if await connection.fetchval(_ADD, station, new.code, new.unit, new.interval_s, live_s):
        return True
    held = await connection.fetchrow(_HOLD, station, new.code)
    if held is None:
        raise NotFound(f"no station {station}")
    if held["unit"] != new.unit and await connection.fetchval(_HAS_VALUES, held["id"]):
        raise Conflicting(f"datastream {new.code} has values in {held['unit']}: its unit stays, add another datastream")
    await connection.execute(_CHANGE, held["id"], new.unit, new.interval_s, live_s)
    return False


async def find_tested(connection: Connection, station: str, datastream: str) -> Tested:
    """The datastream, held until the caller's transaction ends. Raises NotFound."""
    (found,) = await hold_tested(connection, [await find_datastream(connection, station, datastream)])
    return found


async def show_datastream(connection: Connection, datastream_id: int) -> Shown:
    """What is known of a datastream that is there."""
    return msgspec.convert(await connection.fetchrow(_SHOW, datastream_id), Shown)


async def save_settings(connection: Connection, tested: Tested, settings: QualitySettings, now: datetime) -> None:
    """Test it by these from now on, and anew what it brought in the last two days. Raises InvalidInput."""
    text = msgspec.json.encode(checked_settings(settings, tested.interval_s)).decode()
    await connection.execute("UPDATE datastream SET quality_settings = $2 WHERE id = $1", tested.id, text)
    await connection.execute(_MAKE_DUE, tested.id, now - TESTED_ANEW)


async def flag_observation(
    connection: Connection, datastream_id: int, time: datetime, said: Said, now: datetime
) -> None:
    """Say what an observation is, whatever tests say; NOT_EVALUATED leaves it to them again.

    Its neighbours are tested anew, and the areas that hear it are judged. Within the caller's transaction. Raises
    InvalidInput, NotFound, and Conflicting where it is so already.
    """
    if not one_line(said.reason) or len(said.reason) > _MAX_REASON:
        raise InvalidInput(f"say why, in at most {_MAX_REASON} characters", "reason")
    if not await connection.fetchval(_NOTE, datastream_id, time, said.flag, said.author, said.reason, now):
        raise NotFound(f"there is no observation of exactly {time.isoformat()}")
    test = Test.NONE if said.flag is Flag.NOT_EVALUATED else Test.PERSON
    if not await apply_flags(connection, [(datastream_id, time, said.flag, test)], by_person=True):
        raise Conflicting("it is flagged so already")
    await connection.execute(_MAKE_DUE, datastream_id, time)
    await wake_hearers(connection, [datastream_id])


async def maintain_datastream(connection: Connection, datastream_id: int, until: datetime | None) -> None:
    """Until then it keeps its values and raises nothing; None ends that."""
    await connection.execute(_MAINTAIN_ONE, datastream_id, until)
    await wake_hearers(connection, [datastream_id])


async def maintain_station(connection: Connection, station: str, until: datetime | None) -> None:
    """The same of every datastream of a station. Raises NotFound."""
    station_id = await connection.fetchval(_MAINTAIN_STATION, station, until)
    if station_id is None:
        raise NotFound(f"no station {station}")
    await wake_hearers(connection, [row["id"] for row in await connection.fetch(_OF_STATION, station_id)])
