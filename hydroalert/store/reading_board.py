"""What those who follow must hear of reports and shelters: which of them changed lately, and how each is now."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from hydroalert.domain.reports import OPEN
from hydroalert.store.pool import Connection
from hydroalert.store.public_reports import COLUMNS as PUBLIC_COLUMNS
from hydroalert.store.public_reports import PublicReport
from hydroalert.store.reading_shelters import Shelter, load_shelters
from hydroalert.store.reports import COLUMNS, Report

LATELY = timedelta(minutes=5)
"""Longer than any transaction takes: what commits late is among what changed lately all the same."""
MOST_CHANGED = 10_000
"""Where more changed lately, the newest of them: a shorter while, and still longer than a transaction takes."""
MOST_STANDING = 2_000
"""Of reports that wait, and of those that the public sees: the newest."""

Row = Literal["report", "shelter"]


class Head(msgspec.Struct, frozen=True):
    """How far a report (by its id) or a shelter (by its code) is: `mark` is another after every change."""

    row: Row
    key: str
    mark: str


class LiveReport(msgspec.Struct, frozen=True):
    """A report as operators see it and as the public would, each with the areas that contain that place."""

    report: Report
    areas: tuple[str, ...]
    public: PublicReport
    public_areas: tuple[str, ...]


class LiveShelter(msgspec.Struct, frozen=True):
    """A shelter, and the areas that contain it."""

    shelter: Shelter
    areas: tuple[str, ...]


_SHELTER_HEAD = "'shelter' AS row, code::text AS key, changed_at::text AS mark"
_REPORT_HEAD = "'report' AS row, id::text AS key, version::text AS mark"

_CHANGED = f"""
    (SELECT {_REPORT_HEAD} FROM report WHERE changed_at > now() - $1::interval ORDER BY changed_at DESC LIMIT $2)
    UNION ALL
    (SELECT {_SHELTER_HEAD} FROM shelter WHERE changed_at > now() - $1::interval ORDER BY changed_at DESC LIMIT $2)
"""
_STANDING = f"""
    (SELECT {_REPORT_HEAD} FROM report WHERE state = ANY ($1::text[]) AND withdrawn_at IS NULL
     ORDER BY seen_at DESC LIMIT $3)
    UNION ALL
    (SELECT {_REPORT_HEAD} FROM report WHERE state = 'verified' AND withdrawn_at IS NULL AND seen_quarter >= $2
     ORDER BY seen_quarter DESC, public_id DESC LIMIT $3)
"""
_SHELTERS = f"SELECT {_SHELTER_HEAD} FROM shelter"
_COUNT = "SELECT count(*) FROM shelter"
_REPORTS = f"""
    SELECT {COLUMNS}, ARRAY(SELECT area.code::text FROM area WHERE ST_Covers(polygon, position)) AS areas
    FROM report WHERE report.id = ANY ($1::uuid[])
"""
_PUBLIC = f"""
    SELECT report.id AS report_id, {PUBLIC_COLUMNS},
           ARRAY(SELECT area.code::text FROM area WHERE ST_Covers(polygon, cell)) AS areas
    FROM report WHERE report.id = ANY ($1::uuid[])
"""
_AREAS = """
    SELECT shelter.code::text, ARRAY(SELECT area.code::text FROM area WHERE ST_Covers(polygon, position)) AS areas
    FROM shelter WHERE shelter.code::text = ANY ($1::text[])
"""


async def changed_lately(connection: Connection) -> list[Head]:
    """Reports and shelters that changed in the last minutes."""
    return msgspec.convert(await connection.fetch(_CHANGED, LATELY, MOST_CHANGED), list[Head])


async def standing_reports(connection: Connection, since: datetime) -> list[Head]:
    """Reports that wait for a decision, and verified ones that were seen `since`: the newest of both."""
    return msgspec.convert(await connection.fetch(_STANDING, sorted(OPEN), since, MOST_STANDING), list[Head])


async def all_shelters(connection: Connection) -> list[Head]:
    """Every shelter that there is."""
    return msgspec.convert(await connection.fetch(_SHELTERS), list[Head])


async def count_shelters(connection: Connection) -> int:
    """Who knows of more or fewer than that has missed something."""
    found: int = await connection.fetchval(_COUNT)
    return found


async def live_reports(connection: Connection, heads: Sequence[Head]) -> list[LiveReport]:
    """These reports as they are now."""
    ids = [UUID(head.key) for head in heads if head.row == "report"]
    if not ids:
        return []
    public = {row["report_id"]: row for row in await connection.fetch(_PUBLIC, ids)}
    return [
        LiveReport(
            msgspec.convert(row, Report),
            tuple(row["areas"]),
            msgspec.convert(public[row["id"]], PublicReport),
            tuple(public[row["id"]]["areas"]),
        )
        for row in await connection.fetch(_REPORTS, ids)
        if row["id"] in public
    ]


async def live_shelters(connection: Connection, heads: Sequence[Head]) -> list[LiveShelter]:
    """These shelters as they are now; without those that are gone."""
    codes = [head.key for head in heads if head.row == "shelter"]
    if not codes:
        return []
    areas = {code: tuple(several) for code, several in await connection.fetch(_AREAS, codes)}
    return [LiveShelter(one, areas.get(one.code, ())) for one in await load_shelters(connection, codes)]
