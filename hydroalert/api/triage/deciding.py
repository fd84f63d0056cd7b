"""What operators decide about reports; the command line calls the same functions."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK

from hydroalert.api.callers.may import demand, may
from hydroalert.api.problems import documented
from hydroalert.api.reports.personal import ReportId
from hydroalert.api.services import Services
from hydroalert.api.stations.views import Time
from hydroalert.domain.actors import Access, Caller, Role, Scope
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.reports import State
from hydroalert.judging import acts
from hydroalert.reports import triage
from hydroalert.reports.steps import Decider, Decision, steps_of
from hydroalert.store.reports import Report
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 16_384
_MAY_DECIDE = may(Role.OPERATOR, Scope.REPORTS_TRIAGE)
_FAILS = documented(400, 404, 409, 413, 503)

Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a report is led, by someone who has seen that `version`. Its reporter reads the `reason` too: what is for
    colleagues only goes into a note."""

    version: Version
    to: State
    reason: str = ""
    duplicate_of: UUID | None = None


class Assigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who sees to it: an account's name, or null for nobody."""

    version: Version
    to: str | None


class Noted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What there is to know; `shown`: its reporter reads it too."""

    text: str
    shown: bool = False


class Confirmed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The alert that a verified report confirms, and why."""

    alert: UUID
    reason: str


class Standing(msgspec.Struct, frozen=True):
    """How a report stands now; the next decision names this version. `steps`: where who asks may lead it."""

    id: UUID
    state: State
    version: int
    assigned_to: str | None
    duplicate_of: UUID | None
    changed_at: Time
    steps: list[State]


@post(
    "/api/v1/triage/{report:uuid}/decision",
    tags=["triage"],
    summary="Lead a report one step on",
    guards=[_MAY_DECIDE],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_200_OK,
    responses=_FAILS,
)
async def decide_report(
    report: ReportId, data: JSONBody[Decided], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Standing:
    """409 `changed-meanwhile` where it is no more as it was seen: `current` says what it is now, and who changed it.
    What was decided only an administrator takes back (403)."""
    decision = Decision(data.version, data.to, data.reason, data.duplicate_of)
    async with writing(services.writings, caller.actor) as connection:
        changed = await triage.decide(connection, report, decision, _decider(services, caller))
    return _standing(changed, caller)


@post(
    "/api/v1/triage/{report:uuid}/assignment",
    tags=["triage"],
    summary="Say who sees to a report",
    guards=[_MAY_DECIDE],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_200_OK,
    responses=_FAILS,
)
async def assign_report(
    report: ReportId, data: JSONBody[Assigned], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Standing:
    """Oneself or another; what was taken over, and from whom, stands in the story."""
    async with writing(services.writings, caller.actor) as connection:
        changed = await triage.assign(connection, report, data.version, data.to, _decider(services, caller))
    return _standing(changed, caller)


@post(
    "/api/v1/triage/{report:uuid}/notes",
    tags=["triage"],
    summary="Note something about a report",
    guards=[_MAY_DECIDE],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_200_OK,
    responses=_FAILS,
)
async def note_report(
    report: ReportId, data: JSONBody[Noted], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Standing:
    """For colleagues, unless it is `shown`."""
    async with writing(services.writings, caller.actor) as connection:
        changed = await triage.note(connection, report, data.text, _decider(services, caller), shown=data.shown)
    return _standing(changed, caller)


@post(
    "/api/v1/triage/{report:uuid}/confirm",
    tags=["triage"],
    summary="Confirm an alert because of a verified report",
    guards=[_MAY_DECIDE],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_200_OK,
    responses=_FAILS,
)
async def confirm_by_report(
    report: ReportId, data: JSONBody[Confirmed], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Standing:
    """As `POST /api/v1/alerts/{alert}/confirm`; the alert's remark names the report, the report's story the alert. A
    key needs the scope of alerts, too."""
    demand(Access(Role.OPERATOR, Scope.ALERTS_ACT), caller)
    by = _decider(services, caller)
    async with writing(services.writings, caller.actor) as connection:
        changed, words = await triage.vouch(connection, report, data.alert, data.reason, by)
        await acts.confirm(connection, data.alert, acts.Deed(by.name, words, by.at), services.voice)
    return _standing(changed, caller)


def _decider(services: Services, caller: Caller) -> Decider:
    return Decider(caller.actor.name, caller.role or Role.VIEWER, services.clock(), services.settings.contact_kept)


def _standing(report: Report, caller: Caller) -> Standing:
    return Standing(
        report.id,
        report.state,
        report.version,
        report.assigned_to,
        report.duplicate_of,
        rfc3339(report.changed_at),
        steps_of(report.state, caller.role or Role.VIEWER),
    )
