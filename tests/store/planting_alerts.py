"""Areas, alerts and revisions that tests start from, written as judging writes them."""

from datetime import datetime
from uuid import uuid4

import msgspec

from hydroalert.domain.alerts import Alert
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.severity import Severity
from hydroalert.store import Connection
from hydroalert.store.deliveries import enqueue
from tests.store.planting import NOON

_SQUARE = "SRID=4326;MULTIPOLYGON(((80 7, 81 7, 81 8, 80 8, 80 7)))"


async def plant_area(connection: Connection, code: str = "valley", parent_id: int | None = None) -> int:
    """An area; returns its id."""
    area_id: int = await connection.fetchval(
        "INSERT INTO area (code, official_code, names, parent_id, polygon) "
        "VALUES ($1::text, $1, $2, $3, ST_GeomFromEWKT($4)) RETURNING id",
        code,
        _json({"en": code.title()}),
        parent_id,
        _SQUARE,
    )
    return area_id


class PlantedAlert:
    """One alert of an area; each `tell` is one more revision of it, with its deliveries."""

    def __init__(self, connection: Connection, area_id: int, hazard: str = "flood", *, drill: bool = False) -> None:
        self._connection = connection
        self._area_id = area_id
        self._drill = drill
        self._alert = Alert(uuid4(), hazard, Severity.MINOR, raised_at=NOON, onset=NOON)

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
        heard = severity if public == "same" else public
        self._alert = msgspec.structs.replace(
            self._alert, severity=Severity(severity), public_severity=None if heard is None else Severity(heard)
        )
        async with self._connection.transaction():
            await self._write_alert(at, cleared=transition == "cleared")
            number = await self._write_revision(transition, at, public=heard is not None)
            await enqueue(
                self._connection, self._area_id, self._drill, number, public=heard is not None, operators=operators
            )
        return number

    async def _write_alert(self, at: datetime, *, cleared: bool) -> None:
        await self._connection.execute(
            "INSERT INTO alert (id, area_id, hazard, drill, active, severity, public_severity, body, raised_at, "
            "changed_at, cleared_at) VALUES ($1, $2, $3, $4, $9::timestamptz IS NULL, $5, $6, $7, $8, $8, $9) "
            "ON CONFLICT (id) DO UPDATE SET active = excluded.active, severity = excluded.severity, "
            "public_severity = excluded.public_severity, changed_at = $8, cleared_at = $9",
            self._alert.id,
            self._area_id,
            self._alert.hazard,
            self._drill,
            self._alert.severity,
            self._alert.public_severity,
            _json(self._alert),
            at,
            at if cleared else None,
        )

    async def _write_revision(self, transition: str, at: datetime, *, public: bool) -> int:
        number: int = await self._connection.fetchval(
            "UPDATE area_state SET revision = revision + 1 WHERE area_id = $1 AND drill = $2 RETURNING revision",
            self._area_id,
            self._drill,
        )
        await self._connection.execute(
            "INSERT INTO revision (area_id, drill, revision, alert_id, transition, hazard, severity, public, at, why, "
            "snapshot) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            self._area_id,
            self._drill,
            number,
            self._alert.id,
            transition,
            self._alert.hazard,
            self._alert.severity,
            public,
            at,
            _json({"alert": self._alert, "findings": []}),
            _json({"revision": number, "updated_at": rfc3339(at)}),
        )
        return number


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
