"""Puts areas, their revisions and alerts into a test's database, as alerting would."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec

SQUARE = "MULTIPOLYGON((({0} {1},{2} {1},{2} {3},{0} {3},{0} {1})))"


@dataclass
class Alarms:
    """The areas of one test."""

    connection: asyncpg.Connection

    async def add_area(self, code: str, *, lon: float = 80.0, lat: float = 7.0) -> None:
        """A square of a tenth of a degree whose lower left corner is there; judged, and calm."""
        area_id = await self.connection.fetchval(
            "INSERT INTO area (code, official_code, names, polygon) "
            "VALUES ($1::text, $1::text, $2, ST_GeomFromText($3, 4326)) RETURNING id",
            code,
            msgspec.json.encode({"en": code.title()}).decode(),
            SQUARE.format(lon, lat, lon + 0.1, lat + 0.1),
        )
        snapshot = _snapshot(code, 0, None, drill=False)
        await self.connection.execute(
            "UPDATE area_state SET snapshot = $2, judged_at = now() WHERE area_id = $1 AND NOT drill", area_id, snapshot
        )

    async def revise(
        self,
        code: str,
        severity: str | None,
        *,
        at: datetime | None = None,
        public: bool = True,
        drill: bool = False,
        hazard: str = "flood",
    ) -> int:
        """One revision more: the area is now at that severity, None for cleared. Returns its number."""
        at = at or datetime.now(UTC)
        async with self.connection.transaction():
            area_id, number = await self.connection.fetchrow(
                "UPDATE area_state SET revision = revision + 1, updated_at = $3 FROM area "
                "WHERE area.id = area_id AND code = $1 AND drill = $2 RETURNING area_id, revision",
                code,
                drill,
                at,
            )
            snapshot = _snapshot(code, number, severity, drill=drill)
            await self.connection.execute(
                "UPDATE area_state SET snapshot = $3 WHERE area_id = $1 AND drill = $2", area_id, drill, snapshot
            )
            alert_id = await self._alert(area_id, severity, at, hazard=hazard, drill=drill, public=public)
            await self.connection.execute(
                "INSERT INTO revision (area_id, drill, revision, alert_id, transition, hazard, severity, public, at, "
                "why, snapshot) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                *(area_id, drill, number, alert_id, "raised" if severity else "cleared", hazard, severity or "minor"),
                *(public, at, _why(code, hazard, severity if public else None), snapshot),
            )
        return int(number)

    async def be_alive(self) -> None:
        """As an alerting process says that it is."""
        await self.connection.execute(
            "INSERT INTO alerter VALUES ($1, now() + interval '1 hour') ON CONFLICT DO NOTHING", uuid.uuid4()
        )

    async def _alert(
        self, area_id: int, severity: str | None, at: datetime, *, hazard: str, drill: bool, public: bool
    ) -> uuid.UUID:
        standing = await self.connection.fetchval(
            "SELECT id FROM alert WHERE area_id = $1 AND hazard = $2 AND drill = $3 AND active", area_id, hazard, drill
        )
        raised_at = await self.connection.fetchval("SELECT raised_at FROM alert WHERE id = $1", standing) or at
        if standing is None:
            standing = uuid.uuid4()
            await self.connection.execute(
                "INSERT INTO alert (id, area_id, hazard, drill, active, severity, body, raised_at, changed_at) "
                "VALUES ($1, $2, $3, $4, true, 'minor', '{}', $5, $5)",
                *(standing, area_id, hazard, drill, at),
            )
        body = {
            "id": str(standing),
            "hazard": hazard,
            "severity": severity or "minor",
            "raised_at": raised_at,
            "onset": raised_at,
        }
        await self.connection.execute(
            "UPDATE alert SET severity = coalesce($2::text, severity), public_severity = CASE WHEN $3 THEN "
            "coalesce($2, severity) END, changed_at = $4::timestamptz, active = $2::text IS NOT NULL, "
            "cleared_at = CASE WHEN $2 IS NULL THEN $4::timestamptz END, body = $5 WHERE id = $1",
            *(standing, severity, public, at, msgspec.json.encode(body).decode()),
        )
        return standing


def _snapshot(code: str, revision: int, severity: str | None, *, drill: bool) -> str:
    snapshot: dict[str, Any] = {
        "area": code,
        "official_code": code,
        "name": code.title(),
        "state": "active" if severity else "cleared",
        "severity": severity,
        "status": "exercise" if drill else "actual",
        "revision": revision,
        "updated_at": "2025-11-28T06:30:00.000Z",
        "blind": False,
        "blind_since": None,
        "headline": f"{code.title()}: {severity or 'nothing'}",
        "instruction": "",
        "alerts": [],
    }
    return msgspec.json.encode(snapshot).decode()


def _why(code: str, hazard: str, heard: str | None) -> str:
    finding = {
        "rule": "level",
        "version": 3,
        "hazard": hazard,
        "station": code,
        "datastream": "level",
        "value": 4.2,
        "time": None,
    }
    return msgspec.json.encode({"findings": [finding], "alert": {"public_severity": heard}}).decode()
