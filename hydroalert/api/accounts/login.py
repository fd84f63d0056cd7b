"""Logging in, going on, logging out."""

from typing import Any

from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from hydroalert.accounts.continuing import Ended, refresh
from hydroalert.accounts.issuing import Tokens
from hydroalert.accounts.login import Entry, log_in
from hydroalert.api.accounts.desk import (
    MAX_BODY_BYTES,
    SECRET,
    account_of,
    desk_of,
    login_refused,
    place_of,
    unauthorized,
)
from hydroalert.api.accounts.views import LoggedIn, NewLogin, Refreshing, show_tokens
from hydroalert.api.callers.may import anyone, may
from hydroalert.api.callers.rates import LOGIN, REFRESH
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role
from hydroalert.domain.plain_text import one_line
from hydroalert.store.sessions import end_login
from hydroalert.store.writing import writing

_MAX_AGENT_CHARS = 200


@post(
    "/api/v1/login",
    tags=["accounts"],
    summary="Log in with name and password, and a code where there is a second factor",
    guards=[anyone(LOGIN)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_200_OK,
    cache_control=SECRET,
    responses=documented(400, 401, 413, 429, 503),
)
async def post_login(
    data: JSONBody[NewLogin],
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> LoggedIn:
    """Wrong names and wrong passwords are answered alike. After some, wait as Retry-After says."""
    agent = one_line(request.headers.get("user-agent", ""))[:_MAX_AGENT_CHARS]
    entry = Entry(data.name, data.password, place_of(caller), code=data.code, agent=agent)
    answer = await log_in(desk_of(services), entry, caller.actor, services.clock())
    if not isinstance(answer, Tokens):
        raise login_refused(answer)
    return show_tokens(answer)


@post(
    "/api/v1/login/refresh",
    tags=["accounts"],
    summary="Exchange a refresh token for new tokens",
    guards=[anyone(REFRESH)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_200_OK,
    cache_control=SECRET,
    responses=documented(400, 401, 413, 429, 503),
)
async def post_refresh(
    data: JSONBody[Refreshing], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> LoggedIn:
    """Each counts once; one that comes again ends the login, unless within seconds its answer may have been lost."""
    answer = await refresh(desk_of(services), data.refresh_token, caller.actor, services.clock())
    if isinstance(answer, Ended):
        raise unauthorized("login-ended", "This login has ended, or this token was used before: log in again.")
    return show_tokens(answer)


@post(
    "/api/v1/logout",
    tags=["accounts"],
    summary="End this login at once",
    guards=[may(Role.VIEWER, own=True)],
    status_code=HTTP_204_NO_CONTENT,
    responses=documented(401, 503),
)
async def post_logout(services: NamedDependency[Services], caller: NamedDependency[Caller]) -> None:
    """Neither its access token nor its refresh token counts any more."""
    account_id, session_id = account_of(caller)
    async with writing(services.writings, caller.actor) as connection:
        await end_login(connection, account_id, session_id, services.clock(), "its owner logged out")
