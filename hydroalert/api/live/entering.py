"""How somebody comes to follow: who that is, as far as the request proves it."""

from typing import Any

from litestar.connection import ASGIConnection

from hydroalert.api.callers.identify import token_in
from hydroalert.api.callers.may import caller_of, refusal
from hydroalert.api.live.authority import TRIAGE
from hydroalert.api.live.filters import Filter


def token_of(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The token of the request, where its bearer, whom the guard has recognised, may hear of triage."""
    given = connection.headers.get("authorization")
    return token_in(given) if given and TRIAGE.admits(caller_of(connection)) else None


def check_wanted(connection: ASGIConnection[Any, Any, Any, Any], wanted: Filter) -> None:
    """Who wants nothing but triage, and may not hear of it, would wait for ever: raises Refused."""
    if wanted.kinds == {"triage"} and token_of(connection) is None:
        raise refusal(TRIAGE, caller_of(connection))
