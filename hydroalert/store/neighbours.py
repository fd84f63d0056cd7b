"""Reports near another one, for who decides whether they tell of the same."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hydroalert.domain.reports import Category, State
from hydroalert.domain.severity import Severity
from hydroalert.store.pool import Connection

WITHIN_M = 500
WITHIN_TIME = timedelta(hours=3)
MOST = 50

_NEAR = f"""
SELECT other.id, other.state, other.category, other.severity, other.depth_cm, other.seen_at, other.text,
       other.duplicate_of, ST_Distance(other.position::geography, report.position::geography) AS distance_m,
       (SELECT count(*) FROM evidence WHERE evidence.report_id = other.id) AS pictures
FROM report JOIN report AS other
     ON ST_DWithin(other.position::geography, report.position::geography, {WITHIN_M})
     AND other.seen_at BETWEEN report.seen_at - $2::interval AND report.seen_at + $2 AND other.withdrawn_at IS NULL
WHERE report.id = $1 AND other.id <> $1 ORDER BY distance_m, other.seen_at, other.id LIMIT {MOST}
"""


class Neighbour(msgspec.Struct, frozen=True):
    """A report that was seen near another one, within three hours of it."""

    id: UUID
    state: State
    category: Category
    severity: Severity
    depth_cm: int | None
    seen_at: datetime
    text: str
    duplicate_of: UUID | None
    distance_m: float
    pictures: int


async def neighbours_of(connection: Connection, report_id: UUID) -> list[Neighbour]:
    """The nearest first, at most 50; without those that were withdrawn."""
    return msgspec.convert(await connection.fetch(_NEAR, report_id, WITHIN_TIME), list[Neighbour])
