"""`/api/v1/refused`: frames that were not taken, why, and trying them again."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.status_codes import HTTP_200_OK

from hydroalert.admission.retry import Retried, retry_refused, rules_of_retry
from hydroalert.api import cursors
from hydroalert.api.callers.may import may
from hydroalert.api.problems import documented
from hydroalert.api.refused.views import (
    LAST_ID,
    MOST_AT_ONCE,
    GivenRetry,
    RefusedFrame,
    RefusedPage,
    RetriedFrames,
    show_refused,
    show_retried,
)
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.errors import NotFound
from hydroalert.domain.refusals import Reason
from hydroalert.store.reading import reading
from hydroalert.store.refused import list_refused
from hydroalert.store.registry import load_registry
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 64 * 1024


@get(
    "/api/v1/refused",
    tags=["devices"],
    summary="Refused frames, the oldest first",
    guards=[may(Role.VIEWER, Scope.FLEET_READ)],
    responses=documented(400, 503),
)
async def list_refused_frames(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    device: Annotated[str | None, QueryParameter(description="Only those of this one")] = None,
    reason: Annotated[Reason | None, QueryParameter(description="Only those refused for this")] = None,
    limit: Annotated[int, QueryParameter(description="Frames a page", ge=1, le=MOST_AT_ONCE)] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
) -> Response[RefusedPage]:
    """With a good tag all are kept for a retry; without, the newest few of each device."""
    question = ("refused", device, reason)
    after = 0 if cursor is None else cursors.unseal(services.cursor_key, question, cursor, int)
    async with reading(services.readings) as connection:
        found = await list_refused(connection, device=device, reason=reason, limit=limit + 1, after_id=after)
    following = None
    if len(found) > limit:
        following = cursors.seal(services.cursor_key, question, found[limit - 1].id)
    page = RefusedPage([show_refused(one) for one in found[:limit]], following)
    return Response(page, headers=cursors.next_link(request, following))


@get(
    "/api/v1/refused/{frame:int}",
    tags=["devices"],
    summary="One refused frame",
    guards=[may(Role.VIEWER, Scope.FLEET_READ)],
    responses=documented(400, 404, 503),
)
async def read_refused_frame(
    frame: Annotated[int, PathParameter(description="The frame's number", ge=1, le=LAST_ID)],
    services: NamedDependency[Services],
) -> RefusedFrame:
    """Byte by byte."""
    async with reading(services.readings) as connection:
        found = await list_refused(connection, ids=[frame])
    if not found:
        raise NotFound(f"there is no refused frame {frame}: it was retried, or room was made")
    return show_refused(found[0])


@post(
    "/api/v1/refused/retry",
    tags=["devices"],
    summary="Judge refused frames again, once their cause is mended",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_200_OK,
    responses=documented(400, 413, 503),
)
async def retry_refused_frames(
    data: JSONBody[GivenRetry], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> RetriedFrames:
    """By what is registered now, and the time at which each arrived. Each commits by itself."""
    async with reading(services.readings) as connection:
        frames = await list_refused(
            connection, device=data.device, reason=data.reason, ids=data.ids, limit=data.limit, with_samples=False
        )
        registry = await load_registry(connection, services.sealer, {frame.device for frame in frames})
    rules, retried = rules_of_retry(services.retention), list[Retried]()
    for frame in frames:
        async with writing(services.writings, caller.actor) as connection:
            retried += await retry_refused(connection, registry, [frame], rules, services.clock())
    return show_retried(retried)
