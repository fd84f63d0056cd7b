"""One's own account: what it is, its password, its logins."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from hydroalert.accounts.own import change_password
from hydroalert.accounts.tries import Attempt
from hydroalert.api.accounts.desk import MAX_BODY_BYTES, account_of, desk_of, password_refused, place_of
from hydroalert.api.accounts.views import LoginList, NewPassword, OwnAccount, show_login
from hydroalert.api.callers.may import may
from hydroalert.api.callers.rates import PROVING
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import NotFound
from hydroalert.store.accounts import read_account
from hydroalert.store.reading import reading
from hydroalert.store.sessions import end_login, list_logins
from hydroalert.store.writing import writing


@get(
    "/api/v1/account",
    tags=["accounts"],
    summary="One's own account",
    guards=[may(Role.VIEWER, own=True)],
    responses=documented(401, 403, 503),
)
async def read_own_account(services: NamedDependency[Services], caller: NamedDependency[Caller]) -> OwnAccount:
    """Also for who must do something first: `must` says what."""
    async with reading(services.readings) as connection:
        account = await read_account(connection, caller.actor.name, services.clock())
    created_at = rfc3339(account.created_at)
    return OwnAccount(account.name, account.role, caller.confined, account.second_factor, created_at)


@post(
    "/api/v1/account/password",
    tags=["accounts"],
    summary="Take another password",
    guards=[may(Role.VIEWER, own=True, rate=PROVING)],
    request_max_body_size=MAX_BODY_BYTES,
    status_code=HTTP_204_NO_CONTENT,
    responses=documented(400, 401, 403, 413, 429, 503),
)
async def post_own_password(
    data: JSONBody[NewPassword], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> None:
    """This login stays; all others of the account end."""
    _, session_id = account_of(caller)
    attempt = Attempt(caller.actor.name, data.current, place_of(caller))
    desk, now = desk_of(services), services.clock()
    refusal = await change_password(desk, attempt, data.new, session_id, caller.actor, now)
    if refusal is not None:
        raise password_refused(refusal)


@get(
    "/api/v1/account/logins",
    tags=["accounts"],
    summary="Where one is logged in",
    guards=[may(Role.VIEWER, own=True)],
    responses=documented(401, 403, 503),
)
async def list_own_logins(services: NamedDependency[Services], caller: NamedDependency[Caller]) -> LoginList:
    """Those that stand, the last used first."""
    account_id, session_id = account_of(caller)
    async with reading(services.readings) as connection:
        found = await list_logins(connection, account_id, services.clock())
    return LoginList([show_login(one, session_id) for one in found])


@delete(
    "/api/v1/account/logins/{login:uuid}",
    tags=["accounts"],
    summary="End one of one's logins at once",
    guards=[may(Role.VIEWER, own=True)],
    responses=documented(401, 403, 404, 503),
)
async def delete_own_login(
    login: Annotated[UUID, PathParameter(description="The login's id")],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """Such as that of a lost phone."""
    account_id, _ = account_of(caller)
    async with writing(services.writings, caller.actor) as connection:
        if not await end_login(connection, account_id, login, services.clock(), "its owner ended it"):
            raise NotFound("no such login stands: see GET /api/v1/account/logins")
