"""`/api/v1/areas`: all, within a box, near a place, or one; and the stations that inform it."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter

from hydroalert.api import cursors
from hydroalert.api.areas.views import (
    Area,
    AreaPage,
    FeatureCollection,
    InformingList,
    show_area,
    show_feature,
    show_informing,
)
from hydroalert.api.callers.may import anyone
from hydroalert.api.documenting import GeoJsonToo
from hydroalert.api.formats import GEOJSON, JSON, choose_format
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.stations.routes import Selection, parse_selection
from hydroalert.store import Connection
from hydroalert.store import reading_areas as store
from hydroalert.store.informing import MAX_WITHIN_M, informing_stations, suggest_stations
from hydroalert.store.reading import reading

_FORMATS = {"json": JSON, "geojson": GEOJSON}
_VARY = {"Vary": "Accept"}

AreaCode = Annotated[str, PathParameter(description="The area's code")]


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The last area of a page."""

    distance_m: float
    code: str


class Drawing(msgspec.Struct, frozen=True):
    """In which form the answer is wanted, and how exactly it draws polygons; None: not at all."""

    media_type: str
    shape: store.Shape | None


_START = Position(-1.0, "")


def parse_drawing(
    request: Request[Any, Any, Any],
    format_: Annotated[
        str | None, QueryParameter(name="format", description="json or geojson; else the Accept header decides")
    ] = None,
    tolerance_m: Annotated[
        float, QueryParameter(description="In GeoJSON, by how many metres polygons may be simplified", ge=0, le=100_000)
    ] = 0.0,
) -> Drawing:
    """Polygons are drawn in GeoJSON only."""
    media_type = choose_format(format_, request.headers.get("accept"), _FORMATS)
    return Drawing(media_type, store.Shape(tolerance_m) if media_type == GEOJSON else None)


_DRAWN = {"drawing": Provide(parse_drawing, sync_to_thread=False)}


@get(
    "/api/v1/areas",
    tags=["areas"],
    summary="Alert areas and how they stand",
    guards=[anyone()],
    dependencies=_DRAWN | {"selection": Provide(parse_selection, sync_to_thread=False)},
    operation_class=GeoJsonToo,
    responses=documented(400, 503),
)
async def list_areas(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    selection: NamedDependency[Selection],
    drawing: NamedDependency[Drawing],
    limit: Annotated[int, QueryParameter(description="Areas a page", ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
) -> Response[AreaPage]:
    """Ordered by code, or by distance where `near` is given; polygons in GeoJSON only."""
    after = _START
    if cursor is not None:
        after = cursors.unseal(services.cursor_key, ("areas", selection), cursor, Position)
    async with reading(services.readings) as connection:
        found = await _find(connection, selection, after, limit + 1)
        areas = await store.load_areas(connection, found[:limit], drawing.shape)
    following = None
    if len(found) > limit:
        last = Position(found[limit - 1].distance_m or 0.0, found[limit - 1].code)
        following = cursors.seal(services.cursor_key, ("areas", selection), last)
    content: Any = AreaPage([show_area(area) for area in areas], following)
    if drawing.shape:
        content = FeatureCollection([show_feature(area) for area in areas], following)
    return Response(content, media_type=drawing.media_type, headers=_VARY | cursors.next_link(request, following))


@get(
    "/api/v1/areas/{area:str}",
    tags=["areas"],
    summary="One alert area and how it stands",
    guards=[anyone()],
    dependencies=_DRAWN,
    operation_class=GeoJsonToo,
    responses=documented(400, 404, 503),
)
async def read_area(
    area: AreaCode, services: NamedDependency[Services], drawing: NamedDependency[Drawing]
) -> Response[Area]:
    """With its polygon in GeoJSON."""
    async with reading(services.readings) as connection:
        found = await store.read_area(connection, area, drawing.shape)
    content: Any = show_feature(found) if drawing.shape else show_area(found)
    return Response(content, media_type=drawing.media_type, headers=_VARY)


@get(
    "/api/v1/areas/{area:str}/stations",
    tags=["areas"],
    summary="The stations that inform an area, or might",
    guards=[anyone()],
    responses=documented(400, 404, 503),
)
async def list_informing(
    area: AreaCode,
    services: NamedDependency[Services],
    within_m: Annotated[
        float | None,
        QueryParameter(
            description="All stations inside and so far around instead, the nearest first", ge=0, le=MAX_WITHIN_M
        ),
    ] = None,
) -> InformingList:
    """Those that inform it; with `within_m` suggestions, `chosen` null where a station does not inform it."""
    async with reading(services.readings) as connection:
        if within_m is None:
            found = await informing_stations(connection, area)
        else:
            found = await suggest_stations(connection, area, within_m)
    return show_informing(area, found)


async def _find(connection: Connection, selection: Selection, after: Position, limit: int) -> list[store.Place]:
    if selection.circle is not None:
        return await store.areas_near(connection, selection.circle, (after.distance_m, after.code), limit)
    if selection.box is not None:
        return await store.areas_within(connection, selection.box, after.code, limit)
    return await store.all_areas(connection, after.code, limit)
