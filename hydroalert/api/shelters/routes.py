"""`/api/v1/shelters`: all, within a box, or one; and how many people were in it."""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter

from hydroalert.api import cursors
from hydroalert.api.callers.may import anyone
from hydroalert.api.documenting import GeoJsonToo
from hydroalert.api.formats import GEOJSON, JSON, choose_format
from hydroalert.api.parameters import parse_box
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.api.shelters.views import (
    CountPage,
    FeatureCollection,
    Shelter,
    ShelterPage,
    show_count,
    show_feature,
    show_shelter,
)
from hydroalert.domain.shelters import Status
from hydroalert.store import reading_shelters as store
from hydroalert.store.reading import from_us, reading, to_us
from hydroalert.store.reading_stations import Box

_FORMATS = {"json": JSON, "geojson": GEOJSON}
_VARY = {"Vary": "Accept"}
_FAR_OFF = datetime(9999, 12, 31, tzinfo=UTC)

ShelterCode = Annotated[str, PathParameter(description="The shelter's code")]
Cursor = Annotated[str | None, QueryParameter(description="`next` of the page before")]


class Selection(msgspec.Struct, frozen=True):
    """Which shelters are asked for; what a cursor is bound to."""

    box: Box | None
    status: Status | None


def parse_selection(
    bbox: Annotated[str | None, QueryParameter(description="minlon,minlat,maxlon,maxlat in degrees")] = None,
    status: Annotated[Status | None, QueryParameter(description="Only those that are open, on standby, closed")] = None,
) -> Selection:
    """All shelters, or those within a box, or of a status."""
    return Selection(None if bbox is None else parse_box(bbox), status)


def parse_media_type(
    request: Request[Any, Any, Any],
    format_: Annotated[
        str | None, QueryParameter(name="format", description="json or geojson; else the Accept header decides")
    ] = None,
) -> str:
    """JSON or GeoJSON."""
    return choose_format(format_, request.headers.get("accept"), _FORMATS)


_FORM = {"media_type": Provide(parse_media_type, sync_to_thread=False)}


@get(
    "/api/v1/shelters",
    tags=["shelters"],
    summary="Evacuation centres: where, whether open, and how full",
    guards=[anyone()],
    dependencies=_FORM | {"selection": Provide(parse_selection, sync_to_thread=False)},
    operation_class=GeoJsonToo,
    responses=documented(400, 503),
)
async def list_all_shelters(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    selection: NamedDependency[Selection],
    media_type: NamedDependency[str],
    limit: Annotated[int, QueryParameter(description="Shelters a page", ge=1, le=1000)] = 100,
    cursor: Cursor = None,
) -> Response[ShelterPage]:
    """Ordered by code."""
    question = ("shelters", selection)
    after = "" if cursor is None else cursors.unseal(services.cursor_key, question, cursor, str)
    async with reading(services.readings) as connection:
        found = await store.list_shelters(connection, after, limit + 1, selection.box, selection.status)
    following = None
    if len(found) > limit:
        following = cursors.seal(services.cursor_key, question, found[limit - 1].code)
    now = services.clock()
    page = ShelterPage([show_shelter(one, now) for one in found[:limit]], following)
    headers = _VARY | cursors.next_link(request, following)
    content: Any = page
    if media_type == GEOJSON:
        content = FeatureCollection([show_feature(one) for one in page.shelters], following)
    return Response(content, media_type=media_type, headers=headers)


@get(
    "/api/v1/shelters/{shelter:str}",
    tags=["shelters"],
    summary="One evacuation centre",
    guards=[anyone()],
    dependencies=_FORM,
    operation_class=GeoJsonToo,
    responses=documented(400, 404, 503),
)
async def read_one_shelter(
    shelter: ShelterCode, services: NamedDependency[Services], media_type: NamedDependency[str]
) -> Response[Shelter]:
    """Whether it is open, how full, and which alerts are in force where it stands."""
    async with reading(services.readings) as connection:
        shown = show_shelter(await store.read_shelter(connection, shelter), services.clock())
    content: Any = show_feature(shown) if media_type == GEOJSON else shown
    return Response(content, media_type=media_type, headers=_VARY)


@get(
    "/api/v1/shelters/{shelter:str}/occupancy",
    tags=["shelters"],
    summary="How many people were in it, and when",
    guards=[anyone()],
    responses=documented(400, 404, 503),
)
async def list_counts(
    request: Request[Any, Any, Any],
    shelter: ShelterCode,
    services: NamedDependency[Services],
    limit: Annotated[int, QueryParameter(description="Counts a page", ge=1, le=1000)] = 100,
    cursor: Cursor = None,
) -> Response[CountPage]:
    """By the time of the count, the latest first."""
    question = ("occupancy", shelter)
    before = _FAR_OFF if cursor is None else from_us(cursors.unseal(services.cursor_key, question, cursor, int))
    async with reading(services.readings) as connection:
        found = await store.read_counts(connection, shelter, before, limit + 1)
    following = None
    if len(found) > limit:
        following = cursors.seal(services.cursor_key, question, to_us(found[limit - 1].at))
    page = CountPage(shelter, [show_count(one) for one in found[:limit]], following)
    return Response(page, headers=cursors.next_link(request, following))
