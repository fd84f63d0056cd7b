"""What operators and administrators change of shelters; the command line calls the same functions."""

from litestar import Response, delete, patch, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK

from hydroalert.api.callers.may import may
from hydroalert.api.parameters import parse_time
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.shelters.routes import ShelterCode
from hydroalert.api.shelters.views import GivenChanges, GivenCount, GivenShelter, Shelter, show_shelter
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.shelters import Count, NewShelter
from hydroalert.store.reading_shelters import read_shelter
from hydroalert.store.shelters import Changes, change_shelter, count_people, remove_shelter, save_shelter
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 16_384
_CREATED = {201: ResponseSpec(Shelter, description="Added", generate_examples=False)}


@put(
    "/api/v1/shelters/{shelter:str}",
    tags=["shelters"],
    summary="Add an evacuation centre, or replace it",
    guards=[may(Role.ADMIN, Scope.SHELTERS_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 409, 413, 503) | _CREATED,
)
async def put_shelter(
    shelter: ShelterCode,
    data: JSONBody[GivenShelter],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Response[Shelter]:
    """The same again changes nothing. With `version`: 404 where there is none, 409 where it is another."""
    if not is_code(shelter):
        raise InvalidInput(f"{shelter!r} can be no shelter's code: lower-case letters, digits and hyphens", "shelter")
    async with writing(services.writings, caller.actor) as connection:
        saved = await save_shelter(connection, _new(shelter, data), data.version)
        shown = show_shelter(await read_shelter(connection, shelter), services.clock())
    return Response(shown, status_code=201 if saved.added else 200)


@patch(
    "/api/v1/shelters/{shelter:str}",
    tags=["shelters"],
    summary="Open or close an evacuation centre, or say something of it",
    guards=[may(Role.OPERATOR, Scope.SHELTERS_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 409, 413, 503),
)
async def patch_shelter(
    shelter: ShelterCode,
    data: JSONBody[GivenChanges],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Shelter:
    """Of two at once the first wins and the second is told: 409. A count of people changes no version."""
    async with writing(services.writings, caller.actor) as connection:
        await change_shelter(connection, shelter, Changes(data.status, data.remarks), data.version)
        return show_shelter(await read_shelter(connection, shelter), services.clock())


@delete(
    "/api/v1/shelters/{shelter:str}",
    tags=["shelters"],
    summary="Forget an evacuation centre and all counts of people in it",
    guards=[may(Role.ADMIN, Scope.SHELTERS_WRITE)],
    responses=documented(404, 503),
)
async def delete_shelter(
    shelter: ShelterCode, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> None:
    """One that only takes nobody in for now is closed, not forgotten."""
    async with writing(services.writings, caller.actor) as connection:
        await remove_shelter(connection, shelter)


@post(
    "/api/v1/shelters/{shelter:str}/occupancy",
    tags=["shelters"],
    summary="Say how many people are in an evacuation centre",
    guards=[may(Role.OPERATOR, Scope.SHELTERS_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_200_OK,
    responses=documented(400, 404, 413, 503),
)
async def post_count(
    shelter: ShelterCode,
    data: JSONBody[GivenCount],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Shelter:
    """The count of the latest time holds, in whichever order they come. More than its capacity is kept: over-full."""
    now = services.clock()
    count = Count(data.occupancy, now if data.at is None else parse_time(data.at, "at"))
    async with writing(services.writings, caller.actor) as connection:
        await count_people(connection, shelter, count, caller.actor.name, now)
        return show_shelter(await read_shelter(connection, shelter), now)


def _new(code: str, given: GivenShelter) -> NewShelter:
    return NewShelter(
        code=code,
        name=given.name,
        lon=given.lon,
        lat=given.lat,
        capacity=given.capacity,
        status=given.status,
        phone=given.phone,
        step_free=given.step_free,
        remarks=given.remarks,
        official_code=given.official_code,
    )
