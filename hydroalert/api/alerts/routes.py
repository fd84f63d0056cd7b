"""`/api/v1/alerts`: what is warned of, and what became of it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import PathParameter, QueryParameter

from hydroalert.api import cursors
from hydroalert.api.alerts.views import (
    AlertPage,
    AlertWithRevisions,
    FeatureCollection,
    show_alert,
    show_feature,
    show_revision,
)
from hydroalert.api.callers.may import anyone, caller_of, demand
from hydroalert.api.documenting import GeoJsonToo
from hydroalert.api.formats import GEOJSON, JSON, choose_format
from hydroalert.api.live.filters import parse_filter
from hydroalert.api.parameters import parse_optional_time
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Access, Role, Scope
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.store import reading_alerts as store
from hydroalert.store.reading import reading

_FORMATS = {"json": JSON, "geojson": GEOJSON}
_QUESTION = "alerts"
_OPERATORS = Access(Role.VIEWER, Scope.ALERTS_READ)

AlertId = Annotated[UUID, PathParameter(description="The alert's id")]
Operators = Annotated[bool, QueryParameter(description="Also what the public does not hear of; for viewers")]
Format = Annotated[
    str | None, QueryParameter(name="format", description="json or geojson; else the Accept header decides")
]


def parse_question(  # noqa: PLR0913 - one for each part of the query
    request: Request[Any, Any, Any],
    standing: Annotated[
        store.State, QueryParameter(name="state", description="Those that stand, those that are over, or all")
    ] = "active",
    area: Annotated[list[str] | None, QueryParameter(description="Codes of areas; repeat it, or use commas")] = None,
    severity: Annotated[str | None, QueryParameter(description="minor, moderate, severe or extreme, and worse")] = None,
    hazard: Annotated[str | None, QueryParameter(description="Such as flood")] = None,
    bbox: Annotated[str | None, QueryParameter(description="minlon,minlat,maxlon,maxlat in degrees")] = None,
    since: Annotated[str | None, QueryParameter(description="Changed then or later")] = None,
    drill: Annotated[bool, QueryParameter(description="Exercises instead")] = False,
    operators: Operators = False,
) -> store.Question:
    """Which alerts; an area or box that holds none is no fault."""
    if operators:
        demand(_OPERATORS, caller_of(request))
    if hazard is not None and not is_code(hazard):
        raise InvalidInput("a hazard is lower-case letters, digits and hyphens, such as flood", "hazard")
    place = parse_filter(area or [], bbox, severity, [], drill)
    return store.Question(
        standing,
        tuple(sorted(place.areas)),
        place.severity,
        hazard,
        place.box,
        parse_optional_time(since, "since"),
        drill,
        operators,
    )


@get(
    "/api/v1/alerts",
    tags=["alerts"],
    summary="Alerts, the newest first",
    guards=[anyone()],
    dependencies={"question": Provide(parse_question, sync_to_thread=False)},
    operation_class=GeoJsonToo,
    responses=documented(400, 403, 503),
)
async def list_alerts(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    question: NamedDependency[store.Question],
    limit: Annotated[int, QueryParameter(description="Alerts a page", ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    format_: Format = None,
) -> Response[AlertPage]:
    """Those that stand, unless `state` says otherwise. `next` is the cursor of the next page."""
    media_type = choose_format(format_, request.headers.get("accept"), _FORMATS)
    after = None
    if cursor is not None:
        after = cursors.unseal(services.cursor_key, (_QUESTION, question), cursor, store.Place)
    async with reading(services.readings) as connection:
        found = await store.list_alerts(connection, question, after, limit + 1, shaped=media_type == GEOJSON)
    following = None
    if len(found) > limit:
        last = store.Place(found[limit - 1].body.raised_at, found[limit - 1].body.id)
        following = cursors.seal(services.cursor_key, (_QUESTION, question), last)
    headers = {"Vary": "Accept"} | cursors.next_link(request, following)
    return _in_format(found[:limit], following, question, media_type, headers)


@get(
    "/api/v1/alerts/{alert:uuid}",
    tags=["alerts"],
    summary="One alert and its revisions",
    guards=[anyone()],
    responses=documented(400, 403, 404, 503),
)
async def read_alert(
    alert: AlertId, request: Request[Any, Any, Any], services: NamedDependency[Services], operators: Operators = False
) -> AlertWithRevisions:
    """Also of one that is over. The public's revisions; with `operators=true`, for who may, all of them."""
    if operators:
        demand(_OPERATORS, caller_of(request))
    async with reading(services.readings) as connection:
        found = await store.find_alert(connection, alert, operators=operators)
        if found is None:
            raise NotFound(f"there is no alert {alert}")
        revisions = await store.revisions_of(connection, alert, operators=operators)
    return AlertWithRevisions(show_alert(found, operators=operators), [show_revision(one) for one in revisions])


def _in_format(
    found: list[store.Alert],
    following: str | None,
    question: store.Question,
    media_type: str,
    headers: dict[str, str],
) -> Response[Any]:
    content: Any
    if media_type == GEOJSON:
        content = FeatureCollection([show_feature(one, operators=question.operators) for one in found], following)
    else:
        content = AlertPage([show_alert(one, operators=question.operators) for one in found], following)
    return Response(content, media_type=media_type, headers=headers)
