"""`…/datastreams/{datastream}/observations`: a series, page by page, as it stands or as it was known."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter
from litestar.response import Stream

from hydroalert.api import cursors
from hydroalert.api.callers.may import anyone
from hydroalert.api.documenting import CsvToo
from hydroalert.api.formats import CSV, JSON, choose_format
from hydroalert.api.observations.views import ObservationPage, show_observation, stream_csv
from hydroalert.api.parameters import parse_optional_time
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.codes import is_code, is_datastream_code
from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.store import Connection
from hydroalert.store import reading_observations as store
from hydroalert.store.reading import from_us, reading, to_us

_FORMATS = {"json": JSON, "csv": CSV}
_MAX_RESOLUTION_S = 31 * 86_400
_ROWS_A_BUCKET = 2

Resolution = Annotated[
    int | None,
    QueryParameter(
        description="Seconds a bucket: of each, only the lowest and the highest observation, so crests survive",
        ge=1,
        le=_MAX_RESOLUTION_S,
    ),
]
Limit = Annotated[int, QueryParameter(description="Observations a page; at least 2 with resolution", ge=1, le=10_000)]
Cursor = Annotated[str | None, QueryParameter(description="`next` of the page before")]
Format = Annotated[str | None, QueryParameter(name="format", description="json or csv; else the Accept header decides")]


class Question(msgspec.Struct, frozen=True):
    """Which observations are asked for; what a cursor is bound to."""

    station: str
    datastream: str
    span: store.Span
    resolution_s: int | None


def parse_span(
    from_: Annotated[str | None, QueryParameter(name="from", description="Phenomenon time, this or later")] = None,
    to: Annotated[str | None, QueryParameter(description="Phenomenon time, earlier than this")] = None,
    known_at: Annotated[str | None, QueryParameter(description="The series as it was known at this time")] = None,
    received_after: Annotated[str | None, QueryParameter(description="Only what arrived later than this")] = None,
) -> store.Span:
    """Which observations; times are RFC 3339 with an offset."""
    start, end = parse_optional_time(from_, "from"), parse_optional_time(to, "to")
    if start is not None and end is not None and start > end:
        raise InvalidInput("to is earlier than from", "to")
    return store.Span(
        start,
        end,
        parse_optional_time(received_after, "received_after"),
        parse_optional_time(known_at, "known_at"),
    )


@get(
    "/api/v1/stations/{station:str}/datastreams/{datastream:str}/observations",
    tags=["observations"],
    summary="The observations of one datastream",
    guards=[anyone()],
    dependencies={"span": Provide(parse_span, sync_to_thread=False)},
    operation_class=CsvToo,
    responses=documented(400, 404, 503),
)
async def list_observations(  # noqa: PLR0913 - one for each part of the query
    station: Annotated[str, PathParameter(description="The station's code")],
    datastream: Annotated[str, PathParameter(description="The datastream's code, such as level")],
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    span: NamedDependency[store.Span],
    resolution: Resolution = None,
    limit: Limit = 1000,
    cursor: Cursor = None,
    format_: Format = None,
) -> Response[ObservationPage]:
    """In the order of their phenomenon times, the earliest first. Times are RFC 3339 with an offset.

    `next` (in CSV: the Link header) leads to the next page; what is stored meanwhile neither repeats nor hides a row.
    """
    media_type = choose_format(format_, request.headers.get("accept"), _FORMATS)
    question = Question(station, datastream, span, resolution)
    if resolution is not None and limit < _ROWS_A_BUCKET:
        raise InvalidInput("with resolution, limit must be at least 2", "limit")
    if cursor is not None:
        start_us = cursors.unseal(services.cursor_key, question, cursor, int)
        span = msgspec.structs.replace(span, start=from_us(start_us))
    async with reading(services.readings) as connection:
        series = await _find_series(connection, station, datastream)
        page = await _read(connection, series, span, resolution, limit)
    following = _next_cursor(services, question, page.resume_at)
    headers = {"Vary": "Accept"} | cursors.next_link(request, following)
    return _in_format(page, series.unit, following, media_type, headers)


async def _find_series(connection: Connection, station: str, datastream: str) -> store.Series:
    series = None
    if is_code(station) and is_datastream_code(datastream):
        series = await store.find_series(connection, station, datastream)
    if series is None:
        raise NotFound(f"there is no datastream {datastream!r} at a station {station!r}")
    return series


async def _read(
    connection: Connection, series: store.Series, span: store.Span, resolution_s: int | None, limit: int
) -> store.Page:
    if resolution_s is None:
        return await store.page(connection, series, span, limit)
    return await store.extremes(connection, series, span, resolution_s, limit // _ROWS_A_BUCKET)


def _next_cursor(services: Services, question: Question, resume_at: datetime | None) -> str | None:
    return None if resume_at is None else cursors.seal(services.cursor_key, question, to_us(resume_at))


def _in_format(
    page: store.Page, unit: str, following: str | None, media_type: str, headers: dict[str, str]
) -> Response[Any]:
    if media_type == CSV:
        return Stream(stream_csv(page.observations, unit), media_type="text/csv; header=present", headers=headers)
    shown = ObservationPage(unit, [show_observation(one) for one in page.observations], following)
    return Response(shown, media_type=JSON, headers=headers)
