"""How a login goes on: each refresh token is exchanged once for the next (RFC 9700, section 4.14.2).

One that comes back later was copied, by a thief or from the owner: nobody can tell which, so the login ends for both.
Except where the answer may just have been lost, or two tabs asked at once: within GRACE, and while its successor was
not used, it gets that same successor again. A thief gains nothing by that: the one who uses it second is found out.
"""

from datetime import datetime, timedelta

import msgspec

from hydroalert.accounts.issuing import Grant, Tokens, digest_of, give_out, grant, stands_until, successor_of
from hydroalert.accounts.proving import Desk
from hydroalert.domain.actors import Actor
from hydroalert.store import Connection
from hydroalert.store.audit import act_as, record
from hydroalert.store.refresh_tokens import Continued, is_unused, lock_continued, use_token
from hydroalert.store.sessions import continue_login, end_login
from hydroalert.store.writing import writing

GRACE = timedelta(seconds=10)
USED_TWICE = "a refresh token was used twice"


class Ended(msgspec.Struct, frozen=True):
    """That login does not stand any more, or never did."""


async def refresh(desk: Desk, refresh_token: str, actor: Actor, now: datetime) -> Tokens | Ended:
    """Exchange a refresh token. Of two at once, one waits for the other. Raises Unavailable."""
    async with writing(desk.pool, actor) as connection:
        found = await lock_continued(connection, digest_of(refresh_token), now)
        if found is None or not found.in_force:
            return Ended()
        await act_as(
            connection, msgspec.structs.replace(actor, kind="account", name=found.name, account_id=found.account_id)
        )
        successor = successor_of(refresh_token, desk.sealer)
        if found.used_at is None:
            await use_token(connection, digest_of(refresh_token), now)
            await give_out(connection, successor, found.session_id, now)
        elif now - found.used_at > GRACE or not await is_unused(connection, digest_of(successor)):
            await _end_for_reuse(connection, found, now)
            return Ended()
        await continue_login(connection, found.session_id, now, stands_until(found.created_at, now))
        to = Grant(found.session_id, found.account_id, found.role, found.must_change)
        return await grant(connection, desk, to, successor, now)


async def _end_for_reuse(connection: Connection, found: Continued, now: datetime) -> None:
    await end_login(connection, found.account_id, found.session_id, now, USED_TWICE)
    await record(connection, USED_TWICE, "account", found.name, {"login": found.session_id})
