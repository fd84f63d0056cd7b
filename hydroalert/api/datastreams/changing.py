"""What administrators change of datastreams, and operators say of values; the command line calls the same functions."""

from typing import Annotated

from litestar import Response, delete, post, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hydroalert.api.callers.may import may
from hydroalert.api.datastreams.views import GivenFlag, GivenUnit, Testing, show_testing
from hydroalert.api.maintenance import GivenMaintenance, Maintenance, parse_until, show_maintenance
from hydroalert.api.parameters import parse_time
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.stations.routes import StationCode
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.store.datastreams import (
    WORDS,
    Said,
    find_tested,
    flag_observation,
    maintain_datastream,
    save_datastream,
)
from hydroalert.store.devices import NewDatastream
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 16_384
_CREATED = {201: ResponseSpec(Testing, description="Added", generate_examples=False)}

DatastreamCode = Annotated[str, PathParameter(description="The datastream's code")]


@put(
    "/api/v1/stations/{station:str}/datastreams/{datastream:str}",
    tags=["stations"],
    summary="Add a datastream to a station, or change it",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 409, 413, 503) | _CREATED,
)
async def put_datastream(
    station: StationCode,
    datastream: DatastreamCode,
    data: JSONBody[GivenUnit],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Response[Testing]:
    """409 where it has values in another unit. Which device fills it: `PUT /api/v1/devices/{device}/datastreams/…`."""
    new = NewDatastream(datastream, data.unit, data.interval_s)
    async with writing(services.writings, caller.actor) as connection:
        added = await save_datastream(connection, station, new)
        shown = show_testing(await find_tested(connection, station, datastream))
    return Response(shown, status_code=201 if added else 200)


@put(
    "/api/v1/stations/{station:str}/datastreams/{datastream:str}/maintenance",
    tags=["stations"],
    summary="Until when a datastream's values raise nothing",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 413, 503),
)
async def put_datastream_maintenance(
    station: StationCode,
    datastream: DatastreamCode,
    data: JSONBody[GivenMaintenance],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Maintenance:
    """It keeps its values. A year at most."""
    until = parse_until(data, services.clock())
    async with writing(services.writings, caller.actor) as connection:
        tested = await find_tested(connection, station, datastream)
        await maintain_datastream(connection, tested.id, until)
    return show_maintenance(until)


@delete(
    "/api/v1/stations/{station:str}/datastreams/{datastream:str}/maintenance",
    tags=["stations"],
    summary="Let what a datastream says count again",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    responses=documented(404, 503),
)
async def delete_datastream_maintenance(
    station: StationCode,
    datastream: DatastreamCode,
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """Also where it was in no maintenance."""
    async with writing(services.writings, caller.actor) as connection:
        tested = await find_tested(connection, station, datastream)
        await maintain_datastream(connection, tested.id, None)


@post(
    "/api/v1/stations/{station:str}/datastreams/{datastream:str}/flags",
    tags=["observations"],
    summary="Say what one observation is, whatever the tests say",
    guards=[may(Role.OPERATOR, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=documented(400, 404, 409, 413, 503),
)
async def post_flag(
    station: StationCode,
    datastream: DatastreamCode,
    data: JSONBody[GivenFlag],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """Its value stays; the areas that hear it are judged anew. 404 where there is no value of exactly that time."""
    time = parse_time(data.time, "time")
    said = Said(WORDS[data.quality], caller.actor.name, data.reason)
    async with writing(services.writings, caller.actor) as connection:
        tested = await find_tested(connection, station, datastream)
        await flag_observation(connection, tested.id, time, said, services.clock())
