"""Rules and their versions: what raises an alert in an area, now and at any time before."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import asyncpg
import msgspec

from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.domain.rules import Rule, VersionedRule, checked
from hydroalert.store.areas import find_area
from hydroalert.store.pool import Connection
from hydroalert.store.waking import wake_areas

MAX_AUTHOR = 100

# The update holds the row, so that versions are counted by one at a time.
_HOLD = """
INSERT INTO rule (area_id, code) VALUES ($1, $2) ON CONFLICT (area_id, code) DO UPDATE SET code = excluded.code
RETURNING id, version, retired_at
"""
_NEWEST = "SELECT body::text FROM rule_version WHERE rule_id = $1 AND version = $2"
_ADD_VERSION = "INSERT INTO rule_version (rule_id, version, body, author) VALUES ($1, $2, $3, $4)"
_PUT_IN_FORCE = "UPDATE rule SET version = $2, retired_at = NULL WHERE id = $1"
_RETIRE = """
UPDATE rule SET retired_at = now() WHERE area_id = $1 AND code::text = $2 AND retired_at IS NULL RETURNING id
"""
_UNLINK = "DELETE FROM rule_datastream WHERE rule_id = $1 AND NOT datastream_id = ANY ($2::int[])"
_LINK = "INSERT INTO rule_datastream (rule_id, datastream_id) SELECT $1, unnest($2::int[]) ON CONFLICT DO NOTHING"
_MEMBERS = """
SELECT datastream.id, station.code::text AS station, datastream.code AS datastream, unit,
       EXISTS (SELECT FROM area_station WHERE area_id = $3 AND station_id = station.id) AS informs
FROM unnest($1::text[], $2::text[]) AS named (station, datastream)
JOIN station ON station.code = named.station AND NOT internal
JOIN datastream ON station_id = station.id AND datastream.code = named.datastream
"""
_IN_FORCE = """
SELECT area_id, rule.version, body::text
FROM rule JOIN rule_version ON rule_id = id AND rule_version.version = rule.version
WHERE area_id = ANY ($1::int[]) AND retired_at IS NULL ORDER BY area_id, code
"""
_LIST = """
SELECT area.code::text AS area, rule_version.version, body::text, author, rule_version.created_at, retired_at
FROM rule JOIN area ON area.id = area_id
JOIN rule_version ON rule_id = rule.id AND rule_version.version = rule.version
WHERE ($1::int IS NULL OR area_id = $1) AND ($2 OR retired_at IS NULL) ORDER BY area.code, rule.code
"""
_HISTORY = """
SELECT area.code::text AS area, rule_version.version, body::text, author, rule_version.created_at,
       CASE WHEN rule_version.version = rule.version THEN retired_at END AS retired_at
FROM rule JOIN area ON area.id = area_id JOIN rule_version ON rule_id = rule.id
WHERE area_id = $1 AND rule.code::text = $2 ORDER BY rule_version.version
"""


class StoredRule(msgspec.Struct, frozen=True):
    """A version of a rule; `retired_at` where it was the last one in force."""

    area: str
    version: int
    rule: Rule
    author: str
    created_at: datetime
    retired_at: datetime | None


class _Member(msgspec.Struct, frozen=True):
    """A datastream that a rule names."""

    id: int
    station: str
    datastream: str
    unit: str
    informs: bool


async def save_rule(connection: Connection, area: str, rule: Rule, author: str) -> int:
    """Put a rule in force in an area, within the caller's transaction; returns its version.

    One that is in force word for word adds no version. Raises InvalidInput, NotFound.
    """
    checked(rule)
    _check_author(author)
    area_id = await find_area(connection, area)
    members = await _members(connection, area_id, rule)
    held = await connection.fetchrow(_HOLD, area_id, rule.code)
    assert held is not None  # it was added or updated
    if held["retired_at"] is None and await _newest(connection, held["id"], held["version"]) == rule:
        return int(held["version"])
    version = int(held["version"]) + 1
    await connection.execute(_ADD_VERSION, held["id"], version, msgspec.json.encode(rule).decode(), author)
    await connection.execute(_PUT_IN_FORCE, held["id"], version)
    await _link(connection, held["id"], [member.id for member in members])
    await wake_areas(connection, [area_id])
    return version


async def retire_rule(connection: Connection, area: str, rule: str) -> None:
    """Put a rule out of force, within the caller's transaction; its versions are kept. Raises NotFound."""
    area_id = await find_area(connection, area)
    rule_id = await connection.fetchval(_RETIRE, area_id, rule)
    if rule_id is None:
        raise NotFound(f"no rule {rule!r} is in force in area {area}: see `hydroalert rules list --area {area}`")
    await _link(connection, rule_id, [])
    await wake_areas(connection, [area_id])


