"""`/api/v1/reports/tracked/evidence` takes pictures; `/api/v1/evidence` shows them to who has a signed link."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter
from litestar.response import Stream

from hydroalert.api.callers.may import anyone
from hydroalert.api.callers.rates import EVIDENCE
from hydroalert.api.documenting import PictureIn, PictureOut
from hydroalert.api.evidence.body import check_length, receive
from hydroalert.api.evidence.views import SentPicture, show_sent
from hydroalert.api.problems import Refused, documented
from hydroalert.api.reports.routes import NO_STORE, actor_of
from hydroalert.api.reports.tracked import Code
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller
from hydroalert.domain.clock import EPOCH
from hydroalert.domain.errors import NotFound
from hydroalert.evidence.keeping import Stored, check_open, free_number, keep, store_picture
from hydroalert.evidence.picture import MAX_SENT_BYTES, Refusal, Word
from hydroalert.evidence.sign import Fault, Variant, fault_of
from hydroalert.evidence.spool import Spool
from hydroalert.reports import following
from hydroalert.store import Connection
from hydroalert.store.evidence import Evidence, find_key, find_same, taken_numbers
from hydroalert.store.reading import reading
from hydroalert.store.reports import Report
from hydroalert.store.writing import writing

_JPEG = "image/jpeg"
_OF_NO_KIND = frozenset({Word.NOT_A_PICTURE, Word.UNSUPPORTED_TYPE})
_FAULTS = {
    Fault.BAD: "This link was not made here, or not for this picture: ask for the report again, it has new ones.",
    Fault.EXPIRED: "This link was good for a few minutes: ask for the report again, it has new ones.",
}


@post(
    "/api/v1/reports/tracked/evidence",
    tags=["reports"],
    summary="Add a picture to one's own report: the body is the picture, and nothing else",
    guards=[anyone(EVIDENCE)],
    operation_class=PictureIn,
    request_max_body_size=MAX_SENT_BYTES,
    responses={
        200: ResponseSpec(SentPicture, generate_examples=False, description="These very bytes are there already"),
        **documented(400, 404, 408, 409, 413, 415, 422, 429, 503),
    },
)
async def add_evidence(
    code: Code, request: Request[Any, Any, Any], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> Response[SentPicture]:
    """JPEG, PNG or WebP to 12 MB and 40 megapixels, by content, whatever it is called; 5 a report, while it is open.
    What is kept is made anew without metadata: the place and time of it stay as hints for operators. A picture that
    is not taken has a `reason`."""
    check_length(request)
    with services.uploads.one_for(request.client.host if request.client else ""):
        async with reading(services.readings) as connection:
            report = await _report(connection, code)
        with services.evidence.spool() as sent:
            await receive(request, sent)
            same = await _same(services, report, sent)
            if same is not None:
                return _answer(services, same, HTTPStatus.OK)
            stored = await _stored(services, sent)
    async with writing(services.writings, actor_of(caller)) as connection:
        held = await following.hold(connection, code)
        kept = await keep(connection, held, stored, actor_of(caller).name, services.clock())
    services.meters.pictures.labels("kept").inc()
    return _answer(services, kept, HTTPStatus.CREATED)


@get(
    "/api/v1/evidence/{evidence:uuid}/{variant:str}",
    tags=["reports"],
    summary="A picture, by its signed link",
    guards=[anyone()],
    operation_class=PictureOut,
    status_code=200,
    responses=documented(400, 403, 404, 503),
)
async def read_evidence(
    evidence: Annotated[UUID, PathParameter(description="The picture's id")],
    variant: Annotated[Variant, PathParameter(description="The picture, or its thumbnail")],
    expires: Annotated[int, QueryParameter(description="Unix seconds, as the link has it", ge=0, le=2**40)],
    signature: Annotated[str, QueryParameter(description="As the link has it", max_length=100)],
    services: NamedDependency[Services],
) -> Response[Any]:
    """JPEG. Links are found beside reports and are good for 10 to 15 minutes. Where pictures are kept in a cloud, the
    larger one may answer with a redirect to a link of the cloud's own."""
    now = services.clock()
    fault = fault_of(services.evidence.link_key, evidence, variant, expires, signature, now)
    if fault is not None:
        raise Refused(HTTPStatus.FORBIDDEN, fault.value, _FAULTS[fault])
    async with reading(services.readings) as connection:
        key = await find_key(connection, evidence, variant.value)
    if key is None:
        raise NotFound("this picture is not there any more")
    left = EPOCH + timedelta(seconds=expires) - now
    # Pages show thumbnails, and their policy lets them show nothing from elsewhere.
    elsewhere = await services.evidence.storage.link(key, left) if variant is Variant.PICTURE else None
    return await _stream(services, key, left) if elsewhere is None else _redirect(elsewhere)


async def _report(connection: Connection, code: str) -> Report:
    """The report. Raises Conflicting, before any of the body is read, for one that is closed and has no pictures."""
    report = await following.look(connection, code)
    if not await taken_numbers(connection, report.id):
        check_open(report)
    return report


async def _same(services: Services, report: Report, sent: Spool) -> Evidence | None:
    """The evidence that these bytes are already, also of a report that was closed since: who sends them again got no
    answer. Raises Conflicting where no more are taken; whoever adds one finds that out again, with the row held."""
    async with reading(services.readings) as connection:
        same = await find_same(connection, report.id, sent.sha256)
        if same is None:
            check_open(report)
            await free_number(connection, report.id)
    return same


async def _stored(services: Services, sent: Spool) -> Stored:
    outcome = await store_picture(services.evidence, services.writings, sent, services.clock)
    if isinstance(outcome, Stored):
        return outcome
    services.meters.pictures.labels(outcome.word.value).inc()
    raise _not_taken(outcome)


def _not_taken(refusal: Refusal) -> Refused:
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE if refusal.word in _OF_NO_KIND else HTTPStatus.UNPROCESSABLE_ENTITY
    return Refused(status, "picture-refused", refusal.detail, reason=refusal.word.value)


def _answer(services: Services, found: Evidence, status: HTTPStatus) -> Response[SentPicture]:
    return Response(show_sent(services, found, services.clock()), status_code=status, headers=NO_STORE)


async def _stream(services: Services, key: str, left: timedelta) -> Response[Any]:
    stored = await services.evidence.storage.get(key)
    headers = {
        "Content-Length": str(stored.size_bytes),
        "Content-Disposition": 'inline; filename="evidence.jpg"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": f"private, max-age={max(0, int(left.total_seconds()))}, immutable",
    }
    return Stream(stored.chunks, media_type=_JPEG, headers=headers)


def _redirect(link: str) -> Response[Any]:
    headers = {"Location": link} | NO_STORE
    return Response(b"", status_code=HTTPStatus.TEMPORARY_REDIRECT, media_type=_JPEG, headers=headers)
