"""What the routes stand on comes with each request: the routes themselves are made once, and hold nothing."""

from typing import cast

from litestar.types import ASGIApp, Receive, Scope, Send

from hydroalert.api.services import Services

_KEY = "hydroalert"


class Serving:
    """An ASGI application around another, which finds these services in the scope of each connection."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        cast("dict[str, object]", scope)[_KEY] = self._services
        await self._app(scope, receive, send)


def services_of(scope: Scope) -> Services:
    """Of the connection with that scope."""
    return cast("dict[str, Services]", scope)[_KEY]
