"""Pages of other sites that may read here, without credentials (the CORS protocol: fetch.spec.whatwg.org)."""

from collections.abc import Collection
from typing import Any

from litestar.datastructures import MutableScopeHeaders
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

EVERYONE = "*"

_READING = frozenset({"GET", "HEAD"})
_SHOWN = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match, Last-Event-ID, X-Request-Id",  # never Authorization
    "Access-Control-Max-Age": "600",
}


class CrossOrigin:
    """An ASGI application around another: says whose pages may read its answers; `allowed`: origins, or `*`."""

    def __init__(self, app: ASGIApp, allowed: Collection[str]) -> None:
        self._app = app
        self._allowed = frozenset(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP or not self._allowed:
            await self._app(scope, receive, send)
            return
        method, wanted = scope["method"], _header(scope, b"access-control-request-method")
        allowed = self._who_may_read(_header(scope, b"origin"))

        async def send_shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._say(message, allowed if method in _READING or wanted else None)
            await send(message)

        if method == "OPTIONS" and wanted is not None:
            await _answer_preflight(send_shared, may_read=allowed is not None and wanted in _READING)
        else:
            await self._app(scope, receive, send_shared)

    def _who_may_read(self, origin: str | None) -> str | None:
        if EVERYONE in self._allowed:
            return EVERYONE
        return origin if origin in self._allowed else None

    def _say(self, message: Any, allowed: str | None) -> None:
        headers = MutableScopeHeaders.from_message(message)
        if EVERYONE not in self._allowed:  # else a cache would give one site the answer that names another
            headers.extend_header_value("Vary", "Origin")
        if allowed is not None:
            headers["Access-Control-Allow-Origin"] = allowed
            headers["Access-Control-Expose-Headers"] = _SHOWN


async def _answer_preflight(send: Send, *, may_read: bool) -> None:
    """Before a request that is more than a plain read a browser asks; without these headers it does not send it."""
    given = _PREFLIGHT if may_read else {}
    headers = [(name.lower().encode(), value.encode()) for name, value in given.items()]
    start: Any = {"type": "http.response.start", "status": 204, "headers": headers}
    body: Any = {"type": "http.response.body", "body": b"", "more_body": False}
    await send(start)
    await send(body)


def _header(scope: Scope, wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), None)
