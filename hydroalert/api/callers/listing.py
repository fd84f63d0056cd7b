"""Every route with its rule and its rate, from the application itself."""

from collections.abc import Iterable, Iterator

import msgspec
from litestar import Litestar
from litestar.handlers.base import BaseRouteHandler
from litestar.routes import BaseRoute, HTTPRoute, WebSocketRoute

from hydroalert.api.callers.declared import may_of

_MIB = 1024 * 1024

_HEAD = """\
# Who may call what, and how often

Written by `hydroalert routes --markdown`, and proved fresh by a test. A rule names the least role; a key needs the role
of its account and the scope. *This machine* is a client on the same machine, without a login and without a proxy. A
rate is counted for each account, or for each address where nobody is logged in or `by address` stands there; this
machine itself is not counted. A longer body is a 413; where none is taken, none is looked at.

| method | path | who | how often | body |
|---|---|---|---|---|
"""


class DeclaredRoute(msgspec.Struct, frozen=True, order=True):
    """One method of one path: who may call it, how often, and how long a body it takes in bytes."""

    path: str
    method: str
    access: str
    rate: str | None
    max_body_bytes: int


def routes_of(app: Litestar) -> list[DeclaredRoute]:
    """In the order of their paths; OPTIONS, which Litestar answers itself, is left out."""
    found = [
        DeclaredRoute(path, method, str(may.access), None if may.rate is None else str(may.rate), body_bytes)
        for path, method, handler, body_bytes in _handlers(app.routes)
        for may in [may_of(handler)]
    ]
    return sorted(found)


def as_markdown(routes: Iterable[DeclaredRoute]) -> str:
    """The page docs/routes.md."""
    rows = [
        f"| {one.method} | `{one.path}` | {one.access} | {one.rate or 'as they like'} | {_size(one.max_body_bytes)} |\n"
        for one in routes
    ]
    return _HEAD + "".join(rows)


def _handlers(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str, BaseRouteHandler, int]]:
    for route in routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS":
                    limit = handler.resolve_request_max_body_size()
                    yield route.path_format, method, handler, limit if isinstance(limit, int) else -1
        elif isinstance(route, WebSocketRoute):
            yield route.path_format, "WebSocket", route.route_handler, 0


def _size(count: int) -> str:
    if count <= 0:
        return "" if count == 0 else "any"
    return f"{count / _MIB:.3g} MiB" if count >= _MIB else f"{count / 1024:.3g} KiB"
