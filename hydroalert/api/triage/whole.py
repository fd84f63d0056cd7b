"""What is shown of one report on one page, to those who decide about it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.api.evidence.views import PictureDetails
from hydroalert.api.stations.views import Time
from hydroalert.api.triage.views import QueuedReport, show_queued, time_or_none
from hydroalert.domain.actors import Role
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.reports import Category, State
from hydroalert.domain.severity import Severity
from hydroalert.reports.alikeness import may_be_same
from hydroalert.reports.priority import priority_of
from hydroalert.reports.steps import needs_reason, steps_of
from hydroalert.store import neighbours, queue
from hydroalert.store.report_events import Event
from hydroalert.store.reports import Report


class TriageEvent(msgspec.Struct, frozen=True):
    """One event of the story; `number` is the report's version since; `shown`: the reporter reads it too."""

    number: int
    at: Time
    kind: str
    author: str
    text: str
    state: State
    shown: bool


class Step(msgspec.Struct, frozen=True):
    """A step that who asks may take now."""

    to: State
    needs_reason: bool


class NearbyReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report seen within 500 m and 3 hours of this one; `possible_duplicate`: so alike that it may be the same."""

    id: UUID
    state: State
    category: Category
    severity: Severity
    depth_cm: int | None
    seen_at: Time
    text: str
    pictures: int
    distance_m: float
    duplicate_of: UUID | None
    possible_duplicate: bool


class NearbyLevel(msgspec.Struct, frozen=True, kw_only=True):
    """What a live datastream near the report says now; `threshold`: the lowest that a rule in force calls high."""

    station: str
    name: str
    distance_m: float
    datastream: str
    unit: str
    time: Time
    result: float
    quality: int
    change_per_h: float | None
    threshold: float | None


class TriagedReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that there is to know of a report on one page. `joined`: pictures of reports that were joined to it are
    among its `pictures`. `areas`: alert areas that it lies in, one entry for each alert that stands."""

    report: QueuedReport
    has_contact: bool
    duplicate_of: UUID | None
    reviewed_at: Time | None
    decided_at: Time | None
    resolved_at: Time | None
    changed_at: Time
    erased_at: Time | None
    steps: list[Step]
    story: list[TriageEvent]
    pictures: list[PictureDetails]
    joined: list[UUID]
    nearby: list[NearbyReport]
    stations: list[NearbyLevel]
    areas: Sequence[queue.Around]


class Surroundings(msgspec.Struct, frozen=True):
    """What is read of a report beside the facts of its priority."""

    story: list[Event]
    pictures: list[PictureDetails]
    joined: list[UUID]
    neighbours: list[neighbours.Neighbour]


def show_triaged(facts: queue.Facts, around: Surroundings, role: Role, now: datetime) -> TriagedReport:
    """A report with all that is known of it, to someone of that role."""
    one = facts.report
    return TriagedReport(
        report=show_queued(facts, priority_of(facts, now)),
        has_contact=one.has_contact,
        duplicate_of=one.duplicate_of,
        reviewed_at=time_or_none(one.reviewed_at),
        decided_at=time_or_none(one.decided_at),
        resolved_at=time_or_none(one.resolved_at),
        changed_at=rfc3339(one.changed_at),
        erased_at=time_or_none(one.erased_at),
        steps=[Step(to, needs_reason(one.state, to)) for to in steps_of(one.state, role)],
        story=[_event(event) for event in around.story],
        pictures=around.pictures,
        joined=around.joined,
        nearby=[_nearby(one, other) for other in around.neighbours],
        stations=[_level(level) for level in facts.stations],
        areas=facts.areas,
    )


def _event(event: Event) -> TriageEvent:
    return TriageEvent(event.number, rfc3339(event.at), event.kind, event.author, event.text, event.state, event.shown)


def _nearby(report: Report, other: neighbours.Neighbour) -> NearbyReport:
    return NearbyReport(
        id=other.id,
        state=other.state,
        category=other.category,
        severity=other.severity,
        depth_cm=other.depth_cm,
        seen_at=rfc3339(other.seen_at),
        text=other.text,
        pictures=other.pictures,
        distance_m=round(other.distance_m, 1),
        duplicate_of=other.duplicate_of,
        possible_duplicate=may_be_same(report, other),
    )


def _level(level: queue.Nearby) -> NearbyLevel:
    return NearbyLevel(
        station=level.station,
        name=level.name,
        distance_m=round(level.distance_m, 1),
        datastream=level.datastream,
        unit=level.unit,
        time=rfc3339(level.time),
        result=level.result,
        quality=level.quality,
        change_per_h=None if level.change_per_h is None else round(level.change_per_h, 3),
        threshold=level.threshold,
    )
