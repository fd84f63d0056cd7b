"""Each route asked by everybody, at the ASGI door: a request that does no harm, and whether the guard let it in."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar
from litestar.routes import BaseRoute, HTTPRoute, WebSocketRoute

Headers = dict[str, str]
Door = tuple[str, str, str]
"""A route: its method, its path as it is declared, and one that nothing is at."""

NOTHING = "00000000-0000-4000-8000-000000000000"
_VALUES = {int: "999999999", UUID: NOTHING}
_GUARDED = {"login-needed", "invalid-token", "not-allowed", "change-password", "second-factor"}
_HARMLESS = "kind=nothing"  # a stream that would never end is refused for its filter, behind the guard


def doors(app: Litestar) -> Iterator[Door]:
    """Every route there is. Logging out comes last, as who did so is nobody."""
    found = [door for route in app.routes for door in _doors_of(route)]
    yield from sorted(found, key=lambda door: (door[1].endswith("/logout"), door[1], door[0]))


def _doors_of(route: BaseRoute) -> Iterator[Door]:
    parts = [part if isinstance(part, str) else _VALUES.get(part.type, NOTHING) for part in route.path_components]
    path = "/" + "/".join(parts)
    if isinstance(route, HTTPRoute):
        for method in route.route_handler_map:
            if method != "OPTIONS":  # which Litestar answers itself
                yield method, route.path_format, path
    elif isinstance(route, WebSocketRoute):
        yield "WebSocket", route.path_format, path


async def ask(app: Any, door: Door, headers: Headers, client: str) -> str:
    """`in`, or the status with which a guard refused."""
    status, body = await _call(app, _scope(door, headers, client))
    if status not in {401, 403}:
        return "in"
    kind = msgspec.json.decode(body)["type"].rpartition(":")[2]
    return str(status) if kind in _GUARDED else "in"


def _scope(door: Door, headers: Headers, client: str) -> dict[str, Any]:
    method, _, path = door
    given = {"host": "127.0.0.1:8002", **headers}
    of_kind: dict[str, Any] = {"type": "http", "method": method, "scheme": "http"}
    if method == "WebSocket":
        of_kind = {"type": "websocket", "scheme": "ws", "extensions": {"websocket.http.response": {}}}
    return {
        **of_kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "path": path,
        "raw_path": path.encode(),
        "query_string": _HARMLESS.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        "client": (client, 40_000),
        "server": ("127.0.0.1", 8002),
        "subprotocols": [],
        "state": {},
    }


async def _call(app: Any, scope: dict[str, Any]) -> tuple[int, bytes]:
    status, body = 0, b""
    asked = iter([{"type": "websocket.connect" if scope["type"] == "websocket" else "http.request", "body": b""}])

    async def receive() -> dict[str, Any]:
        return next(asked, {"type": f"{scope['type']}.disconnect"})

    async def send(message: Any) -> None:
        nonlocal status, body
        status, body = message.get("status", status), body + message.get("body", b"")

    await app(scope, receive, send)
    return status, body
