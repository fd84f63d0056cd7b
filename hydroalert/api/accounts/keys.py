"""`/api/v1/keys`: what machines prove themselves by; the command line calls the same functions."""

import secrets
from http import HTTPStatus
from typing import Annotated

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from hydroalert.accounts.api_keys import Wanted, make_key, revoke
from hydroalert.api.accounts.desk import MAX_BODY_BYTES, SECRET
from hydroalert.api.accounts.views import AddedKey, KeyList, NewKey, show_key
from hydroalert.api.callers.may import may
from hydroalert.api.problems import Refused, documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller, Role
from hydroalert.store.accounts import read_account
from hydroalert.store.keys import list_keys
from hydroalert.store.reading import reading
from hydroalert.store.writing import writing


@get(
    "/api/v1/keys",
    tags=["accounts"],
    summary="API keys: administrators see all, operators their own",
    guards=[may(Role.OPERATOR)],
    responses=documented(401, 403, 503),
)
async def list_all_keys(services: NamedDependency[Services], caller: NamedDependency[Caller]) -> KeyList:
    """With their last use; the revoked and expired too."""
    async with reading(services.readings) as connection:
        found = await list_keys(connection, _only(caller), services.clock())
    return KeyList([show_key(one) for one in found])


@post(
    "/api/v1/keys",
    tags=["accounts"],
    summary="Make an API key, which is in this answer only",
    guards=[may(Role.OPERATOR)],
    request_max_body_size=MAX_BODY_BYTES,
    cache_control=SECRET,
    responses=documented(400, 401, 403, 404, 413, 503),
)
async def post_key(
    data: JSONBody[NewKey], services: NamedDependency[Services], caller: NamedDependency[Caller]
) -> AddedKey:
    """It does what its scopes say, never more than its account may. For Prometheus: the scope `metrics`."""
    name, now = data.account or caller.actor.name, services.clock()
    if name != caller.actor.name and caller.role is not Role.ADMIN:
        words = "Only administrators make keys for other accounts: leave `account` out."
        raise Refused(HTTPStatus.FORBIDDEN, "not-allowed", words)
    async with writing(services.writings, caller.actor) as connection:
        owner = await read_account(connection, name, now)
        wanted = Wanted(data.name, data.scopes, data.expires_at)
        token = await make_key(connection, owner, wanted, now, secrets.token_bytes)
    return AddedKey(token.code, str(token))


@delete(
    "/api/v1/keys/{code:str}",
    tags=["accounts"],
    summary="Revoke an API key at once",
    guards=[may(Role.OPERATOR)],
    responses=documented(401, 403, 404, 503),
)
async def delete_key(
    code: Annotated[str, PathParameter(description="The part of the key that names it")],
    services: NamedDependency[Services],
    caller: NamedDependency[Caller],
) -> None:
    """One's own; administrators any."""
    async with writing(services.writings, caller.actor) as connection:
        await revoke(connection, code, services.clock(), of=_only(caller))


def _only(caller: Caller) -> int | None:
    """The account that the caller is kept to; None for administrators."""
    return None if caller.role is Role.ADMIN else caller.actor.account_id
