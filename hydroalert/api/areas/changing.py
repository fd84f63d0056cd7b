"""What a person changes of areas over HTTP; the command line calls the same functions."""

from typing import Annotated

from litestar import Response, delete, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter

from hydroalert.api.areas.routes import AreaCode
from hydroalert.api.areas.views import Area, GivenArea, InformingList, show_area, show_informing
from hydroalert.api.callers.may import may
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.polygons import multipolygon_of
from hydroalert.store.areas import NewArea, remove_area, save_area, set_parents
from hydroalert.store.informing import inform_area, informing_stations, uninform_area
from hydroalert.store.reading_areas import read_area
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 4 * 1024 * 1024

_StationCode = Annotated[str, PathParameter(description="The station's code")]
_CREATED = {201: ResponseSpec(Area, description="Added", generate_examples=False)}


@put(
    "/api/v1/areas/{area:str}",
    tags=["areas"],
    summary="Add an area, or replace it",
    guards=[may(Role.ADMIN, Scope.RULES_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 409, 413, 503) | _CREATED,
)
async def put_area(
    area: AreaCode, data: JSONBody[GivenArea], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Response[Area]:
    """A polygon that is not valid is mended where that changes its area by at most 1 %, else refused."""
    if not is_code(area):
        raise InvalidInput(f"{area!r} can be no area's code: lower-case letters, digits and hyphens", "area")
    polygon = multipolygon_of(data.geometry)
    new = NewArea(area, data.names, polygon, data.official_code, data.silence_factor)
    async with writing(services.writings, caller.actor) as connection:
        saved = await save_area(connection, new, replace=True)
        if await set_parents(connection, {area: data.parent}):
            raise InvalidInput(f"there is no area {data.parent!r} to be its parent", "parent")
        shown = show_area(await read_area(connection, area))
    return Response(shown, status_code=201 if saved.added else 200)


@delete(
    "/api/v1/areas/{area:str}",
    tags=["areas"],
    summary="Forget an area, its rules and the history of its alerts",
    guards=[may(Role.ADMIN, Scope.RULES_WRITE)],
    responses=documented(404, 409, 503),
)
async def delete_area(area: AreaCode, services: NamedDependency[Services], caller: NamedDependency[Caller]) -> None:
    """409 while an alert stands in it, or other areas lie within it."""
    async with writing(services.writings, caller.actor) as connection:
        await remove_area(connection, area)


@put(
    "/api/v1/areas/{area:str}/stations/{station:str}",
    tags=["areas"],
    summary="Let a station inform an area",
    guards=[may(Role.ADMIN, Scope.RULES_WRITE)],
    responses=documented(404, 503),
)
async def put_informing(
    area: AreaCode, station: _StationCode, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> InformingList:
    """Answers with all that inform it then."""
    async with writing(services.writings, caller.actor) as connection:
        await inform_area(connection, area, [station])
        return show_informing(area, await informing_stations(connection, area))


@delete(
    "/api/v1/areas/{area:str}/stations/{station:str}",
    tags=["areas"],
    summary="Let a station inform an area no more",
    guards=[may(Role.ADMIN, Scope.RULES_WRITE)],
    responses=documented(404, 503),
)
async def delete_informing(
    area: AreaCode, station: _StationCode, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> None:
    """The station itself stays."""
    async with writing(services.writings, caller.actor) as connection:
        await uninform_area(connection, area, [station])
