"""Access tokens: JSON Web Tokens (RFC 7519) under HS256 and nothing else (RFC 8725, section 3.1); pure.

A token says which login it belongs to. It proves that it was issued here; whether the login still stands is looked
up at each request, so its ten minutes only bound how long a client goes without asking for another.
"""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import jwt
import msgspec

from hydroalert.domain.clock import EPOCH
from hydroalert.store.signing_keys import SigningKey

LIFETIME = timedelta(minutes=10)
MAX_CHARS = 1024
"""No token of ours is longer; what is, is not looked into."""

_ALGORITHM = "HS256"
_ISSUER = _AUDIENCE = "hydroalert"
_AHEAD_S = 5
"""How far the clocks of two api processes may differ."""

# Times are judged by the platform's clock, which is an argument, and not by the library's.
_PROVING: jwt.types.Options = {
    "require": ["sub", "sid", "iat", "exp", "iss", "aud"],
    "strict_aud": True,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
}
_MALFORMED = (jwt.PyJWTError, msgspec.ValidationError, ValueError, RecursionError)


class Naming(msgspec.Struct, frozen=True):
    """What a token says of itself, unproven: the key that signed it, and the login it belongs to."""

    kid: Annotated[int, msgspec.Meta(ge=1, lt=2**31)]
    sid: UUID


class Claims(msgspec.Struct, frozen=True):
    """What a token has proven. `sub`: the id of the account; `iat`, `exp`: Unix seconds."""

    sub: int
    sid: UUID
    iat: int
    exp: int


def issue(key: SigningKey, account_id: int, session_id: UUID, now: datetime) -> str:
    """A token for that login, good for LIFETIME."""
    issued_s = (now - EPOCH) // timedelta(seconds=1)
    claims = {
        "sub": str(account_id),
        "sid": str(session_id),
        "iat": issued_s,
        "exp": issued_s + LIFETIME // timedelta(seconds=1),
        "iss": _ISSUER,
        "aud": _AUDIENCE,
    }
    return jwt.encode(claims, key.secret, _ALGORITHM, headers={"kid": str(key.id)})


def read_naming(token: str) -> Naming | None:
    """What to look up before anything can be proven; None of what is no token."""
    if len(token) > MAX_CHARS:
        return None
    try:
        read = jwt.decode_complete(token, options={"verify_signature": False})
        naming = {"kid": read["header"].get("kid"), "sid": read["payload"].get("sid")}
        return msgspec.convert(naming, Naming, strict=False)
    except _MALFORMED:
        return None


def prove(token: str, secret: bytes, now: datetime) -> Claims | None:
    """What the token proves under that key; None where it proves nothing, or no longer."""
    try:
        read = jwt.decode(token, secret, [_ALGORITHM], _PROVING, audience=_AUDIENCE, issuer=_ISSUER)
        claims = msgspec.convert(read, Claims, strict=False)
    except _MALFORMED:
        return None
    now_s = (now - EPOCH).total_seconds()
    return claims if claims.iat - _AHEAD_S <= now_s < claims.exp else None
