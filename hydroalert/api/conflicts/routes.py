"""`/api/v1/conflicts`: values that contradict the series, and which to prefer."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hydroalert.api import cursors
from hydroalert.api.callers.may import may
from hydroalert.api.conflicts.views import ConflictPage, show_conflict
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.store.conflicts import list_conflicts, prefer_conflict
from hydroalert.store.reading import reading
from hydroalert.store.writing import writing

_LAST = 2**63 - 1


@get(
    "/api/v1/conflicts",
    tags=["observations"],
    summary="Values that contradict the series, the oldest first",
    guards=[may(Role.VIEWER, Scope.FLEET_READ)],
    responses=documented(400, 503),
)
async def list_all_conflicts(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    station: Annotated[str | None, QueryParameter(description="Only those of this one")] = None,
    limit: Annotated[int, QueryParameter(description="Conflicts a page", ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
) -> Response[ConflictPage]:
    """Each value once, however often it came."""
    question = ("conflicts", station)
    after = 0 if cursor is None else cursors.unseal(services.cursor_key, question, cursor, int)
    async with reading(services.readings) as connection:
        found = await list_conflicts(connection, station, limit + 1, after)
    following = None
    if len(found) > limit:
        following = cursors.seal(services.cursor_key, question, found[limit - 1].id)
    page = ConflictPage([show_conflict(one) for one in found[:limit]], following)
    return Response(page, headers=cursors.next_link(request, following))


@post(
    "/api/v1/conflicts/{conflict:int}/prefer",
    tags=["observations"],
    summary="Put a conflict's value into the series",
    guards=[may(Role.OPERATOR, Scope.FLEET_WRITE)],
    status_code=HTTP_204_NO_CONTENT,
    responses=documented(400, 404, 409, 503),
)
async def prefer(
    conflict: Annotated[int, PathParameter(description="The conflict's number", ge=1, le=_LAST)],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """The former value is kept beside it, and can be preferred in its turn."""
    async with writing(services.writings, caller.actor) as connection:
        await prefer_conflict(connection, conflict, services.clock())
