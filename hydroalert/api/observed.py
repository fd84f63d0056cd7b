"""Around every answer: a request id, security headers, a line in the log, and the meters."""

import re
import secrets
import time
from http import HTTPStatus
from typing import Any, cast

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from hydroalert.api.metrics.meters import Meters

_log = structlog.get_logger("hydroalert.access")

_GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", flags=re.ASCII)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "WEBSOCKET"})

_SELF_ONLY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_POLICY = _SELF_ONLY.format(styles="")
_SCHEMA_POLICY = _SELF_ONLY.format(styles=" 'unsafe-inline'")  # Swagger UI writes style attributes
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",  # who reports says where
}
_CITIZENS = "/api/v1/reports"
_SHORT_BYTES = 65_536
_ONLY_HTTPS = "max-age=31536000"  # for this name alone: what else its domain serves is not ours to say
_ANSWERS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})


class Observed:
    """An ASGI application around another. Neither queries nor bodies are logged, and no header but the id."""

    def __init__(self, app: ASGIApp, meters: Meters) -> None:
        self._app = app
        self._meters = meters

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        status, request_id, start_s = 0, _request_id(scope), time.perf_counter()
        scope["request_id"] = request_id  # type: ignore[typeddict-unknown-key]

        async def send_observed(message: Message) -> None:
            nonlocal status
            if message["type"] in _ANSWERS:
                message.setdefault("headers", [])  # type: ignore[typeddict-item]
                status = cast("int", message.get("status", HTTPStatus.SWITCHING_PROTOCOLS))
                _add_headers(message, scope, status)
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            with self._meters.under_way.track_inprogress():
                await self._app(scope, receive, send_observed)
        finally:
            self._record(scope, status, time.perf_counter() - start_s)
            structlog.contextvars.clear_contextvars()

    def _record(self, scope: Any, status: int, took_s: float) -> None:
        """How long a socket was open is no measure of how fast the api answers: it is only logged."""
        method = scope.get("method", "WEBSOCKET")
        if scope["type"] == ScopeType.HTTP:
            route = scope.get("path_template") or "unknown"
            self._meters.requests.labels(method if method in _METHODS else "other", route, status).inc()
            self._meters.seconds.labels(route).observe(took_s)
        _log.info(
            "request",
            method=method if method in _METHODS else "other",
            path=scope["path"][:200],
            status=status,
            took_ms=round(took_s * 1000, 1),
            client=_client(scope),
        )


def _client(scope: Any) -> str | None:
    """The address; of who reports a flood it is kept nowhere, so that no log ties a report to a person."""
    address: str = (scope.get("client") or ("",))[0]
    return None if scope["path"].startswith(_CITIZENS) else address


def _request_id(scope: Any) -> str:
    """The client's own id where it is harmless, else a random one."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
    return given if _GOOD_ID.fullmatch(given) else secrets.token_hex(8)


def _add_headers(message: Message, scope: Any, status: int) -> None:
    headers = MutableScopeHeaders.from_message(message)
    headers["X-Request-Id"] = scope["request_id"]
    headers.setdefault("Content-Security-Policy", _SCHEMA_POLICY if scope["path"].startswith("/schema") else _POLICY)
    headers.setdefault("Cache-Control", "no-cache")
    for name, value in (_HEADERS | scope.get("answer_headers", {})).items():
        headers[name] = value
    if scope.get("scheme") in {"https", "wss"}:
        headers["Strict-Transport-Security"] = _ONLY_HTTPS
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or (status >= HTTPStatus.BAD_REQUEST and _is_long(scope)):
        headers["Connection"] = "close"  # what is still to come of the body is not read


def _is_long(scope: Any) -> bool:
    """Whether the body is longer than what comes with its head, or does not say."""
    told = {name: value for name, value in scope["headers"] if name in {b"content-length", b"transfer-encoding"}}
    length = told.get(b"content-length", b"0")
    return b"transfer-encoding" in told or not length.isdigit() or int(length[:12]) > _SHORT_BYTES
