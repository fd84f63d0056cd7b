"""`/api/v1/stations`: all, within a box, near a place, or one."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter

from hydroalert.api import cursors
from hydroalert.api.callers.may import anyone
from hydroalert.api.documenting import GeoJsonToo
from hydroalert.api.formats import GEOJSON, JSON, choose_format
from hydroalert.api.parameters import parse_box, parse_circle
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.stations.views import (
    DatastreamList,
    FeatureCollection,
    Station,
    StationPage,
    show_datastreams,
    show_feature,
    show_station,
)
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.store import Connection
from hydroalert.store import reading_stations as store
from hydroalert.store.reading import reading

_FORMATS = {"json": JSON, "geojson": GEOJSON}
_VARY = {"Vary": "Accept"}

Format = Annotated[
    str | None, QueryParameter(name="format", description="json or geojson; else the Accept header decides")
]
StationCode = Annotated[str, PathParameter(description="The station's code")]


class Selection(msgspec.Struct, frozen=True):
    """Which stations are asked for; what a cursor is bound to."""

    box: store.Box | None
    circle: store.Circle | None


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The last station of a page."""

    distance_m: float
    code: str


_START = Position(-1.0, "")


def parse_selection(
    bbox: Annotated[
        str | None,
        QueryParameter(
            description="minlon,minlat,maxlon,maxlat in degrees; minlon above maxlon crosses the antimeridian"
        ),
    ] = None,
    near: Annotated[
        str | None, QueryParameter(description="lon,lat in degrees: the nearest first; needs radius_m")
    ] = None,
    radius_m: Annotated[float | None, QueryParameter(description="How far around near, in metres", gt=0)] = None,
) -> Selection:
    """All stations, those within a box, or those near a place."""
    if bbox is not None and near is not None:
        raise InvalidInput("give bbox or near, not both", "near")
    if near is None and radius_m is not None:
        raise InvalidInput("radius_m needs near: lon,lat", "near")
    return Selection(
        None if bbox is None else parse_box(bbox),
        None if near is None else parse_circle(near, radius_m),
    )


@get(
    "/api/v1/stations",
    tags=["stations"],
    summary="Stations, each with its datastreams and what was last heard",
    guards=[anyone()],
    dependencies={"selection": Provide(parse_selection, sync_to_thread=False)},
    operation_class=GeoJsonToo,
    responses=documented(400, 503),
)
async def list_stations(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    selection: NamedDependency[Selection],
    limit: Annotated[int, QueryParameter(description="Stations a page", ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    format_: Format = None,
) -> Response[StationPage]:
    """Ordered by code, or by distance where `near` is given. `next` is the cursor of the next page."""
    media_type = choose_format(format_, request.headers.get("accept"), _FORMATS)
    after = _START
    if cursor is not None:
        after = cursors.unseal(services.cursor_key, ("stations", selection), cursor, Position)
    async with reading(services.readings) as connection:
        found = await _find(connection, selection, after, limit + 1)
        stations = await store.with_datastreams(connection, found[:limit])
    following = None
    if len(found) > limit:
        last = Position(stations[-1].distance_m or 0.0, stations[-1].code)
        following = cursors.seal(services.cursor_key, ("stations", selection), last)
    now = services.clock()
    page = StationPage([show_station(one, now) for one in stations], following)
    headers = _VARY | cursors.next_link(request, following)
    return _in_format(page, media_type, headers)


@get(
    "/api/v1/stations/{station:str}",
    tags=["stations"],
    summary="One station",
    guards=[anyone()],
    operation_class=GeoJsonToo,
    responses=documented(400, 404, 503),
)
async def read_station(
    station: StationCode,
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    format_: Format = None,
) -> Response[Station]:
    """With its datastreams and what was last heard of each."""
    media_type = choose_format(format_, request.headers.get("accept"), _FORMATS)
    shown = show_station(await _load(services, station), services.clock())
    content: Any = show_feature(shown) if media_type == GEOJSON else shown
    return Response(content, media_type=media_type, headers=_VARY)


@get(
    "/api/v1/stations/{station:str}/datastreams",
    tags=["stations"],
    summary="The datastreams of one station",
    guards=[anyone()],
    responses=documented(404, 503),
)
async def list_datastreams(station: StationCode, services: NamedDependency[Services]) -> DatastreamList:
    """What it measures, and what was last heard of each."""
    found = await _load(services, station)
    return DatastreamList(found.code, show_datastreams(found, services.clock()))


async def _find(connection: Connection, selection: Selection, after: Position, limit: int) -> list[store.Station]:
    if selection.circle is not None:
        return await store.stations_near(connection, selection.circle, (after.distance_m, after.code), limit)
    if selection.box is not None:
        return await store.stations_within(connection, selection.box, after.code, limit)
    return await store.all_stations(connection, after.code, limit)


async def _load(services: Services, code: str) -> store.Station:
    if not is_code(code):
        raise NotFound(f"{code!r} is no station's code: lower-case letters, digits and hyphens")
    async with reading(services.readings) as connection:
        found = await store.station(connection, code)
        if found is None:
            raise NotFound(f"there is no station {code!r}")
        return (await store.with_datastreams(connection, [found]))[0]


def _in_format(page: StationPage, media_type: str, headers: dict[str, str]) -> Response[Any]:
    content: Any = page
    if media_type == GEOJSON:
        content = FeatureCollection([show_feature(one) for one in page.stations], page.next)
    return Response(content, media_type=media_type, headers=headers)
