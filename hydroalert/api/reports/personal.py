"""What operators may learn of a reporter, and how an administrator has one forgotten."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter
from litestar.status_codes import HTTP_200_OK

from hydroalert.api.callers.may import may
from hydroalert.api.problems import documented
from hydroalert.api.reports.routes import NO_STORE
from hydroalert.api.reports.views import ErasedReport
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import NotFound
from hydroalert.reports.contact import read_contact
from hydroalert.reports.erasing import erase
from hydroalert.store.reports import lock_report
from hydroalert.store.writing import writing

ReportId = Annotated[UUID, PathParameter(description="The report's id")]


class Contact(msgspec.Struct, frozen=True):
    """A mail address, or a telephone number that begins with +."""

    contact: str


@get(
    "/api/v1/triage/{report:uuid}/contact",
    tags=["triage"],
    summary="How to reach a reporter",
    guards=[may(Role.OPERATOR, Scope.REPORTS_TRIAGE)],
    responses=documented(404, 503),
)
async def read_report_contact(
    report: ReportId, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Response[Contact]:
    """Only to ask back: the audit keeps who read it. 404 where none was left, or it is erased."""
    async with writing(services.writings, caller.actor) as connection:
        found = await read_contact(connection, services.vault, report)
    return Response(Contact(found), headers=NO_STORE)


@post(
    "/api/v1/triage/{report:uuid}/erase",
    tags=["triage"],
    summary="Have a reporter forgotten who asked for it without the tracking code",
    guards=[may(Role.ADMIN)],
    status_code=HTTP_200_OK,
    responses=documented(404, 409, 503),
)
async def erase_report(
    report: ReportId, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Response[ErasedReport]:
    """As the reporter does it: the answer says what is gone and what is left. It cannot be undone."""
    now = services.clock()
    async with writing(services.writings, caller.actor) as connection:
        held = await lock_report(connection, report)
        if held is None:
            raise NotFound(f"there is no report {report}")
        erased = await erase(connection, held, caller.actor.name, now)
    return Response(ErasedReport(report, rfc3339(erased.erased_at or now)), headers=NO_STORE)
