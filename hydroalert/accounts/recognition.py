"""From a bearer token to who it is: an access token of a login that stands, or an API key in force.

Login, account and keys are looked up at each request: a logout, a changed role, a disabled account, a revoked or
rotated key count at once, in every process, and there is no cache that could say otherwise.
"""

from datetime import datetime
from typing import Literal

from hydroalert.accounts.key_tokens import PREFIX, read_key_token
from hydroalert.accounts.tokens import prove, read_naming
from hydroalert.domain.actors import Actor, Caller, Role
from hydroalert.store import Connection
from hydroalert.store.keys import find_holder
from hydroalert.store.sealing import Sealer
from hydroalert.store.sessions import Bearer, find_bearer
from hydroalert.store.signing_keys import open_signing_key


async def recognise(
    connection: Connection, sealer: Sealer, token: str, now: datetime, *, require_second_factor: bool = False
) -> Caller | None:
    """Who the bearer of this token is; None where it proves nothing: forged, expired, revoked, or no token at all.

    The caller's actor has no address and no request id yet. `require_second_factor`: operators and administrators
    who have none are confined until they do.
    """
    if token.startswith(PREFIX):
        return await _recognise_key(connection, token, now)
    naming = read_naming(token)
    bearer = await find_bearer(connection, naming.kid, naming.sid, now) if naming else None
    if naming is None or bearer is None:
        return None
    claims = prove(token, open_signing_key(sealer, bearer.sealed), now)
    if claims is None or claims.sub != bearer.account_id or claims.sid != naming.sid:
        return None
    actor = Actor("account", bearer.name, bearer.account_id)
    confined = confinement(bearer, require_second_factor=require_second_factor)
    return Caller(actor, bearer.role, session_id=naming.sid, confined=confined)


def confinement(bearer: Bearer, *, require_second_factor: bool) -> Literal["change-password", "second-factor"] | None:
    """What who logged in must do before anything else."""
    if bearer.must_change:
        return "change-password"
    needs_factor = require_second_factor and bearer.role.rank >= Role.OPERATOR.rank
    return "second-factor" if needs_factor and not bearer.has_second_factor else None


async def _recognise_key(connection: Connection, text: str, now: datetime) -> Caller | None:
    token = read_key_token(text)
    holder = await find_holder(connection, token.code, now) if token else None
    if token is None or holder is None or not token.proves(holder.digest):
        return None
    actor = Actor("key", f"{holder.account}/{token.code}", holder.account_id)
    return Caller(actor, holder.role, holder.scopes)
