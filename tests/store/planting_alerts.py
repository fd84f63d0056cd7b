"""Areas, alerts and revisions that tests start from, written as judging writes them."""

from datetime import datetime
from uuid import UUID, uuid4

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.store import Connection
from hydroalert.store.deliveries import enqueue
from tests.store.planting import NOON

_SQUARE = "SRID=4326;MULTIPOLYGON(((80 7, 81 7, 81 8, 80 8, 80 7)))"


async def plant_area(connection: Connection, code: str = "valley", parent_id: int | None = None) -> int:
    """An area; returns its id."""
    area_id: int = await connection.fetchval(
        "INSERT INTO area (code, official_code, names, parent_id, polygon) "
        "VALUES ($1::text, $1, $2::text::jsonb, $3, ST_GeomFromEWKT($4)) RETURNING id",
        code,
        msgspec.json.encode({"en": code.title()}).decode(),
        parent_id,
        _SQUARE,
    )
    return area_id


class Told:
    """One alert of an area; each `tell` is one more revision of it, with its deliveries."""

    def __init__(self, connection: Connection, area_id: int, hazard: str = "flood", *, drill: bool = False) -> None:
        self._connection = connection
        self._area_id = area_id
        self._hazard = hazard
        self._drill = drill
        self._id: UUID | None = None

    async def tell(
        self,
        transition: str,
        severity: str = "moderate",
        *,
        public: str | None = "same",
        operators: bool = True,
        at: datetime = NOON,
    ) -> int:
        """Write the next revision; `public`: the public's severity, None where it hears nothing. Returns its number."""
        public_severity = severity if public == "same" else public
        async with self._connection.transaction():
            await self._write_alert(transition, severity, public_severity, at)
            number = await self._write_revision(transition, severity, public_severity, at)
            await enqueue(
                self._connection, self._area_id, self._drill, number, public=public is not None, operators=operators
            )
        return number

    async def _write_alert(self, transition: str, severity: str, public: str | None, at: datetime) -> None:
        cleared_at = at if transition == "cleared" else None
        self._id = self._id or uuid4()
        await self._connection.execute(
            "INSERT INTO alert (id, area_id, hazard, drill, active, severity, public_severity, body, raised_at, "
            "changed_at, cleared_at) VALUES ($1, $2, $3, $4, $5, $6, $7, '{}', $8, $8, $9) "
            "ON CONFLICT (id) DO UPDATE SET active = excluded.active, severity = excluded.severity, "
            "public_severity = excluded.public_severity, changed_at = $8, cleared_at = $9",
            self._id,
            self._area_id,
            self._hazard,
            self._drill,
            cleared_at is None,
            severity,
            public,
            at,
            cleared_at,
        )

    async def _write_revision(self, transition: str, severity: str, public: str | None, at: datetime) -> int:
        number: int = await self._connection.fetchval(
            "UPDATE area_state SET revision = revision + 1 WHERE area_id = $1 AND drill = $2 RETURNING revision",
            self._area_id,
            self._drill,
        )
        state = "cleared" if transition == "cleared" else "active"
        snapshot = {"revision": number, "state": state, "severity": severity, "updated_at": rfc3339(at)}
        await self._connection.execute(
            "INSERT INTO revision (area_id, drill, revision, alert_id, transition, hazard, severity, public, at, why, "
            "snapshot) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '{}', $10::text::jsonb)",
            self._area_id,
            self._drill,
            number,
            self._id,
            transition,
            self._hazard,
            severity,
            public is not None,
            at,
            msgspec.json.encode(snapshot).decode(),
        )
        return number
