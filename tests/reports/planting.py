"""Reports that tests start from, kept as `reports.submitting` keeps them."""

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec

from hydroalert.domain.reports import Category, State, severity_of
from hydroalert.store import Connection
from hydroalert.store.report_events import NewEvent
from hydroalert.store.reports import NewReport, Report, add_report

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
LON, LAT = 80.2, 7.1


async def plant_report(connection: Connection, at: datetime = NOON, **given: Any) -> UUID:
    """A report of a flooded road in the middle of an area that `plant_area` made, seen and sent at that time."""
    category = given.setdefault("category", Category.FLOODED_ROAD)
    given = {"lon": LON, "lat": LAT, "accuracy_m": None, "depth_cm": None, "depth_word": None, "text": ""} | given
    new = NewReport(
        id=uuid4(),
        seen_at=given.pop("seen_at", at),
        submitted_at=at,
        language="en",
        severity=severity_of(category, given["depth_cm"]),
        cell_lon=given["lon"],
        cell_lat=given["lat"],
        seen_quarter=at,
        tracking=secrets.token_bytes(32),
        **given,
    )
    assert await add_report(connection, new, NewEvent("submitted", "reporter", shown=True))
    return new.id


def report(**changed: Any) -> Report:
    """A report that nobody has looked at yet, not kept anywhere."""
    plain = Report(
        id=uuid4(),
        lon=LON,
        lat=LAT,
        accuracy_m=None,
        seen_at=NOON,
        submitted_at=NOON,
        category=Category.OTHER,
        depth_cm=None,
        depth_word=None,
        text="",
        language="en",
        severity=severity_of(Category.OTHER, None),
        state=State.SUBMITTED,
        version=1,
        assigned_to=None,
        duplicate_of=None,
        withdrawn_at=None,
        has_contact=False,
        contact_until=None,
        erased_at=None,
        reviewed_at=None,
        decided_at=None,
        resolved_at=None,
        changed_at=NOON,
    )
    return msgspec.structs.replace(plain, **changed)
