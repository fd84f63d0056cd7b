"""What deciding about reports rests on besides the reports themselves."""

from uuid import UUID

from hydroalert.store.pool import Connection

_AREAS = """
SELECT area.id FROM area JOIN report ON ST_Intersects(area.polygon, report.position) WHERE report.id = $1 ORDER BY 1
"""
_JOINED = "SELECT id FROM report WHERE duplicate_of = $1 ORDER BY id"
_MAY = "SELECT EXISTS (SELECT FROM account WHERE name = $1 AND enabled AND role IN ('operator', 'admin'))"


async def areas_around(connection: Connection, report_id: UUID) -> list[int]:
    """The ids of the areas that a report lies in."""
    return [row["id"] for row in await connection.fetch(_AREAS, report_id)]


async def joined_to(connection: Connection, report_id: UUID) -> list[UUID]:
    """The reports that are duplicates of this one."""
    return [row["id"] for row in await connection.fetch(_JOINED, report_id)]


async def may_be_assigned(connection: Connection, name: str) -> bool:
    """Whether an account of that name decides about reports, and is not shut."""
    found: bool = await connection.fetchval(_MAY, name)
    return found
