"""What each route declares of who may call it: checked when the application starts, and said in its operation."""

from inspect import cleandoc

from litestar.exceptions import ImproperlyConfiguredException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.openapi.spec import SecurityScheme
from litestar.plugins.base import ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute, WebSocketRoute

from hydroalert.api.callers.may import May
from hydroalert.api.problems import documented

BEARER = "bearer"


def bearer_scheme() -> SecurityScheme:
    """How a caller proves who it is (RFC 6750)."""
    words = "An access token (`POST /api/v1/login`) or an API key (`POST /api/v1/keys`)."
    return SecurityScheme(type="http", scheme="bearer", description=words)


def may_of(handler: BaseRouteHandler) -> May:
    """Who may call it, and how often. Raises ImproperlyConfiguredException unless exactly one guard says so."""
    declared = [guard for guard in handler.resolve_guards() if isinstance(guard, May)]
    if len(declared) != 1:
        raise ImproperlyConfiguredException(f"{handler}: {len(declared)} guards say who may call it, not one")
    return declared[0]


class DeclaredAccess(ReceiveRoutePlugin):
    """Lets no route in that does not declare who may call it; writes it into the OpenAPI operation of the others."""

    def receive_route(self, route: BaseRoute) -> None:
        """Of every method of that path. Raises ImproperlyConfiguredException."""
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                if method != "OPTIONS":  # which Litestar answers itself, with the methods that there are
                    _describe(handler, may_of(handler))
        elif isinstance(route, WebSocketRoute):
            may_of(route.route_handler)


def _describe(handler: HTTPRouteHandler, may: May) -> None:
    """In words, as a security requirement, and with the answers that a refused caller gets."""
    access = may.access
    handler.description = f"{cleandoc(handler.fn.__doc__ or '')}\n\nFor: {access}."
    statuses = [401, 429, 503]  # 429: who guesses tokens is held back everywhere
    if access.role is not None:
        handler.security = [{}, {BEARER: []}] if access.machine else [{BEARER: []}]
        statuses.append(403)
    handler.responses = {**documented(*statuses), **(handler.responses or {})}