async def remarks_on(connection: Connection, area: str, rule: Rule) -> list[str]:
    """What looks odd about a rule that may be meant all the same, in words. Raises NotFound, InvalidInput."""
    members = await _members(connection, await find_area(connection, area), rule)
    units = sorted({member.unit for member in members})
    strangers = sorted({member.station for member in members if not member.informs})
    shared = any(member.thresholds is None for member in rule.members)
    found = [
        (len(units) > 1 and shared, f"its members are in {' and '.join(units)}: give each thresholds of its own"),
        (rule.signal == "accumulation" and units != ["mm"], f"it sums up {' and '.join(units)}: rain is in mm"),
        (bool(strangers), f"{', '.join(strangers)}: no station that informs the area, so its silence goes unseen"),
    ]
    return [words for odd, words in found if odd]


async def load_rules(connection: Connection, area_ids: Sequence[int]) -> dict[int, tuple[VersionedRule, ...]]:
    """The rules in force of each of these areas, by code; an area without any has none here."""
    found: defaultdict[int, list[VersionedRule]] = defaultdict(list)
    for row in await connection.fetch(_IN_FORCE, area_ids):
        found[row["area_id"]].append(VersionedRule(row["version"], _rule(row["body"])))
    return {area_id: tuple(rules) for area_id, rules in found.items()}


async def list_rules(connection: Connection, area: str | None = None, *, retired: bool = False) -> list[StoredRule]:
    """The newest version of each rule in force, of one area or all; with the `retired` too. Raises NotFound."""
    area_id = None if area is None else await find_area(connection, area)
    return [_stored(row) for row in await connection.fetch(_LIST, area_id, retired)]


async def rule_versions(connection: Connection, area: str, rule: str) -> list[StoredRule]:
    """Every version of a rule, the first first; the last is the newest. Raises NotFound."""
    rows = await connection.fetch(_HISTORY, await find_area(connection, area), rule)
    if not rows:
        raise NotFound(f"area {area} has no rule {rule!r}: see `hydroalert rules list --area {area}`")
    return [_stored(row) for row in rows]


async def _members(connection: Connection, area_id: int, rule: Rule) -> list[_Member]:
    stations = [member.station for member in rule.members]
    datastreams = [member.datastream for member in rule.members]
    members = msgspec.convert(await connection.fetch(_MEMBERS, stations, datastreams, area_id), list[_Member])
    there = {(member.station, member.datastream) for member in members}
    absent = [f"{one}/{other}" for one, other in zip(stations, datastreams, strict=True) if (one, other) not in there]
    if absent:
        raise InvalidInput(f"rule {rule.code!r}: there is no datastream {', '.join(absent)}", "members")
    return members


async def _newest(connection: Connection, rule_id: int, version: int) -> Rule | None:
    body = await connection.fetchval(_NEWEST, rule_id, version)
    return None if body is None else _rule(body)


async def _link(connection: Connection, rule_id: int, datastream_ids: list[int]) -> None:
    await connection.execute(_UNLINK, rule_id, datastream_ids)
    await connection.execute(_LINK, rule_id, datastream_ids)


def _check_author(author: str) -> None:
    if not (author.strip() and author.isprintable() and len(author) <= MAX_AUTHOR):
        raise InvalidInput(f"give an author of 1 to {MAX_AUTHOR} printable characters", "author")


def _rule(body: str) -> Rule:
    return msgspec.json.decode(body, type=Rule)


def _stored(row: asyncpg.Record) -> StoredRule:
    return StoredRule(
        row["area"], row["version"], _rule(row["body"]), row["author"], row["created_at"], row["retired_at"]
    )
