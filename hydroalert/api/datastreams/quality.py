"""`…/datastreams/{datastream}/quality`: how a datastream is tested."""

from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from hydroalert.api.callers.may import may
from hydroalert.api.datastreams.changing import MAX_BODY_BYTES, DatastreamCode
from hydroalert.api.datastreams.views import Testing, show_testing
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.stations.routes import StationCode
from hydroalert.domain.actors import Caller, Role, Scope
from hydroalert.domain.quality import QualitySettings
from hydroalert.store.datastreams import find_tested, save_settings
from hydroalert.store.quality import read_tested
from hydroalert.store.reading import reading
from hydroalert.store.stations import find_datastream
from hydroalert.store.writing import writing


@get(
    "/api/v1/stations/{station:str}/datastreams/{datastream:str}/quality",
    tags=["stations"],
    summary="How a datastream is tested",
    guards=[may(Role.VIEWER, Scope.FLEET_READ)],
    responses=documented(400, 404, 503),
)
async def read_quality(
    station: StationCode, datastream: DatastreamCode, services: NamedDependency[Services]
) -> Testing:
    """What was set for it, and what is in effect with the defaults."""
    async with reading(services.readings) as connection:
        found = await find_datastream(connection, station, datastream)
        return show_testing(await read_tested(connection, found))


@put(
    "/api/v1/stations/{station:str}/datastreams/{datastream:str}/quality",
    tags=["stations"],
    summary="Test a datastream otherwise",
    guards=[may(Role.ADMIN, Scope.FLEET_WRITE)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 404, 413, 503),
)
async def put_quality(
    station: StationCode,
    datastream: DatastreamCode,
    data: JSONBody[QualitySettings],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> Testing:
    """What is left out is as usual. What it brought in the last two days is tested anew."""
    async with writing(services.writings, caller.actor) as connection:
        tested = await find_tested(connection, station, datastream)
        await save_settings(connection, tested, data, services.clock())
        return show_testing(await find_tested(connection, station, datastream))
