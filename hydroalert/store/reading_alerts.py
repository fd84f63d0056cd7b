"""Alerts as they are read: those that stand or stood, their revisions, and why each came."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from hydroalert.domain import alerts
from hydroalert.domain.severity import Severity
from hydroalert.store.pool import Connection
from hydroalert.store.reading_stations import Box

State = Literal["active", "cleared", "all"]

_TOLERANCE_DEGREES = 0.001


class Question(msgspec.Struct, frozen=True):
    """Which alerts are asked for. `severity`: at least. `since`: changed then or later.

    `operators`: also what the public does not hear of, and as severe as they see it.
    """

    state: State = "active"
    areas: tuple[str, ...] = ()
    severity: Severity | None = None
    hazard: str | None = None
    box: Box | None = None
    since: datetime | None = None
    drill: bool = False
    operators: bool = False


class Place(msgspec.Struct, frozen=True):
    """Behind which alert a page starts: the newest come first."""

    raised_at: datetime
    id: UUID


class Alert(msgspec.Struct, frozen=True):
    """An alert in its area; `severity` as who asks may see it. `geometry`: GeoJSON, only where it was asked for."""

    area: str
    names: dict[str, str]
    drill: bool
    active: bool
    severity: Severity
    public_severity: Severity | None
    changed_at: datetime
    cleared_at: datetime | None
    body: alerts.Alert
    geometry: str | None = None


class Revision(msgspec.Struct, frozen=True):
    """One revision of an alert; `headline` of its area then. `findings`: what it rested on, as it was kept."""

    revision: int
    transition: str
    severity: Severity
    public_severity: Severity | None
    public: bool
    at: datetime
    author: str | None
    reason: str | None
    headline: str | None
    findings: list[dict[str, Any]]


class Remark(msgspec.Struct, frozen=True):
    """What a person said of an alert."""

    kind: str
    author: str
    text: str
    at: datetime


class Decided(msgspec.Struct, frozen=True):
    """What is decided by hand, and until when."""

    hazard: str
    kind: str
    severity: str | None
    author: str
    reason: str
    created_at: datetime
    expires_at: datetime


class Judged(msgspec.Struct, frozen=True):
    """How an area was last judged. `failure`: why that could not be done."""

    revision: int
    judged_at: datetime | None
    judge_at: datetime | None
    failure: str | None
    findings: list[dict[str, Any]]
    by_hand: list[Decided]


_COLUMNS = """
    SELECT area.code::text, area.names::text, alert.drill, alert.active, alert.severity, alert.public_severity,
           alert.changed_at, alert.cleared_at, alert.body::text,
           CASE WHEN $1 THEN ST_AsGeoJSON(ST_SimplifyPreserveTopology(polygon, $2), 5) END AS geometry
    FROM alert JOIN area ON area.id = alert.area_id
"""
# Of each side of the box: an index finds it, and a whole polygon is looked at only where that is not enough.
_LIST = f"""
    {_COLUMNS}
    WHERE alert.drill = $3
      AND ($4 OR alert.public_severity IS NOT NULL)
      AND ($5::boolean IS NULL OR alert.active = $5)
      AND (cardinality($6::text[]) = 0 OR area.code = ANY($6))
      AND CASE WHEN $4 THEN alert.severity ELSE alert.public_severity END = ANY($7::text[])
      AND ($8::text IS NULL OR alert.hazard = $8)
      AND ($9::timestamptz IS NULL OR alert.changed_at >= $9)
      AND ($10::float8[] IS NULL
           OR ST_Intersects(polygon, ST_MakeEnvelope($10[1], $10[2], $10[3], $10[4], 4326))
           OR ST_Intersects(polygon, ST_MakeEnvelope($10[5], $10[6], $10[7], $10[8], 4326)))
      AND ($11::timestamptz IS NULL OR (alert.raised_at, alert.id) < ($11, $12::uuid))
    ORDER BY alert.raised_at DESC, alert.id DESC LIMIT $13
