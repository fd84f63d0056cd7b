"""What operators do about alerts; the command line calls the same functions."""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hydroalert.api.alerts.routes import AlertId
from hydroalert.api.areas.routes import AreaCode
from hydroalert.api.callers.may import may
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.severity import Severity
from hydroalert.judging import acts
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 16_384
_FAILS = documented(400, 404, 409, 413, 503)

Saying = Literal["acknowledge", "comment", "release", "confirm"]
Hazard = Annotated[str, PathParameter(description="Such as flood")]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=10_080)]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why; kept with the revision, and with who acts."""

    reason: str


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is decided by hand for so many minutes. `severity` is needed to raise; hold and clear take the alert's."""

    reason: str
    kind: acts.Kind
    minutes: Minutes
    severity: Severity | None = None
    drill: bool = False


@post(
    "/api/v1/alerts/{alert:uuid}/{saying:str}",
    tags=["alerts"],
    summary="Acknowledge, comment on, release or confirm an alert",
    guards=[may(Role.OPERATOR, Scope.ALERTS_ACT)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=_FAILS,
)
async def say(
    alert: AlertId,
    saying: Annotated[Saying, PathParameter(description="What is to be done")],
    data: JSONBody[Said],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """`release` lets the public hear all of it; `confirm` vouches for a suspect value; 409 where it is over."""
    deed = acts.Deed(caller.actor.name, data.reason, services.clock())
    async with writing(services.writings, caller.actor) as connection:
        match saying:
            case "acknowledge":
                await acts.acknowledge(connection, alert, deed, services.voice)
            case "comment":
                await acts.comment(connection, alert, deed)
            case "release":
                await acts.release(connection, alert, deed, services.voice)
            case "confirm":
                await acts.confirm(connection, alert, deed, services.voice)


@post(
    "/api/v1/areas/{area:str}/overrides/{hazard:str}",
    tags=["alerts"],
    summary="Raise, hold or clear a hazard by hand",
    guards=[may(Role.OPERATOR, Scope.ALERTS_ACT)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=_FAILS,
)
async def decide(
    area: AreaCode,
    hazard: Hazard,
    data: JSONBody[Decision],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """It holds until it expires or is ended; a later decision takes the place of an earlier one."""
    now = services.clock()
    until = now + timedelta(minutes=data.minutes)
    by_hand = acts.ByHand(area, hazard, data.kind, until, data.severity, data.drill)
    async with writing(services.writings, caller.actor) as connection:
        await acts.override(connection, by_hand, acts.Deed(caller.actor.name, data.reason, now), services.voice)


@post(
    "/api/v1/areas/{area:str}/overrides/{hazard:str}/end",
    tags=["alerts"],
    summary="Let the rules decide again",
    guards=[may(Role.OPERATOR, Scope.ALERTS_ACT)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=_FAILS,
)
async def end_decision(
    area: AreaCode,
    hazard: Hazard,
    data: JSONBody[Said],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """404 where nothing is decided by hand."""
    deed = acts.Deed(caller.actor.name, data.reason, services.clock())
    async with writing(services.writings, caller.actor) as connection:
        await acts.end(connection, area, hazard, deed, services.voice)
