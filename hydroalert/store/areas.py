"""Alert areas: the polygons that are warned."""

import math
from collections.abc import Mapping, Sequence

import msgspec

from hydroalert.domain.codes import code_from, is_code, is_language
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.domain.polygons import MultiPolygon, geojson_of
from hydroalert.store.pool import Connection
from hydroalert.store.waking import wake_areas

MAX_CHANGE = 0.01
"""By how much of its area a polygon may change in being mended; beyond, it is refused."""
MAX_SILENCE_FACTOR = 1000.0
MAX_TEXT = 200

_VALID = "Valid Geometry"
_MEND_TIMEOUT_S = 5.0
_PARENTS_LOCK = 0x41524541

_MEND = """
WITH given AS (SELECT ST_SetSRID(ST_GeomFromGeoJSON($1::text), 4326) AS polygon),
     judged AS (SELECT polygon, ST_IsValidReason(polygon) AS reason FROM given),
     mended AS (
         SELECT reason, polygon AS given, CASE WHEN reason = 'Valid Geometry' THEN polygon
                ELSE ST_CollectionExtract(ST_MakeValid(polygon, 'method=structure'), 3) END AS polygon
         FROM judged
     )
SELECT reason, ST_Area(given) AS given_area, ST_Area(polygon) AS area,
       ST_AsBinary(ST_ForcePolygonCCW(ST_Multi(polygon))) AS polygon
FROM mended
"""
# What is not given stays as it is, unless it is all to be replaced ($6).
_SAVE = """
INSERT INTO area (code, official_code, names, silence_factor, polygon)
SELECT new.code, new.official_code,
       CASE WHEN $6::bool THEN new.names ELSE coalesce(area.names || new.names, new.names) END,
       coalesce(new.silence_factor, CASE WHEN NOT $6 THEN area.silence_factor END, 3),
       ST_GeomFromWKB(new.polygon, 4326)
FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::real[], $5::bytea[])
     AS new (code, official_code, names, silence_factor, polygon)
LEFT JOIN area ON area.code = new.code
ON CONFLICT (code) DO UPDATE SET official_code = excluded.official_code, names = excluded.names,
    silence_factor = excluded.silence_factor, polygon = excluded.polygon
RETURNING id, xmax = 0 AS added
"""
_KNOWN = "SELECT code::text FROM area WHERE code::text = ANY ($1::text[])"
_SET_PARENTS = """
UPDATE area SET parent_id = parent.id
FROM unnest($1::text[], $2::text[]) AS new (code, parent)
LEFT JOIN area AS parent ON parent.code = new.parent
WHERE area.code = new.code AND area.parent_id IS DISTINCT FROM parent.id
RETURNING area.id
"""
_CYCLE = """
WITH RECURSIVE way AS (
    SELECT id, parent_id, ARRAY[id] AS seen FROM area WHERE id = ANY ($1::int[])
    UNION ALL
    SELECT area.id, area.parent_id, seen || area.id FROM way JOIN area ON area.id = way.parent_id
    WHERE NOT area.id = ANY (seen)
)
SELECT area.code FROM way JOIN area ON area.id = way.seen[1] WHERE way.parent_id = way.seen[1] ORDER BY 1 LIMIT 1
"""
_STANDS_IN_THE_WAY = """
SELECT EXISTS (SELECT FROM alert WHERE area_id = $1 AND active AND NOT drill) AS warned,
       (SELECT string_agg(code, ', ' ORDER BY code) FROM area WHERE parent_id = $1) AS children
"""


class NewArea(msgspec.Struct, frozen=True):
    """An area to be saved. `names` by language (BCP 47); `silence_factor`: None for as it is, 3 of a new one."""

    code: str
    names: dict[str, str]
    polygon: MultiPolygon
    official_code: str | None = None
    silence_factor: float | None = None


class Mended(msgspec.Struct, frozen=True):
    """A polygon that was not valid and has been mended: what was wrong, and by which fraction its area changed."""

    area: str
    reason: str
    change: float


class RefusedArea(msgspec.Struct, frozen=True):
    """An area that cannot be kept, and why; `parameter`: what of it is wrong."""

    area: str
    words: str
    parameter: str = "geometry"


class SavedAreas(msgspec.Struct, frozen=True):
    """What came of saving many."""

    added: int = 0
    updated: int = 0
    mended: tuple[Mended, ...] = ()
    refused: tuple[RefusedArea, ...] = ()


class _Sound(msgspec.Struct, frozen=True):
    """An area that can be kept, its polygon valid and as well-known binary."""

    area: NewArea
    polygon: bytes
    mended: Mended | None


def checked(area: NewArea) -> NewArea:
    """The area with its code brought into form. Raises InvalidInput."""
    code = code_from(area.code)
    texts = [area.official_code or area.code, *area.names.values()]
    factor = area.silence_factor
    if not is_code(code):
        raise InvalidInput("nothing of its code can be kept as [a-z0-9-]", "code")
    if not area.names or not all(map(is_language, area.names)):
        raise InvalidInput("give its name in at least one language, such as en or pt-BR", "names")
    if not all(text.strip() and text.isprintable() and len(text) <= MAX_TEXT for text in texts):
        raise InvalidInput(f"names and official code have 1 to {MAX_TEXT} printable characters", "names")
    if factor is not None and not (math.isfinite(factor) and 0 < factor <= MAX_SILENCE_FACTOR):
        raise InvalidInput(f"silence_factor must be above 0 and at most {MAX_SILENCE_FACTOR:.0f}", "silence_factor")
    return msgspec.structs.replace(area, code=code, official_code=area.official_code or area.code)


