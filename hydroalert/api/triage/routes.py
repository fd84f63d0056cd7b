"""`/api/v1/triage`: the queue, its clusters, and one report whole."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from hydroalert.api.callers.may import may
from hydroalert.api.evidence.views import show_details
from hydroalert.api.parameters import parse_box
from hydroalert.api.problems import documented
from hydroalert.api.reports.personal import ReportId
from hydroalert.api.services import Services
from hydroalert.api.triage.views import ClusterList, Queue, show_cluster, show_queued
from hydroalert.api.triage.whole import Surroundings, TriagedReport, show_triaged
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import NotFound
from hydroalert.domain.reports import OPEN, Category, State
from hydroalert.reports.queueing import matching, ranked
from hydroalert.store.clusters import list_clusters
from hydroalert.store.evidence import list_evidence
from hydroalert.store.neighbours import neighbours_of
from hydroalert.store.queue import Question, facts_of
from hydroalert.store.reading import reading
from hydroalert.store.report_events import list_events
from hydroalert.store.triage import joined_to

_ME, _NOBODY = "me", "none"
_NAME = "^[a-z0-9][a-z0-9._-]{0,62}$"
MAY_LOOK = may(Role.VIEWER, Scope.REPORTS_READ)


def parse_question(
    caller: NamedDependency[Caller],
    standing: Annotated[
        list[State] | None,
        QueryParameter(name="state", description="submitted and under_review unless said; repeat it"),
    ] = None,
    category: Annotated[list[Category] | None, QueryParameter(description="Repeat it for several")] = None,
    bbox: Annotated[str | None, QueryParameter(description="minlon,minlat,maxlon,maxlat in degrees")] = None,
    assigned: Annotated[str | None, QueryParameter(description="me, none, or an account's name", pattern=_NAME)] = None,
    cluster: Annotated[UUID | None, QueryParameter(description="Only reports of that cluster")] = None,
) -> Question:
    """Which reports are asked for."""
    names = {_ME: caller.actor.name, _NOBODY: ""}
    return Question(
        states=frozenset(standing) if standing else OPEN,
        categories=frozenset(category) if category else None,
        box=None if bbox is None else parse_box(bbox),
        assigned=None if assigned is None else names.get(assigned, assigned),
        cluster=cluster,
    )


@get(
    "/api/v1/triage",
    tags=["triage"],
    summary="Reports that wait for a decision, the most urgent first",
    guards=[MAY_LOOK],
    dependencies={"question": Provide(parse_question, sync_to_thread=False)},
    responses=documented(400, 503),
)
async def list_queue(
    services: NamedDependency[Services],
    question: NamedDependency[Question],
    limit: Annotated[int, QueryParameter(description="The most urgent so many", ge=1, le=1000)] = 100,
) -> Queue:
    """Priorities move while one reads, so there are no pages: what a second page would lose or repeat stands on top of
    the next answer. To see others, ask for a place, a cluster, a category or a person."""
    now = services.clock()
    async with reading(services.readings) as connection:
        found = await ranked(connection, question, now)
        total = await matching(connection, question, found, now)
    shown = [show_queued(one.facts, one.priority) for one in found[:limit]]
    return Queue(rfc3339(now), total, shown)


@get(
    "/api/v1/triage/clusters",
    tags=["triage"],
    summary="Where several reports tell of the same water",
    guards=[MAY_LOOK],
    responses=documented(503),
)
async def list_report_clusters(services: NamedDependency[Services]) -> ClusterList:
    """Three or more, each within 300 m and two hours of another; rejected and withdrawn ones count nowhere."""
    now = services.clock()
    async with reading(services.readings) as connection:
        found = await list_clusters(connection, now)
    return ClusterList(rfc3339(now), [show_cluster(one) for one in found])


@get(
    "/api/v1/triage/{report:uuid}",
    tags=["triage"],
    summary="All that is known of a report, on one page",
    guards=[MAY_LOOK],
    responses=documented(404, 503),
)
async def read_triaged(
    report: ReportId, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> TriagedReport:
    """Also of one that is decided. `steps`: where who asks may lead it from here."""
    now = services.clock()
    async with reading(services.readings) as connection, connection.transaction(isolation="repeatable_read"):
        found = await facts_of(connection, Question(frozenset(State), reports=(report,)), now)
        if not found:
            raise NotFound(f"there is no report {report}")
        joined = await joined_to(connection, report)
        pictures = await list_evidence(connection, [report, *joined])
        around = Surroundings(
            story=await list_events(connection, report),
            pictures=[show_details(services, one, now) for one in pictures],
            joined=joined,
            neighbours=await neighbours_of(connection, report),
        )
    return show_triaged(found[0], around, caller.role or Role.VIEWER, now)
