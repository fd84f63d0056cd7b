"""What administrators change of stations; the command line calls the same functions."""

from litestar import Response, delete, put
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody

from hydroalert.api.callers.may import may
from hydroalert.api.maintenance import GivenMaintenance, Maintenance, parse_until, show_maintenance
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.stations.routes import StationCode
from hydroalert.api.stations.views import GivenStation, Station, show_station
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.store import Connection, reading_stations
from hydroalert.store.datastreams import maintain_station
from hydroalert.store.stations import NewStation, remove_station, save_stations
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 16_384
_CREATED = {201: ResponseSpec(Station, description="Added", generate_examples=False)}


@put(
    "/api/v1/stations/{station:str}",
    tags=["stations"],
    summary="Add a station, or replace it",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 409, 413, 503) | _CREATED,
)
async def put_station(
    station: StationCode,
    data: JSONBody[GivenStation],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Response[Station]:
    """Its datastreams and devices stay; the same again changes nothing."""
    if not is_code(station):
        raise InvalidInput(f"{station!r} can be no station's code: lower-case letters, digits and hyphens", "station")
    new = NewStation(station, data.name, data.lon, data.lat, data.river, data.official_code)
    async with writing(services.writings, caller.actor) as connection:
        added = await save_stations(connection, [new])
        shown = show_station(await _read(connection, station), services.clock())
    return Response(shown, status_code=201 if added else 200)


@delete(
    "/api/v1/stations/{station:str}",
    tags=["stations"],
    summary="Forget a station that nothing hangs on",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    responses=documented(404, 409, 503),
)
async def delete_station(
    station: StationCode, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> None:
    """409 says what hangs on it: datastreams, devices, areas that it informs."""
    async with writing(services.writings, caller.actor) as connection:
        await remove_station(connection, _known(station))


@put(
    "/api/v1/stations/{station:str}/maintenance",
    tags=["stations"],
    summary="Until when a station's values raise nothing and it is not missed",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 413, 503),
)
async def put_station_maintenance(
    station: StationCode,
    data: JSONBody[GivenMaintenance],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Maintenance:
    """It keeps its values. A year at most."""
    until = parse_until(data, services.clock())
    async with writing(services.writings, caller.actor) as connection:
        await maintain_station(connection, _known(station), until)
    return show_maintenance(until)


@delete(
    "/api/v1/stations/{station:str}/maintenance",
    tags=["stations"],
    summary="Let what a station says count again",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    responses=documented(404, 503),
)
async def delete_station_maintenance(
    station: StationCode, services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> None:
    """Also where it was in no maintenance."""
    async with writing(services.writings, caller.actor) as connection:
        await maintain_station(connection, _known(station), None)


def _known(station: str) -> str:
    if not is_code(station):
        raise NotFound(f"{station!r} is no station's code: lower-case letters, digits and hyphens")
    return station


async def _read(connection: Connection, code: str) -> reading_stations.Station:
    found = await reading_stations.station(connection, code)
    assert found is not None  # it was just saved, in this transaction
    return (await reading_stations.with_datastreams(connection, [found]))[0]
