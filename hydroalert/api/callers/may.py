"""One declaration per route of who may call it: `guards=[may(Role.OPERATOR, Scope.ALERTS_ACT)]`."""

from http import HTTPStatus
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from hydroalert.api.callers.identify import identify
from hydroalert.api.problems import Refused
from hydroalert.domain.actors import Access, Caller, Role, Scope

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="hydroalert"'}
_CONFINED = {
    "change-password": "Change the password first: POST /api/v1/account/password.",
    "second-factor": "Set up a second factor first: POST /api/v1/account/second-factor.",
}


class May:
    """A Litestar guard that finds out who calls, keeps it for the route, and refuses who may not."""

    def __init__(self, access: Access) -> None:
        self.access = access

    async def __call__(self, connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        """Raises Refused: 401 where nobody is logged in, 403 where somebody is who may not."""
        caller = await identify(connection)
        connection.state.caller = caller
        demand(self.access, caller)


def may(role: Role | None = None, scope: Scope | None = None, *, machine: bool = False, own: bool = False) -> May:
    """Who may call the route; see `Access`."""
    return May(Access(role, scope, machine, own))


def anyone() -> May:
    """No login needed; a token that is sent all the same must be good."""
    return May(Access())


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
