"""Shelters: where people find a place, and how many are in it."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from hydroalert.domain.clock import MAX_AHEAD
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import ChangedMeanwhile, InvalidInput, NotFound
from hydroalert.domain.shelters import Count, NewShelter, Status, check_count, check_remarks, checked
from hydroalert.store.pool import Connection

_FIND = "SELECT id, version FROM shelter WHERE code = $1"
_HOLD = "SELECT id, version, status, remarks FROM shelter WHERE code = $1 FOR UPDATE"
# What stays word for word as it is, is no change: an import may be repeated.
_SAVE = """
INSERT INTO shelter (code, official_code, name, position, capacity, status, phone, step_free, remarks, changed_at)
SELECT new.code, new.official_code, new.name, ST_SetSRID(ST_MakePoint(lon, lat), 4326), new.capacity,
       coalesce(new.status, known.status, 'standby'), new.phone, new.step_free, new.remarks, clock_timestamp()
FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::float8[], $6::int[], $7::text[], $8::text[],
            $9::bool[], $10::text[])
     AS new (code, official_code, name, lon, lat, capacity, status, phone, step_free, remarks)
LEFT JOIN shelter AS known ON known.code = new.code
ORDER BY new.code
ON CONFLICT (code) DO UPDATE SET official_code = excluded.official_code, name = excluded.name,
    position = excluded.position, capacity = excluded.capacity, status = excluded.status, phone = excluded.phone,
    step_free = excluded.step_free, remarks = excluded.remarks, version = shelter.version + 1,
    changed_at = excluded.changed_at
WHERE (shelter.official_code, shelter.name, shelter.position, shelter.capacity, shelter.status, shelter.phone,
       shelter.step_free, shelter.remarks)
   IS DISTINCT FROM (excluded.official_code, excluded.name, excluded.position, excluded.capacity,
                     excluded.status, excluded.phone, excluded.step_free, excluded.remarks)
RETURNING xmax = 0 AS added
"""
_CHANGE = """
UPDATE shelter SET status = coalesce($2, status), remarks = coalesce($3, remarks), version = version + 1,
    changed_at = clock_timestamp()
WHERE id = $1 AND (status, remarks) IS DISTINCT FROM (coalesce($2, status), coalesce($3, remarks))
"""
_COUNT = """
INSERT INTO shelter_occupancy (shelter_id, at, occupancy, author) VALUES ($1, $2, $3, $4)
ON CONFLICT (shelter_id, at) DO UPDATE SET occupancy = excluded.occupancy, author = excluded.author
"""
_TOUCH = "UPDATE shelter SET changed_at = clock_timestamp() WHERE id = $1"


class SavedShelters(msgspec.Struct, frozen=True):
    """How many were added, changed, and were there already as they are."""

    added: int
    updated: int
    unchanged: int


class Changes(msgspec.Struct, frozen=True):
    """What an operator changes of a shelter; None: not that."""

    status: Status | None = None
    remarks: str | None = None


async def save_shelters(connection: Connection, shelters: Sequence[NewShelter]) -> SavedShelters:
    """Add or replace, within the caller's transaction; all or none. Raises InvalidInput."""
    sound = [checked(one) for one in shelters]
    if len({one.code for one in sound}) < len(sound):
        raise InvalidInput("two of these shelters have the same code", "code")
    rows = await connection.fetch(
        _SAVE,
        [one.code for one in sound],
        [one.official_code for one in sound],
        [one.name for one in sound],
        [one.lon for one in sound],
        [one.lat for one in sound],
        [one.capacity for one in sound],
        [one.status for one in sound],
        [one.phone for one in sound],
        [one.step_free for one in sound],
        [one.remarks for one in sound],
    )
    added = sum(row["added"] for row in rows)
    return SavedShelters(added, len(rows) - added, len(sound) - len(rows))


async def save_shelter(connection: Connection, shelter: NewShelter, version: int | None = None) -> SavedShelters:
    """As `save_shelters` for one; with `version` only what has that version is replaced.

    Raises InvalidInput, NotFound, ChangedMeanwhile.
    """
    if version is not None:
        await _hold(connection, checked(shelter).code, version)
    return await save_shelters(connection, [shelter])


async def change_shelter(connection: Connection, code: str, changes: Changes, version: int | None = None) -> None:
    """Within the caller's transaction; with `version` only where nobody changed it meanwhile.

    Raises InvalidInput, NotFound, ChangedMeanwhile.
    """
    if changes.remarks is not None:
        check_remarks(changes.remarks)
    shelter_id = await _hold(connection, code, version)
    await connection.execute(_CHANGE, shelter_id, changes.status, changes.remarks)


async def count_people(connection: Connection, code: str, count: Count, author: str, now: datetime) -> None:
    """Keep how many are in it, within the caller's transaction. The count of the latest time is the one that holds,
    in whichever order they come; a second one of the same time corrects the first. Raises InvalidInput, NotFound."""
    check_count(count, now, MAX_AHEAD)
    shelter_id = await _hold(connection, code)
    await connection.execute(_COUNT, shelter_id, count.at, count.occupancy, author)
    await connection.execute(_TOUCH, shelter_id)


async def remove_shelter(connection: Connection, code: str) -> None:
    """Forget a shelter and all counts, within the caller's transaction. Raises NotFound."""
    await connection.execute("DELETE FROM shelter WHERE id = $1", await _hold(connection, code))


async def find_shelter(connection: Connection, code: str) -> int:
    """The id of a shelter. Raises NotFound."""
    row = await connection.fetchrow(_FIND, code) if is_code(code) else None
    if row is None:
        raise missing_shelter(code)
    shelter_id: int = row["id"]
    return shelter_id


def missing_shelter(code: str) -> NotFound:
    """What to raise, for who looked for it elsewhere."""
    return NotFound(f"there is no shelter {code[:80]!r}: see GET /api/v1/shelters or `hydroalert shelter list`")


async def _hold(connection: Connection, code: str, version: int | None = None) -> int:
    """The id of a shelter that nobody else changes until the transaction ends."""
    row = await connection.fetchrow(_HOLD, code) if is_code(code) else None
    if row is None:
        raise missing_shelter(code)
    if version is not None and row["version"] != version:
        raise ChangedMeanwhile(f"shelter {code} was changed meanwhile: look again, then repeat it", _current(row))
    shelter_id: int = row["id"]
    return shelter_id


def _current(row: asyncpg.Record) -> dict[str, object]:
    return {"version": row["version"], "status": row["status"], "remarks": row["remarks"]}
