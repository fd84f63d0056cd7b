"""One declaration per route of who may call it, and how often: `guards=[may(Role.OPERATOR, Scope.ALERTS_ACT)]`."""

import math
from http import HTTPStatus
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from hydroalert.api.callers.identify import identify
from hydroalert.api.callers.rates import READING, UNPROVEN, WORKING, Rate, bucket_of
from hydroalert.api.loopback import is_from_loopback
from hydroalert.api.problems import Refused
from hydroalert.api.serving import services_of
from hydroalert.domain.actors import Access, Caller, Role, Scope

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="hydroalert"'}
_CONFINED = {
    "change-password": "Change the password first: POST /api/v1/account/password.",
    "second-factor": "Set up a second factor first: POST /api/v1/account/second-factor.",
}


class May:
    """A Litestar guard that finds out who calls, keeps it for the route, and refuses who may not or asks too often."""

    def __init__(self, access: Access, rate: Rate | None) -> None:
        self.access = access
        self.rate = rate

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Raises Refused: 401 where nobody is logged in, 403 where somebody is who may not, 429 for too often."""
        try:
            caller = await identify(connection)
        except Refused:
            await hold_back(connection, UNPROVEN, None)
            raise
        connection.state.caller = caller
        if self.rate is not None:
            await hold_back(connection, self.rate, caller)
        demand(self.access, caller)


def may(
    role: Role | None = None,
    scope: Scope | None = None,
    *,
    machine: bool = False,
    own: bool = False,
    rate: Rate | None = WORKING,
) -> May:
    """Who may call the route (see `Access`), and how often; no `rate`: as often as they like."""
    return May(Access(role, scope, machine, own), rate)


def anyone(rate: Rate | None = READING) -> May:
    """No login needed; a token that is sent all the same must be good."""
    return May(Access(), rate)


async def hold_back(connection: ASGIConnection[Any, Any, Any, Any], rate: Rate, caller: Caller | None) -> None:
    """Count one; this machine itself is not counted, whoever comes through a proxy on it is. Raises Refused (429)."""
    address = connection.client.host if connection.client else ""
    if is_from_loopback(address, connection.headers):
        return
    services = services_of(connection.scope)
    standing = await services.rates.ask(rate, bucket_of(rate, caller, address))
    if standing is None:
        return
    headers = standing.headers(rate)
    if not standing.granted:
        wait_s = max(math.ceil(standing.wait_s), 1)
        detail = f"At most {rate.quota} in {rate.window_s} s ({rate.name}): try again in {wait_s} s."
        headers["Retry-After"] = str(wait_s)
        raise Refused(HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", detail, headers=headers)
    connection.scope["answer_headers"] = headers  # type: ignore[typeddict-unknown-key]


def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Who calls, once the guard has found out."""
    found: Caller = connection.state.caller
    return found


def demand(access: Access, caller: Caller) -> None:
    """For what a part of a route asks beyond its guard. Raises Refused: 401 or 403."""
    if not access.admits(caller):
        raise refusal(access, caller)


def refusal(access: Access, caller: Caller) -> Refused:
    """Why not, in words that say what to do."""
    if caller.role is None:
        return Refused(HTTPStatus.UNAUTHORIZED, "login-needed", _login_words(access), headers=_CHALLENGE)
    if caller.confined:
        return Refused(HTTPStatus.FORBIDDEN, caller.confined, _CONFINED[caller.confined])
    return Refused(HTTPStatus.FORBIDDEN, "not-allowed", f"This is for: {access}.")


def _login_words(access: Access) -> str:
    return f"This is for: {access}. Log in (POST /api/v1/login) and send Authorization: Bearer, or use an API key."
