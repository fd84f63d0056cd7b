"""What a judgement leaves behind: revisions, alerts, the area's state; and what tells others of them, all at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.store.pool import Connection

_ALERT = """
INSERT INTO alert (id, area_id, hazard, drill, active, severity, public_severity, body, raised_at, changed_at,
    cleared_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CASE WHEN $5 THEN NULL ELSE $10::timestamptz END)
ON CONFLICT (id) DO UPDATE SET active = excluded.active, severity = excluded.severity,
    public_severity = excluded.public_severity, body = excluded.body, changed_at = excluded.changed_at,
    cleared_at = excluded.cleared_at
"""
_REVISION = """
INSERT INTO revision (area_id, drill, revision, alert_id, transition, hazard, severity, public, at, author, reason,
    why, snapshot)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_OUTBOX = "INSERT INTO outbox (area_id, drill, revision) VALUES ($1, $2, $3)"
_FIRST_DRILL = "INSERT INTO publication (area_id, drill) VALUES ($1, true) ON CONFLICT DO NOTHING"
_CAP = """
INSERT INTO cap_message (identifier, area_id, drill, revision, alert_id, message_type, sent, expires, xml)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
_STATE = """
UPDATE area_state SET memory = $3, findings = $4, judge_at = $5, judged_at = $6, revision = $7, updated_at = $8,
    snapshot = $9, failure = NULL
WHERE area_id = $1 AND drill = $2
"""
_JUDGED = """
UPDATE area_state SET memory = new.memory, findings = new.findings, judge_at = new.judge_at,
    judged_at = new.judged_at, failure = NULL
FROM unnest($1::int[], $2::bool[], $3::jsonb[], $4::jsonb[], $5::timestamptz[], $6::timestamptz[])
    AS new (area_id, drill, memory, findings, judge_at, judged_at)
WHERE area_state.area_id = new.area_id AND area_state.drill = new.drill
"""
_RENEW = "UPDATE publication SET renew_at = '-infinity' WHERE area_id = $1 AND drill = $2"
_REFRESH = (
    "UPDATE alert SET body = new.body FROM unnest($1::uuid[], $2::jsonb[]) AS new (id, body) WHERE alert.id = new.id"
)
_FAILED = """
UPDATE area_state SET failure = $3, judge_at = $4 WHERE area_id = $1 AND drill = $2
"""


class AlertRow(msgspec.Struct, frozen=True):
    """An alert as it is kept; `body` is the whole of it as JSON."""

    id: UUID
    area_id: int
    hazard: str
    drill: bool
    active: bool
    severity: str
    public_severity: str | None
    body: str
    raised_at: datetime
    changed_at: datetime


class RevisionRow(msgspec.Struct, frozen=True):
    """One revision; `why` and `snapshot` are JSON."""

    area_id: int
    drill: bool
    revision: int
    alert_id: UUID
    transition: str
    hazard: str
    severity: str
    public: bool
    at: datetime
    author: str | None
    reason: str | None
    why: str
    snapshot: str


class JudgedArea(msgspec.Struct, frozen=True):
    """What an area's judgement keeps; `memory` and `findings` are JSON."""

    area_id: int
    drill: bool
    memory: str
    findings: str
    judge_at: datetime
    judged_at: datetime


async def add_revision(connection: Connection, alert: AlertRow, revision: RevisionRow) -> None:
    """Write an alert as it is after a revision, the revision, and that the public must see it, if it must."""
    await connection.execute(_ALERT, *msgspec.structs.astuple(alert))
    await connection.execute(_REVISION, *msgspec.structs.astuple(revision))
    if revision.public:
        if revision.drill:
            await connection.execute(_FIRST_DRILL, revision.area_id)
        await connection.execute(_OUTBOX, revision.area_id, revision.drill, revision.revision)


async def keep_message(connection: Connection, revision: RevisionRow, message: tuple[object, ...]) -> None:
    """Keep the CAP message of a revision: (identifier, type, sent, expires, XML)."""
    identifier, *rest = message
    key = (revision.area_id, revision.drill, revision.revision, revision.alert_id)
    await connection.execute(_CAP, identifier, *key, *rest)


async def change_state(
    connection: Connection, judged: JudgedArea, revision: int, *, at: datetime, snapshot: str
) -> None:
    """Let the area be what it is after its newest revision."""
    await connection.execute(_STATE, *msgspec.structs.astuple(judged), revision, at, snapshot)


async def renew_publication(connection: Connection, area_id: int, *, drill: bool) -> None:
    """Have the area's retained topic told again soon, though its revision is the same."""
    await connection.execute(_RENEW, area_id, drill)


async def keep_judged(connection: Connection, judged: Sequence[JudgedArea]) -> None:
    """Keep what was found of areas in which nothing changed."""
    if judged:
        columns = zip(*map(msgspec.structs.astuple, judged), strict=True)
        await connection.execute(_JUDGED, *map(list, columns))


async def refresh_alerts(connection: Connection, alerts: Sequence[tuple[UUID, str]]) -> None:
    """Give standing alerts today's values: (id, body as JSON)."""
    if alerts:
        await connection.execute(_REFRESH, [one for one, _ in alerts], [body for _, body in alerts])


async def mark_failed(connection: Connection, area_id: int, failure: str, again_at: datetime, *, drill: bool) -> None:
    """An area that could not be judged says so, and is tried again later; others need not wait for it."""
    await connection.execute("DELETE FROM area_due WHERE area_id = $1 AND drill = $2", area_id, drill)
    await connection.execute(_FAILED, area_id, drill, failure[:1000], again_at)
