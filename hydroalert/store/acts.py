"""What people did to alerts: overrides and remarks."""

from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.store.pool import Connection

_REMARK = "INSERT INTO remark (alert_id, kind, author, text, at) VALUES ($1, $2, $3, $4, $5)"
_OVERRIDE = """
INSERT INTO override (id, area_id, hazard, drill, kind, severity, reason, author, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_END_SAME = """
UPDATE override SET ended_at = $4
WHERE area_id = $1 AND hazard = $2 AND drill = $3 AND ended_at IS NULL AND expires_at > $4
"""
_END_ALL = """
UPDATE override SET ended_at = $3 WHERE area_id = $1 AND drill = $2 AND ended_at IS NULL AND expires_at > $3
RETURNING hazard
"""
_PLACE = """
SELECT alert.id, area.code::text AS area, hazard::text, drill, active, alert.severity
FROM alert JOIN area ON area.id = area_id WHERE alert.id = $1
"""
_IN_FORCE = """
SELECT area.code::text AS area, hazard::text, drill, kind, severity, reason, author, override.created_at, expires_at
FROM override JOIN area ON area.id = area_id
WHERE ended_at IS NULL AND expires_at > $1 ORDER BY area.code, hazard
"""


class PlacedAlert(msgspec.Struct, frozen=True):
    """Where an alert is, and whether it stands."""

    id: UUID
    area: str
    hazard: str
    drill: bool
    active: bool
    severity: str


class NewOverride(msgspec.Struct, frozen=True):
    """An override as it is written; it takes the place of another of the same hazard."""

    id: UUID
    area_id: int
    hazard: str
    drill: bool
    kind: str
    severity: str
    reason: str
    author: str
    created_at: datetime
    expires_at: datetime


class OverrideInForce(msgspec.Struct, frozen=True):
    """An override that has neither expired nor ended."""

    area: str
    hazard: str
    drill: bool
    kind: str
    severity: str
    reason: str
    author: str
    created_at: datetime
    expires_at: datetime


async def find_alert(connection: Connection, alert_id: UUID) -> PlacedAlert | None:
    """Where this alert is; None where there is none."""
    row = await connection.fetchrow(_PLACE, alert_id)
    return None if row is None else msgspec.convert(row, PlacedAlert)


async def add_remark(
    connection: Connection, alert_id: UUID, kind: str, *, author: str, text: str, at: datetime
) -> None:
    """Keep what somebody said of an alert: `acknowledge`, `release`, `confirm` or `comment`."""
    await connection.execute(_REMARK, alert_id, kind, author, text, at)


async def put_override(connection: Connection, override: NewOverride) -> None:
    """Put an override in force, in the place of any other of its hazard."""
    await connection.execute(_END_SAME, override.area_id, override.hazard, override.drill, override.created_at)
    await connection.execute(_OVERRIDE, *msgspec.structs.astuple(override))


async def end_overrides(connection: Connection, area_id: int, at: datetime, *, drill: bool) -> list[str]:
    """End what was decided by hand for this area; the hazards that it was for."""
    return [row["hazard"] for row in await connection.fetch(_END_ALL, area_id, drill, at)]


async def end_override(connection: Connection, area_id: int, hazard: str, at: datetime, *, drill: bool) -> bool:
    """End what was decided by hand for this hazard; False where nothing was."""
    return not (await connection.execute(_END_SAME, area_id, hazard, drill, at)).endswith(" 0")


async def list_overrides(connection: Connection, now: datetime) -> list[OverrideInForce]:
    """All that is in force."""
    return msgspec.convert(await connection.fetch(_IN_FORCE, now), list[OverrideInForce])
