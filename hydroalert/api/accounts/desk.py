"""What the routes of accounts share: where people prove who they are, and how a refusal of it becomes a problem."""

import math
import secrets
from http import HTTPStatus
from uuid import UUID

from litestar.datastructures import CacheControlHeader

from hydroalert.accounts.login import CodeNeeded, Refusal, WrongCode
from hydroalert.accounts.proving import Desk, TooSoon, WrongPassword
from hydroalert.api.parties import party_of
from hydroalert.api.problems import Refused
from hydroalert.api.services import Services
from hydroalert.domain.actors import Caller

MAX_BODY_BYTES = 16_384
SECRET = CacheControlHeader(no_store=True)
"""Of answers that nobody between may keep (RFC 6749, section 5.1)."""

_THIS_MACHINE = "this machine"
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="hydroalert"'}


def desk_of(services: Services) -> Desk:
    """On the connections and threads of this process."""
    return Desk(services.writings, services.sealer, services.hasher, secrets.token_bytes)


def place_of(caller: Caller) -> str:
    """From where the caller tries a password."""
    return party_of(caller.actor.address or "") or _THIS_MACHINE


def account_of(caller: Caller) -> tuple[int, UUID]:
    """Account and login of a caller whom the guard let at its own account: no key is let there."""
    assert caller.actor.account_id is not None
    assert caller.session_id is not None
    return caller.actor.account_id, caller.session_id


def login_refused(refusal: Refusal) -> Refused:
    """Why no login begins; of a wrong name and a wrong password the same, and so of a disabled account."""
    match refusal:
        case TooSoon():
            return _too_soon(refusal)
        case WrongPassword():
            return unauthorized("wrong-login", "The name or the password is wrong.")
        case CodeNeeded():
            words = "Repeat it with `code`: six digits of the authenticator app, or a recovery code."
            return unauthorized("second-factor-needed", words)
        case WrongCode():
            words = "That code is wrong, or was used: wait for the next one, and see that the app's clock is right."
            return unauthorized("wrong-code", words)


def password_refused(refusal: TooSoon | WrongPassword) -> Refused:
    """Why somebody who is logged in may not do this: the token is good, so it is no 401."""
    if isinstance(refusal, TooSoon):
        return _too_soon(refusal)
    return Refused(HTTPStatus.FORBIDDEN, "wrong-password", "The password is wrong.")


def unauthorized(name: str, words: str) -> Refused:
    """A 401, which always says how one proves who one is (RFC 9110, section 11.6.1)."""
    return Refused(HTTPStatus.UNAUTHORIZED, name, words, headers=_CHALLENGE)


def _too_soon(refusal: TooSoon) -> Refused:
    wait_s = math.ceil(refusal.wait.total_seconds())
    words = f"Too many wrong tries under this name: wait {wait_s} s, then try again."
    headers = {"Retry-After": str(wait_s)}
    return Refused(HTTPStatus.TOO_MANY_REQUESTS, "too-many-tries", words, headers=headers)
