"""What operators do about alerts; the command line calls the same functions. On this machine only, until accounts."""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hydroalert.api.alerts.routes import AlertId
from hydroalert.api.areas.routes import AreaCode
from hydroalert.api.loopback import only_from_loopback
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.severity import Severity
from hydroalert.judging import acts
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 16_384
_FAILS = documented(400, 403, 404, 409, 413, 503)

Saying = Literal["acknowledge", "comment", "release", "confirm"]
Hazard = Annotated[str, PathParameter(description="Such as flood")]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=10_080)]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who acts, and why; both are kept with the revision."""

    author: str
    reason: str


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is decided by hand for so many minutes. `severity` is needed to raise; hold and clear take the alert's."""

    author: str
    reason: str
    kind: acts.Kind
    minutes: Minutes
    severity: Severity | None = None
    drill: bool = False


@post(
    "/api/v1/alerts/{alert:uuid}/{saying:str}",
    tags=["alerts"],
    summary="Acknowledge, comment on, release or confirm an alert (loopback only)",
    guards=[only_from_loopback],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=_FAILS,
)
async def say(
    alert: AlertId,
    saying: Annotated[Saying, PathParameter(description="What is to be done")],
    data: JSONBody[Said],
    services: NamedDependency[Services],
) -> None:
    """`release` lets the public hear all of it; `confirm` vouches for a suspect value; 409 where it is over."""
    deed = acts.Deed(data.author, data.reason, services.clock())
    async with writing(services.writings) as connection:
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
    summary="Raise, hold or clear a hazard by hand (loopback only)",
    guards=[only_from_loopback],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=_FAILS,
)
async def decide(area: AreaCode, hazard: Hazard, data: JSONBody[Decision], services: NamedDependency[Services]) -> None:
    """It holds until it expires or is ended; a later decision takes the place of an earlier one."""
    now = services.clock()
    until = now + timedelta(minutes=data.minutes)
    by_hand = acts.ByHand(area, hazard, data.kind, until, data.severity, data.drill)
    async with writing(services.writings) as connection:
        await acts.override(connection, by_hand, acts.Deed(data.author, data.reason, now), services.voice)


@post(
    "/api/v1/areas/{area:str}/overrides/{hazard:str}/end",
    tags=["alerts"],
    summary="Let the rules decide again (loopback only)",
    guards=[only_from_loopback],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=_FAILS,
)
async def end_decision(
    area: AreaCode, hazard: Hazard, data: JSONBody[Said], services: NamedDependency[Services]
) -> None:
    """404 where nothing is decided by hand."""
    deed = acts.Deed(data.author, data.reason, services.clock())
    async with writing(services.writings) as connection:
        await acts.end(connection, area, hazard, deed, services.voice)