async def save_areas(
    connection: Connection, areas: Sequence[NewArea | RefusedArea], *, replace: bool = False, skip_bad: bool = False
) -> SavedAreas:
    """Add or update, within the caller's transaction: all or none, unless `skip_bad`; every refusal is told.

    What its reader refused already is told with the others. With `replace` an area that is there is replaced whole;
    else names are added to its others, and what is not given stays as it is.
    """
    sound: dict[str, _Sound] = {}
    refused: list[RefusedArea] = []
    for area in areas:
        found = area if isinstance(area, RefusedArea) else await _examine(connection, area)
        if isinstance(found, RefusedArea):
            refused.append(found)
        elif found.area.code in sound:
            refused.append(RefusedArea(found.area.code, "two of these areas have this code"))
        else:
            sound[found.area.code] = found
    if refused and not skip_bad:
        return SavedAreas(refused=tuple(refused))
    added, updated = await _save(connection, list(sound.values()), replace=replace)
    return SavedAreas(added, updated, tuple(one.mended for one in sound.values() if one.mended), tuple(refused))


async def save_area(connection: Connection, area: NewArea, *, replace: bool = False) -> SavedAreas:
    """As `save_areas` for one. Raises InvalidInput that says why it is refused."""
    saved = await save_areas(connection, [area], replace=replace)
    for refusal in saved.refused:
        raise InvalidInput(f"area {refusal.area}: {refusal.words}", refusal.parameter)
    return saved


async def set_parents(connection: Connection, parents: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Give areas their parents, by code; returns the (area, parent) whose parent is not known, which then have none.

    Within the caller's transaction. Raises Conflicting where an area would lie within itself.
    """
    wanted = {code_from(area): parent and code_from(parent) for area, parent in parents.items()}
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _PARENTS_LOCK)
    circular = next((area for area, parent in wanted.items() if area == parent), None)
    if circular is None:
        changed = await connection.fetch(_SET_PARENTS, list(wanted), list(wanted.values()))
        circular = await connection.fetchval(_CYCLE, [row["id"] for row in changed])
    if circular is not None:
        raise Conflicting(f"area {circular} would lie within itself: give it another parent, or none")
    known = {row["code"] for row in await connection.fetch(_KNOWN, [*wanted, *wanted.values()])}
    return [(area, parent) for area, parent in wanted.items() if area in known and parent and parent not in known]


async def find_area(connection: Connection, code: str) -> int:
    """The id of an area. Raises NotFound."""
    found: int | None = None
    if is_code(code):
        found = await connection.fetchval("SELECT id FROM area WHERE code = $1", code)
    if found is None:
        raise NotFound(f"there is no area {code!r}: see `hydroalert area list`")
    return found


async def remove_area(connection: Connection, code: str) -> None:
    """Forget an area with its rules, its alerts that are over, and all their revisions.

    Within the caller's transaction. Raises NotFound; Conflicting while an alert stands in it or areas lie within it.
    """
    area_id = await find_area(connection, code)
    await connection.execute("SELECT FROM area_state WHERE area_id = $1 ORDER BY drill FOR UPDATE", area_id)
    hindrance = await connection.fetchrow(_STANDS_IN_THE_WAY, area_id)
    assert hindrance is not None  # it is one row whatever there is
    if hindrance["warned"]:
        raise Conflicting(f"an alert stands in area {code}: clear it first, then remove the area")
    if hindrance["children"]:
        raise Conflicting(f"area {code} is the parent of {hindrance['children']}: give them another parent first")
    # Rules and informing stations first: their triggers link anew what is left, for an area that must still be there.
    # Revisions too: with them go their messages, which would hold the alerts.
    for table in ("rule", "area_station", "area_due", "revision"):
        await connection.execute(f"DELETE FROM {table} WHERE area_id = $1", area_id)
    await connection.execute("DELETE FROM area WHERE id = $1", area_id)


async def _examine(connection: Connection, given: NewArea) -> _Sound | RefusedArea:
    try:
        area = checked(given)
        polygon = msgspec.json.encode(geojson_of(area.polygon)).decode()
        async with connection.transaction():  # a savepoint: one that takes too long spoils no other
            row = await connection.fetchrow(_MEND, polygon, timeout=_MEND_TIMEOUT_S)
    except InvalidInput as error:
        return RefusedArea(given.code, str(error), error.parameter or "geometry")
    except TimeoutError:
        return RefusedArea(given.code, "its rings cross too often to be mended: draw it anew")
    assert row is not None
    change = abs(row["area"] - row["given_area"]) / row["area"] if row["area"] else math.inf
    if not change <= MAX_CHANGE:
        return RefusedArea(given.code, _why_not(row["reason"], change))
    mended = None if row["reason"] == _VALID else Mended(area.code, row["reason"], change)
    return _Sound(area, row["polygon"], mended)


def _why_not(reason: str, change: float) -> str:
    if not math.isfinite(change):
        return f"it has no area ({reason}, longitude latitude): draw it anew"
    return f"{reason} (longitude latitude): mending would change its area by {change:.1%}, so draw it anew there"


async def _save(connection: Connection, sound: Sequence[_Sound], *, replace: bool) -> tuple[int, int]:
    rows = await connection.fetch(
        _SAVE,
        [one.area.code for one in sound],
        [one.area.official_code for one in sound],
        [msgspec.json.encode(one.area.names).decode() for one in sound],
        [one.area.silence_factor for one in sound],
        [one.polygon for one in sound],
        replace,
    )
    await wake_areas(connection, [row["id"] for row in rows])
    added = sum(row["added"] for row in rows)
    return added, len(rows) - added
