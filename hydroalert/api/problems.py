"""Every error as problem details (RFC 9457): the one place where faults become HTTP."""

from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.openapi.datastructures import ResponseSpec

from hydroalert.domain.errors import (
    ChangedMeanwhile,
    Conflicting,
    HydroAlertError,
    InvalidInput,
    NotAllowed,
    NotFound,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
_URN = "urn:hydroalert:problem:"
_RETRY_AFTER_S = 5
_GONE = "client disconnected prematurely"
"""What Litestar says, as a fault of ours, of a client that went in the midst of its body."""

_FAULTS = (
    (InvalidInput, HTTPStatus.BAD_REQUEST, "invalid-input"),
    (NotFound, HTTPStatus.NOT_FOUND, "not-found"),
    (NotAllowed, HTTPStatus.FORBIDDEN, "not-allowed"),
    (ChangedMeanwhile, HTTPStatus.CONFLICT, "changed-meanwhile"),
    (Conflicting, HTTPStatus.CONFLICT, "conflict"),
    (Unavailable, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
)
"""What each of our own faults is over HTTP, the first that fits."""

_log = structlog.get_logger("hydroalert.api")


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Problem details: `type` is stable and for machines, `detail` says what to do and may be reworded.

    `parameter` names the part of the request that cannot be right; `reason` is a refusal's word; `current` is what
    the thing is now that somebody else changed meanwhile.
    """

    type: str
    title: str
    status: int
    detail: str
    parameter: str | None = None
    reason: str | None = None
    current: dict[str, Any] | None = None


class Refused(HydroAlertError):
    """A request that HTTP itself has a status for."""

    def __init__(
        self,
        status: HTTPStatus,
        name: str,
        detail: str,
        *,
        reason: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = problem(status, name, detail, reason=reason)
        self.headers = headers or {}


def problem(
    status: HTTPStatus, name: str, detail: str, *, parameter: str | None = None, reason: str | None = None
) -> Problem:
    """A problem of the type `urn:hydroalert:problem:{name}`."""
    return Problem(_URN + name, status.phrase, int(status), detail, parameter, reason)


def problem_response(found: Problem, headers: dict[str, str] | None = None) -> Response[Problem]:
    """The answer that carries a problem."""
    return Response(found, status_code=found.status, media_type=MEDIA_TYPE, headers=headers)


def answer_with_problem(request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """The answer to a request that broke off with that."""
    return problem_response(*problem_of(error, request.url.path))


def problem_of(error: Exception, path: str) -> tuple[Problem, dict[str, str]]:
    """Any exception's problem and headers; what nobody foresaw is logged with its trace and told nothing of."""
    if isinstance(error, Refused):
        return error.problem, error.headers
    if isinstance(error, Unavailable):
        return from_fault(error), {"Retry-After": str(_RETRY_AFTER_S)}
    if isinstance(error, HydroAlertError):
        return from_fault(error), {}
    if isinstance(error, HTTPException) and (error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR or _is_gone(error)):
        return from_http(error), dict(error.headers or {})
    if isinstance(error, RecursionError):  # of a body's decoder: nothing of ours goes so deep
        return problem(HTTPStatus.BAD_REQUEST, "invalid-input", "The body is nested too deeply."), {}
    _log.error("unforeseen", path=path, exc_info=error)
    words = "Something went wrong here, not with your request."
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", words), {}


def from_fault(error: HydroAlertError) -> Problem:
    """The problem of one of our own faults."""
    for kind, status, name in _FAULTS:
        if isinstance(error, kind):
            found = problem(status, name, str(error), parameter=getattr(error, "parameter", None))
            return msgspec.structs.replace(found, current=getattr(error, "current", None))
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "The platform is not set up rightly; see its log.")


def from_http(error: HTTPException) -> Problem:
    """The problem of one of Litestar's own exceptions."""
    status = HTTPStatus(error.status_code)
    match error:
        case ValidationException():
            return _from_validation(error)
        case NotFoundException():
            return problem(status, "not-found", "There is nothing at this path; /schema lists what there is.")
        case MethodNotAllowedException():
            return problem(status, "method-not-allowed", "This path does not take that method; see /schema.")
        case InternalServerException():
            return problem(HTTPStatus.BAD_REQUEST, "cut-off", "The body ended before all of it was there.")
    if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return problem(status, "too-large", "The body is longer than anything this path takes.")
    return problem(status, status.phrase.lower().replace(" ", "-"), error.detail)


def _is_gone(error: HTTPException) -> bool:
    return isinstance(error, InternalServerException) and error.detail == _GONE


def _from_validation(error: ValidationException) -> Problem:
    faults = [fault for fault in error.extra or [] if isinstance(fault, dict)]
    if not faults:
        return problem(HTTPStatus.BAD_REQUEST, "invalid-input", error.detail)
    parameter, message = str(faults[0].get("key", "")), str(faults[0].get("message", ""))
    if message == repr(parameter):  # Litestar's KeyError of a body that is not there
        return problem(HTTPStatus.BAD_REQUEST, "invalid-input", "Send a body; /schema says which.", parameter=parameter)
    return problem(HTTPStatus.BAD_REQUEST, "invalid-input", f"{parameter}: {message}", parameter=parameter)


def documented(*statuses: int) -> dict[int, ResponseSpec]:
    """What the OpenAPI schema says of answers that are problems."""
    return {
        status: ResponseSpec(
            Problem, description=HTTPStatus(status).phrase, media_type=MEDIA_TYPE, generate_examples=False
        )
        for status in statuses
    }
