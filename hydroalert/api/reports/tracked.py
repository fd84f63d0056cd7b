"""`/api/v1/reports/tracked`: what a reporter does with the tracking code, which no path or query may hold: those get
logged."""

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, JSONBody
from litestar.status_codes import HTTP_200_OK

from hydroalert.api.callers.may import anyone
from hydroalert.api.callers.rates import TRACKING
from hydroalert.api.evidence.views import show_details, show_sent
from hydroalert.api.problems import documented
from hydroalert.api.reports.public import show_public
from hydroalert.api.reports.routes import MAX_BODY_BYTES, NO_STORE, actor_of
from hydroalert.api.reports.views import (
    ErasedReport,
    ExportedReport,
    TrackedReport,
    show_held,
    show_tracked,
)
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller
from hydroalert.domain.clock import rfc3339
from hydroalert.reports import erasing, following
from hydroalert.reports.contact import export_contact
from hydroalert.store import Connection
from hydroalert.store.evidence import list_evidence
from hydroalert.store.public_reports import find_public_report
from hydroalert.store.reading import reading
from hydroalert.store.report_events import list_events
from hydroalert.store.reports import Report
from hydroalert.store.writing import writing

_ATTACHED = NO_STORE | {"Content-Disposition": 'attachment; filename="report.json"'}

Code = Annotated[
    str, HeaderParameter(name="X-Tracking-Code", description="Small letters and left out hyphens do", max_length=100)
]


class Addition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the reporter says besides."""

    text: str


@get(
    "/api/v1/reports/tracked",
    tags=["reports"],
    summary="One's own report: where it stands, and what became of it",
    guards=[anyone(TRACKING)],
    responses=documented(400, 404, 429, 503),
)
async def read_tracked(code: Code, services: NamedDependency[Services]) -> Response[TrackedReport]:
    """404 for every wrong code."""
    async with reading(services.readings) as connection:
        return await _answer(services, connection, await following.look(connection, code))


@post(
    "/api/v1/reports/tracked/additions",
    tags=["reports"],
    summary="Add to one's own report what changed",
    guards=[anyone(TRACKING)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 409, 413, 429, 503),
)
async def add_to_tracked(
    code: Code, data: JSONBody[Addition], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Response[TrackedReport]:
    """Operators read it beside the report; what was said first stays."""
    actor = actor_of(caller)
    async with writing(services.writings, actor) as connection:
        report = await following.hold(connection, code)
        report = await following.add_words(connection, report, data.text, actor.name, services.clock())
        return await _answer(services, connection, report)


@post(
    "/api/v1/reports/tracked/withdraw",
    tags=["reports"],
    summary="Take one's own report back",
    guards=[anyone(TRACKING)],
    status_code=HTTP_200_OK,
    responses=documented(400, 404, 409, 429, 503),
)
async def withdraw_tracked(
    code: Code, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Response[TrackedReport]:
    """Nobody works on it any more and no map shows it; the code still opens it. Twice is as good as once."""
    actor = actor_of(caller)
    async with writing(services.writings, actor) as connection:
        report = await following.hold(connection, code)
        kept = services.settings.contact_kept
        report = await following.withdraw(connection, report, actor.name, services.clock(), kept)
        return await _answer(services, connection, report)


@get(
    "/api/v1/reports/tracked/export",
    tags=["reports"],
    summary="All that is held about one's own report, as one file",
    guards=[anyone(TRACKING)],
    responses=documented(400, 404, 429, 503),
)
async def export_tracked(
    code: Code, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Response[ExportedReport]:
    """The contact too, which is shown nowhere else. The audit keeps that it was exported."""
    async with writing(services.writings, actor_of(caller)) as connection:
        report = await following.look(connection, code)
        contact = await export_contact(connection, services.vault, report.id)
        public = await find_public_report(connection, report.id)
        assert public is not None
        shown, pictures = await _shown(services, connection, report), await list_evidence(connection, [report.id])
    now = services.clock()
    held = [show_held(show_details(services, one, now)) for one in pictures]
    return Response(ExportedReport(rfc3339(now), shown, contact, held, show_public(public)), headers=_ATTACHED)


@post(
    "/api/v1/reports/tracked/erase",
    tags=["reports"],
    summary="Have one's own report forgotten, for good",
    guards=[anyone(TRACKING)],
    status_code=HTTP_200_OK,
    responses=documented(400, 404, 409, 429, 503),
)
async def erase_tracked(
    code: Code, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Response[ErasedReport]:
    """The answer says what is gone and what is left. The code opens nothing any more."""
    actor, now = actor_of(caller), services.clock()
    async with writing(services.writings, actor) as connection:
        report = await following.hold(connection, code)
        await erasing.erase(connection, report, actor.name, now)
    return Response(ErasedReport(report.id, rfc3339(now)), headers=NO_STORE)


async def _answer(services: Services, connection: Connection, report: Report) -> Response[TrackedReport]:
    return Response(await _shown(services, connection, report), headers=NO_STORE)


async def _shown(services: Services, connection: Connection, report: Report) -> TrackedReport:
    story = await list_events(connection, report.id, shown_only=True)
    pictures = await list_evidence(connection, [report.id])
    return show_tracked(report, story, [show_sent(services, one, services.clock()) for one in pictures])
