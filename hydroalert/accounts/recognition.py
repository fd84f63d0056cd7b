"""From a bearer token to who it is: an access token of a login that stands, or an API key in force."""

from datetime import datetime

from hydroalert.domain.actors import Caller
from hydroalert.store import Connection
from hydroalert.store.sealing import Sealer


async def recognise(connection: Connection, sealer: Sealer, token: str, now: datetime) -> Caller | None:
    """Who the bearer of this token is; None where it proves nothing: forged, expired, revoked, or no token at all.

    The caller's actor has no address and no request id yet.
    """
    return None
