"""What is shown of many reports, to those who decide about them."""

from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.api.stations.views import Position, Time
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.reports import Category, Depth, State
from hydroalert.domain.severity import Severity
from hydroalert.reports.priority import Priority
from hydroalert.reports.reasons import Reason
from hydroalert.store import clusters, queue
from hydroalert.store.clusters import Membership


class QueuedReport(msgspec.Struct, frozen=True, kw_only=True):
    """A report in the queue. `priority`, 0 to 100, is the sum of its `reasons`; `pictures`: how many."""

    id: UUID
    priority: int
    reasons: tuple[Reason, ...]
    state: State
    version: int
    severity: Severity
    category: Category
    depth: Depth | None
    depth_cm: int | None
    position: Position
    accuracy_m: float | None
    seen_at: Time
    submitted_at: Time
    text: str
    language: str
    pictures: int
    cluster: Membership | None
    assigned_to: str | None
    withdrawn_at: Time | None


class Queue(msgspec.Struct, frozen=True):
    """The most urgent reports as they stood at `at`; `matching`: how many there are, shown or not."""

    at: Time
    matching: int
    reports: list[QueuedReport]


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Reports of the same water, named by the one that came first; `radius_m` around `position` holds them all."""

    id: UUID
    size: int
    open: int
    verified: int
    position: Position
    radius_m: float
    first_seen_at: Time
    last_seen_at: Time
    severity: Severity
    depth_cm: int | None
    categories: list[Category]
    reports: list[UUID]


class ClusterList(msgspec.Struct, frozen=True):
    """The clusters among the reports of the last 24 hours, the largest first."""

    at: Time
    clusters: list[Cluster]


def show_queued(facts: queue.Facts, priority: Priority) -> QueuedReport:
    """A report with its priority."""
    one = facts.report
    return QueuedReport(
        id=one.id,
        priority=priority.points,
        reasons=priority.reasons,
        state=one.state,
        version=one.version,
        severity=one.severity,
        category=one.category,
        depth=one.depth_word,
        depth_cm=one.depth_cm,
        position=Position(one.lon, one.lat),
        accuracy_m=one.accuracy_m,
        seen_at=rfc3339(one.seen_at),
        submitted_at=rfc3339(one.submitted_at),
        text=one.text,
        language=one.language,
        pictures=len(facts.pictures),
        cluster=facts.cluster,
        assigned_to=one.assigned_to,
        withdrawn_at=time_or_none(one.withdrawn_at),
    )


def show_cluster(one: clusters.Cluster) -> Cluster:
    """A cluster as JSON has it."""
    return Cluster(
        id=one.id,
        size=one.size,
        open=one.open,
        verified=one.verified,
        position=Position(round(one.lon, 6), round(one.lat, 6)),
        radius_m=round(one.radius_m, 1),
        first_seen_at=rfc3339(one.first_seen_at),
        last_seen_at=rfc3339(one.last_seen_at),
        severity=max(one.severities, key=lambda severity: severity.rank),
        depth_cm=one.depth_cm,
        categories=sorted(map(Category, one.categories)),
        reports=list(one.reports),
    )


def time_or_none(moment: datetime | None) -> str | None:
    """As JSON has it."""
    return None if moment is None else rfc3339(moment)