"""
_ONE = f"{_COLUMNS} WHERE alert.id = $3 AND ($4 OR alert.public_severity IS NOT NULL)"
_REVISIONS = """
    SELECT revision, transition, severity, why -> 'alert' ->> 'public_severity' AS public_severity, public, at, author,
           reason, snapshot ->> 'headline' AS headline, (why -> 'findings')::text AS findings
    FROM revision WHERE alert_id = $1 AND (public OR $2) ORDER BY revision
"""
_REMARKS = "SELECT kind, author, text, at FROM remark WHERE alert_id = $1 ORDER BY id"
_JUDGED = """
    SELECT revision, judged_at, CASE WHEN isfinite(judge_at) THEN judge_at END AS judge_at, failure, findings::text
    FROM area_state JOIN area ON area.id = area_id WHERE area.code = $1 AND drill = $2
"""
_BY_HAND = """
    SELECT hazard::text, kind, severity, author, reason, override.created_at, expires_at
    FROM override JOIN area ON area.id = area_id
    WHERE area.code = $1 AND drill = $2 AND ended_at IS NULL AND expires_at > $3
    ORDER BY override.created_at
"""


async def list_alerts(
    connection: Connection, question: Question, after: Place | None, limit: int, *, shaped: bool = False
) -> list[Alert]:
    """Up to `limit` alerts, the newest first, behind `after`; with their areas' simplified polygons if `shaped`."""
    rows = await connection.fetch(
        _LIST,
        *(shaped, _TOLERANCE_DEGREES, question.drill, question.operators),
        None if question.state == "all" else question.state == "active",
        list(question.areas),
        [one.value for one in Severity if question.severity is None or one.rank >= question.severity.rank],
        *(question.hazard, question.since, _sides(question.box)),
        *((None, None) if after is None else (after.raised_at, after.id)),
        limit,
    )
    return [_alert(row, operators=question.operators) for row in rows]


async def find_alert(
    connection: Connection, alert_id: UUID, *, operators: bool = False, shaped: bool = False
) -> Alert | None:
    """The alert of that id, if who asks may see it."""
    row = await connection.fetchrow(_ONE, shaped, _TOLERANCE_DEGREES, alert_id, operators)
    return None if row is None else _alert(row, operators=operators)


async def revisions_of(connection: Connection, alert_id: UUID, *, operators: bool = False) -> list[Revision]:
    """The revisions of an alert in their order; those that the public sees, or all."""
    return [_revision(row) for row in await connection.fetch(_REVISIONS, alert_id, operators)]


async def remarks_on(connection: Connection, alert_id: UUID) -> list[Remark]:
    """What people said of an alert, in its order."""
    return msgspec.convert(await connection.fetch(_REMARKS, alert_id), list[Remark])


async def read_judged(connection: Connection, area: str, now: datetime, *, drill: bool = False) -> Judged | None:
    """How an area was last judged, and what is decided by hand; None where there is no such area."""
    row = await connection.fetchrow(_JUDGED, area, drill)
    if row is None:
        return None
    decided = msgspec.convert(await connection.fetch(_BY_HAND, area, drill, now), list[Decided])
    revision, judged_at, judge_at, failure, findings = row
    return Judged(revision, judged_at, judge_at, failure, msgspec.json.decode(findings), decided)


def _alert(row: Any, *, operators: bool) -> Alert:
    area, names, drill, active, severity, public, changed_at, cleared_at, body, geometry = row
    heard = None if public is None else Severity(public)
    seen = Severity(severity) if operators or heard is None else heard
    spoken, whole = msgspec.json.decode(names, type=dict[str, str]), msgspec.json.decode(body, type=alerts.Alert)
    return Alert(area, spoken, drill, active, seen, heard, changed_at, cleared_at, whole, geometry)


def _revision(row: Any) -> Revision:
    number, transition, severity, heard, public, at, author, reason, headline, findings = row
    shown = msgspec.json.decode(findings) if findings else []
    heard = None if heard is None else Severity(heard)
    return Revision(number, transition, Severity(severity), heard, public, at, author, reason, headline, shown)


def _sides(box: Box | None) -> list[float] | None:
    if box is None:
        return None
    return [side for half in box.halves() for side in (half.west, half.south, half.east, half.north)]
