"""Who sends a request, from its Authorization header and its address."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar.connection import ASGIConnection

from hydroalert.accounts.key_tokens import read_key_token
from hydroalert.accounts.recognition import recognise
from hydroalert.api.loopback import is_from_loopback
from hydroalert.api.problems import Refused
from hydroalert.api.services import Services
from hydroalert.api.serving import services_of
from hydroalert.domain.actors import Actor, Caller
from hydroalert.store.reading import reading

_INVALID = {"WWW-Authenticate": 'Bearer realm="hydroalert", error="invalid_token"'}  # RFC 6750, section 3.1


async def identify(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Who calls. Raises Refused (401) where a token is sent that proves nothing, Unavailable."""
    address = connection.client.host if connection.client else None
    request_id: str | None = connection.scope.get("request_id")  # type: ignore[assignment]
    given = connection.headers.get("authorization")
    if given is None:
        return _without_login(connection, address, request_id)
    caller = await _bearer(services_of(connection.scope), given)
    if caller is None:
        raise Refused(
            HTTPStatus.UNAUTHORIZED,
            "invalid-token",
            "This token is unknown, expired or revoked: log in again, or use another key.",
            headers=_INVALID,
        )
    return msgspec.structs.replace(
        caller, actor=msgspec.structs.replace(caller.actor, address=address, request_id=request_id)
    )


def token_in(given: str) -> str | None:
    """The token of an Authorization header (RFC 6750, section 2.1); None where it has none that could be ours."""
    kind, _, token = given.partition(" ")
    return token.strip() if kind.lower() == "bearer" and token and token.isascii() else None


async def _bearer(services: Services, given: str) -> Caller | None:
    token, now = token_in(given), services.clock()
    if token is None:
        return None
    required = services.settings.require_second_factor
    async with reading(services.readings) as connection:
        caller = await recognise(connection, services.sealer, token, now, require_second_factor=required)
    if caller is not None and (key := read_key_token(token)):
        await services.key_uses.note(services.writings, key.code, now)
    return caller


def _without_login(
    connection: ASGIConnection[Any, Any, Any, Any], address: str | None, request_id: str | None
) -> Caller:
    if is_from_loopback(address, connection.headers):
        return Caller(Actor("machine", "this machine", None, address, request_id))
    return Caller(Actor("nobody", "", None, address, request_id))
