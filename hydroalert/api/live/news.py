"""Reports and shelters as followers hear of them: everybody what is public, operators what waits for them. Pure."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from hydroalert.api.live.board import Entry
from hydroalert.api.live.events import Event, event_at, retold
from hydroalert.api.reports.public import show_public
from hydroalert.api.shelters.views import show_news
from hydroalert.api.stations.views import Position, Time
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.reports import OPEN, Category, Depth, State
from hydroalert.domain.severity import Severity
from hydroalert.reports.coarse import SHOWN_FOR
from hydroalert.store.reading_board import LiveReport, LiveShelter
from hydroalert.store.reports import Report


class TriageNews(msgspec.Struct, frozen=True, kw_only=True):
    """A report as operators hear of it: all but its contact. /api/v1/triage/{id} says more, and why it is urgent."""

    id: UUID
    version: int
    state: State
    category: Category
    severity: Severity
    position: Position
    accuracy_m: float | None
    depth: Depth | None
    depth_cm: int | None
    text: str
    language: str
    seen_at: Time
    submitted_at: Time
    changed_at: Time
    assigned_to: str | None
    duplicate_of: UUID | None
    is_withdrawn: bool


class GoneReport(msgspec.Struct, frozen=True):
    """A report that is on the public map no more."""

    id: UUID
    gone: Literal[True] = True


class GoneShelter(msgspec.Struct, frozen=True):
    """A shelter that was removed."""

    code: str
    gone: Literal[True] = True


def report_entries(found: LiveReport, now: datetime) -> tuple[Entry, Entry]:
    """One for those who see what operators do, one for everybody, as `GET /api/v1/reports` tells it."""
    report = found.report
    waits = report.state in OPEN and report.withdrawn_at is None
    place = (report.lon, report.lat)
    event = event_at("triage", show_triage(report), place, found.areas, report.severity.rank)
    return Entry(event, gone=not waits, is_news=True), _public_entry(found, now)


def shelter_entry(found: LiveShelter) -> Entry:
    """For everybody."""
    shelter = found.shelter
    return Entry(event_at("shelter", show_news(shelter), (shelter.lon, shelter.lat), found.areas))


def shelter_gone(code: str, told: Event) -> Event:
    """For who heard of it."""
    return retold(told, GoneShelter(code))


def show_triage(report: Report) -> TriageNews:
    """A report without its contact."""
    return TriageNews(
        id=report.id,
        version=report.version,
        state=report.state,
        category=report.category,
        severity=report.severity,
        position=Position(report.lon, report.lat),
        accuracy_m=report.accuracy_m,
        depth=report.depth_word,
        depth_cm=report.depth_cm,
        text=report.text,
        language=report.language,
        seen_at=rfc3339(report.seen_at),
        submitted_at=rfc3339(report.submitted_at),
        changed_at=rfc3339(report.changed_at),
        assigned_to=report.assigned_to,
        duplicate_of=report.duplicate_of,
        is_withdrawn=report.withdrawn_at is not None,
    )


def _public_entry(found: LiveReport, now: datetime) -> Entry:
    public = found.public
    until = public.seen_quarter + SHOWN_FOR
    gone = not public.stands or until <= now
    data = GoneReport(public.id) if gone else show_public(public)
    event = event_at("report", data, (public.lon, public.lat), found.public_areas, public.severity.rank)
    return Entry(event, gone=gone, until=until)
