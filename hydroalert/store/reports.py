"""Reports as they are kept. Whoever changes one holds its row locked, and says in an event what was done."""

from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.domain.reports import Category, Depth, State
from hydroalert.domain.severity import Severity
from hydroalert.store.pool import Connection, Pool
from hydroalert.store.report_events import NewEvent, append_event

COLUMNS = """
    report.id, ST_X(report.position) AS lon, ST_Y(report.position) AS lat, report.accuracy_m, report.seen_at,
    report.submitted_at, report.category, report.depth_cm, report.depth_word, report.text, report.language,
    report.severity, report.state, report.version,
    (SELECT name FROM account WHERE account.id = report.assigned_to) AS assigned_to,
    report.duplicate_of, report.withdrawn_at, report.contact IS NOT NULL AS has_contact, report.contact_until,
    report.erased_at, report.reviewed_at, report.decided_at, report.resolved_at, report.changed_at
"""
"""What `Report` is read from; for every statement over `report` that gives whole ones."""

_ADD = """
INSERT INTO report (id, position, accuracy_m, seen_at, submitted_at, category, depth_cm, depth_word, text, language,
                    severity, cell, seen_quarter, tracking, contact, contact_until, reporter, once, once_body,
                    changed_at)
VALUES ($1, ST_SetSRID(ST_MakePoint($2, $3), 4326), $4, $5, $6, $7, $8, $9, $10, $11, $12,
        ST_SetSRID(ST_MakePoint($13, $14), 4326), $15, $16, $17, $18, $19, $20, $21, $6)
ON CONFLICT (once) DO NOTHING RETURNING id
"""
_FIND = f"SELECT {COLUMNS} FROM report WHERE report.id = $1"
_LOCK = f"{_FIND} FOR NO KEY UPDATE OF report"
_TRACKED = f"SELECT {COLUMNS} FROM report WHERE report.tracking = $1"
_LOCK_TRACKED = f"{_TRACKED} FOR NO KEY UPDATE OF report"
_SENT_ONCE = f"SELECT {COLUMNS}, once_body FROM report WHERE report.once = $1"
_LIST = f"""
SELECT {COLUMNS} FROM report
WHERE ($1::text IS NULL OR state = $1) AND (withdrawn_at IS NULL OR $2) ORDER BY submitted_at DESC, id LIMIT $3
"""
_CHANGE = """
UPDATE report SET state = $2, assigned_to = (SELECT id FROM account WHERE name = $3), duplicate_of = $4,
                  withdrawn_at = $5, contact_until = $6, reviewed_at = $7, decided_at = $8, resolved_at = $9,
                  version = $10, changed_at = $11
WHERE id = $1
"""


class NewReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is written. WGS 84 degrees; `depth_cm` also where a word was given, then what that stands for.

    `cell_lon`, `cell_lat`, `seen_quarter`: what the public map shows (`reports.coarse`). `tracking`: SHA-256 of the
    tracking code. `contact`: sealed. `once`, `once_body`, `reporter`: digests under a key (`reports.vault`).
    """

    id: UUID
    lon: float
    lat: float
    accuracy_m: float | None
    seen_at: datetime
    submitted_at: datetime
    category: Category
    depth_cm: int | None
    depth_word: Depth | None
    text: str
    language: str
    severity: Severity
    cell_lon: float
    cell_lat: float
    seen_quarter: datetime
    tracking: bytes
    contact: bytes | None = None
    contact_until: datetime | None = None
    reporter: bytes | None = None
    once: bytes | None = None
    once_body: bytes | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it is kept, all but its contact. `version`: how many events its story has; `assigned_to`: an
    account's name; `reviewed_at`: when it was first taken under review.
    """

    id: UUID
    lon: float
    lat: float
    accuracy_m: float | None
    seen_at: datetime
    submitted_at: datetime
    category: Category
    depth_cm: int | None
    depth_word: Depth | None
    text: str
    language: str
    severity: Severity
    state: State
    version: int
    assigned_to: str | None
    duplicate_of: UUID | None
    withdrawn_at: datetime | None
    has_contact: bool
    contact_until: datetime | None
    erased_at: datetime | None
    reviewed_at: datetime | None
    decided_at: datetime | None
    resolved_at: datetime | None
    changed_at: datetime


async def add_report(connection: Connection, new: NewReport, event: NewEvent) -> bool:
    """Keep it with the first event of its story, in the caller's transaction.

    False where one stands already that was sent with the same idempotency key; two who add it at once wait for each
    other here.
    """
    values = (
        *(new.id, new.lon, new.lat, new.accuracy_m, new.seen_at, new.submitted_at, new.category.value),
        *(new.depth_cm, new.depth_word and new.depth_word.value, new.text, new.language, new.severity.value),
        *(new.cell_lon, new.cell_lat, new.seen_quarter, new.tracking),
        *(new.contact, new.contact_until, new.reporter, new.once, new.once_body),
    )
    if await connection.fetchval(_ADD, *values) is None:
        return False
    await append_event(connection, new.id, 1, event, state=State.SUBMITTED, at=new.submitted_at)
    return True


async def find_report(connection: Connection, report_id: UUID) -> Report | None:
    """The report of that id, to look at."""
    return _report(await connection.fetchrow(_FIND, report_id))


async def lock_report(connection: Connection, report_id: UUID) -> Report | None:
    """The same, to change it: nobody else does until the caller's transaction ends."""
    return _report(await connection.fetchrow(_LOCK, report_id))


async def find_tracked(connection: Connection, tracking: bytes) -> Report | None:
    """The report whose tracking code has that SHA-256, to look at."""
    return _report(await connection.fetchrow(_TRACKED, tracking))


async def lock_tracked(connection: Connection, tracking: bytes) -> Report | None:
    """The same, to change it."""
    return _report(await connection.fetchrow(_LOCK_TRACKED, tracking))


async def find_sent_once(connection: Connection, once: bytes) -> tuple[Report, bytes] | None:
    """The report that was sent with an idempotency key of that digest, and the digest of what was sent."""
    row = await connection.fetchrow(_SENT_ONCE, once)
    return None if row is None else (msgspec.convert(row, Report), row["once_body"])


async def list_reports(
    connection: Connection | Pool, state: State | None = None, *, withdrawn: bool = False, limit: int = 100
) -> list[Report]:
    """Reports, the newest first; in that state only, and without those that were withdrawn, unless `withdrawn`."""
    return msgspec.convert(await connection.fetch(_LIST, state and state.value, withdrawn, limit), list[Report])


async def change_report(connection: Connection, changed: Report, event: NewEvent, at: datetime) -> Report:
    """Write what became of a report that the caller's transaction holds locked, and the event that says what it was.

    `changed` is the report as it was read, with anything of `state`, `assigned_to`, `duplicate_of`, `withdrawn_at`,
    `contact_until`, `reviewed_at`, `decided_at` and `resolved_at` replaced; nothing else of it is written. With none
    replaced, only the event is added. Returns it as it is now: its version is the event's number, one higher.
    """
    now = msgspec.structs.replace(changed, version=changed.version + 1, changed_at=at)
    await connection.execute(
        _CHANGE,
        *(now.id, now.state.value, now.assigned_to, now.duplicate_of, now.withdrawn_at, now.contact_until),
        *(now.reviewed_at, now.decided_at, now.resolved_at, now.version, now.changed_at),
    )
    await append_event(connection, now.id, now.version, event, state=now.state, at=at)
    return now


def _report(row: object | None) -> Report | None:
    return None if row is None else msgspec.convert(row, Report)
