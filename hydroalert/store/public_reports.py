"""Reports as the public sees them: of a row, only the columns that were made coarse for it."""

from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.domain.reports import Category
from hydroalert.domain.severity import Severity
from hydroalert.store.pool import Connection
from hydroalert.store.reading_stations import Box

COLUMNS = """
    public_id AS id, ST_X(cell) AS lon, ST_Y(cell) AS lat, seen_quarter, category, severity, depth_cm,
    state = 'verified' AND withdrawn_at IS NULL AS stands
"""
"""What `PublicReport` is read from; for every statement over `report` that gives them."""

# Box and time act on what is shown: else the exact place could be found by shrinking boxes around it.
_LIST = f"""
SELECT {COLUMNS} FROM report
WHERE state = 'verified' AND withdrawn_at IS NULL AND seen_quarter >= $1
  AND ($2::float8[] IS NULL
       OR ST_X(cell) BETWEEN $2[1] AND $2[3] AND ST_Y(cell) BETWEEN $2[2] AND $2[4]
       OR ST_X(cell) BETWEEN $2[5] AND $2[7] AND ST_Y(cell) BETWEEN $2[6] AND $2[8])
  AND ($3::timestamptz IS NULL OR (seen_quarter, public_id) < ($3, $4::uuid))
ORDER BY seen_quarter DESC, public_id DESC LIMIT $5
"""
_FIND = f"SELECT {COLUMNS} FROM report WHERE id = $1"


class PublicReport(msgspec.Struct, frozen=True):
    """A report by its public id and the centre of its cell. `stands`: it is verified and was not withdrawn."""

    id: UUID
    lon: float
    lat: float
    seen_quarter: datetime
    category: Category
    severity: Severity
    depth_cm: int | None
    stands: bool


class Place(msgspec.Struct, frozen=True, array_like=True):
    """Behind which report a page starts: the newest come first."""

    seen_quarter: datetime
    id: UUID


async def list_public_reports(
    connection: Connection, since: datetime, box: Box | None, after: Place | None, limit: int
) -> list[PublicReport]:
    """Up to `limit` verified reports of cells in the box, seen in the quarter `since` or later, behind `after`."""
    sides = None if box is None else [side for half in box.halves() for side in msgspec.structs.astuple(half)]
    place = (None, None) if after is None else (after.seen_quarter, after.id)
    return msgspec.convert(await connection.fetch(_LIST, since, sides, *place, limit), list[PublicReport])


async def find_public_report(connection: Connection, report_id: UUID) -> PublicReport | None:
    """One report as the public would see it, whether it stands or not; by its own id."""
    row = await connection.fetchrow(_FIND, report_id)
    return None if row is None else msgspec.convert(row, PublicReport)
