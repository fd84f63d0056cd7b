"""`/api/v1/reports`: anyone says what they see; anyone sees, coarsely, what was verified."""

from datetime import datetime
from typing import Annotated, Any
from uuid import uuid4

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import HeaderParameter, JSONBody, QueryParameter

from hydroalert.api import cursors
from hydroalert.api.callers.may import anyone
from hydroalert.api.callers.rates import REPORTING
from hydroalert.api.documenting import GeoJsonToo
from hydroalert.api.formats import GEOJSON, JSON, choose_format
from hydroalert.api.parameters import parse_box, parse_optional_time
from hydroalert.api.problems import documented
from hydroalert.api.reports.public import FeatureCollection, PublicReportPage, show_feature, show_public
from hydroalert.api.reports.views import SubmittedReport, show_submitted
from hydroalert.api.services import Services
from hydroalert.domain.actors import Actor, Caller
from hydroalert.reports.claims import Sighting, check_claim
from hydroalert.reports.coarse import SHOWN_FOR
from hydroalert.reports.submitting import CITIZEN, Sending, submit
from hydroalert.store import public_reports as store
from hydroalert.store.reading import reading
from hydroalert.store.reading_stations import Box
from hydroalert.store.writing import writing

MAX_BODY_BYTES = 16_384
NO_STORE = {"Cache-Control": "no-store"}
_FORMATS = {"json": JSON, "geojson": GEOJSON}

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        description="Drawn at random, such as a UUID: sent again with the same body, it is the same report",
        min_length=16,
        max_length=200,
    ),
]


class Selection(msgspec.Struct, frozen=True):
    """Which reports are asked for; what a cursor is bound to."""

    box: Box | None
    since: datetime | None


def actor_of(caller: Caller) -> Actor:
    """Who acts on a report: an account, or a citizen, of whom nothing is kept."""
    return CITIZEN if caller.role is None else caller.actor


def parse_selection(
    bbox: Annotated[
        str | None, QueryParameter(description="minlon,minlat,maxlon,maxlat in degrees; of the cells' centres")
    ] = None,
    since: Annotated[
        str | None, QueryParameter(description="Seen then or later, by quarters of an hour; else within 48 h")
    ] = None,
) -> Selection:
    """All, or those in a box, of the last two days or since then."""
    return Selection(None if bbox is None else parse_box(bbox), parse_optional_time(since, "since"))


@post(
    "/api/v1/reports",
    tags=["reports"],
    summary="Report a flood",
    guards=[anyone(REPORTING)],
    request_max_body_size=MAX_BODY_BYTES,
    responses=documented(400, 409, 413, 429, 503),
)
async def submit_report(
    data: JSONBody[Sighting],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
    once: IdempotencyKey = None,
) -> Response[SubmittedReport]:
    """No account is needed. The tracking code is shown in this answer only; nobody can find it again."""
    now, actor = services.clock(), actor_of(caller)
    claim = check_claim(data, now)
    async with writing(services.writings, actor) as connection:
        submitted = await submit(connection, services.vault, claim, Sending(uuid4(), actor.name, now, once))
    return Response(show_submitted(submitted), headers=NO_STORE)


@get(
    "/api/v1/reports",
    tags=["reports"],
    summary="Where people saw floods: verified, and coarse enough to protect homes",
    guards=[anyone()],
    dependencies={"selection": Provide(parse_selection, sync_to_thread=False)},
    operation_class=GeoJsonToo,
    responses=documented(400, 429, 503),
)
async def list_public(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    selection: NamedDependency[Selection],
    limit: Annotated[int, QueryParameter(description="Reports a page", ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, QueryParameter(description="`next` of the page before")] = None,
    format_: Annotated[
        str | None, QueryParameter(name="format", description="json or geojson; else the Accept header decides")
    ] = None,
) -> Response[PublicReportPage]:
    """The newest first. Of each a cell of about 500 m and a quarter of an hour; where none is, nothing is known."""
    media_type = choose_format(format_, request.headers.get("accept"), _FORMATS)
    question = ("reports", selection)
    after = None if cursor is None else cursors.unseal(services.cursor_key, question, cursor, store.Place)
    since = selection.since or services.clock() - SHOWN_FOR
    async with reading(services.readings) as connection:
        found = await store.list_public_reports(connection, since, selection.box, after, limit + 1)
    following = None
    if len(found) > limit:
        last = store.Place(found[limit - 1].seen_quarter, found[limit - 1].id)
        following = cursors.seal(services.cursor_key, question, last)
    headers = {"Vary": "Accept"} | cursors.next_link(request, following)
    return _in_format(PublicReportPage([show_public(one) for one in found[:limit]], following), media_type, headers)


def _in_format(page: PublicReportPage, media_type: str, headers: dict[str, str]) -> Response[Any]:
    content: Any = page
    if media_type == GEOJSON:
        content = FeatureCollection([show_feature(one) for one in page.reports], page.next)
    return Response(content, media_type=media_type, headers=headers)
