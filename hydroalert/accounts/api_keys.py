"""API keys: made, shown once, listed, revoked. Each does what its scopes say, and never more than its account may."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from hydroalert.accounts.key_tokens import KeyToken, draw_key_token
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.domain.plain_text import one_line
from hydroalert.store import Connection
from hydroalert.store.accounts import Account
from hydroalert.store.keys import NewKey, add_key, revoke_key

LONGEST = timedelta(days=366)

_MAX_NAME_CHARS = 80
_NEEDS = {
    Scope.METRICS: Role.VIEWER,
    Scope.FLEET_READ: Role.VIEWER,
    Scope.FLEET_WRITE: Role.ADMIN,
    Scope.ALERTS_READ: Role.VIEWER,
    Scope.ALERTS_ACT: Role.OPERATOR,
    Scope.RULES_READ: Role.VIEWER,
    Scope.RULES_WRITE: Role.ADMIN,
    Scope.SUBSCRIPTIONS: Role.VIEWER,
    Scope.REPORTS_READ: Role.VIEWER,
    Scope.REPORTS_TRIAGE: Role.OPERATOR,
    Scope.SHELTERS_WRITE: Role.OPERATOR,
    Scope.AUDIT_READ: Role.ADMIN,
}
"""The least role to which a scope opens anything."""


class Wanted(msgspec.Struct, frozen=True):
    """A key to be made. `name`: what it is for."""

    name: str
    scopes: frozenset[Scope]
    expires_at: datetime


async def make_key(
    connection: Connection, owner: Account, wanted: Wanted, now: datetime, random_bytes: Callable[[int], bytes]
) -> KeyToken:
    """A key of that account, which is shown once. Raises InvalidInput."""
    name = _checked(owner, wanted, now)
    token = draw_key_token(random_bytes)
    await add_key(connection, NewKey(token.code, owner.id, name, token.digest, wanted.scopes, wanted.expires_at), now)
    return token


async def revoke(connection: Connection, code: str, now: datetime, *, of: int | None) -> None:
    """Let a key count no more, at once. `of`: only one of that account. Raises NotFound."""
    if not await revoke_key(connection, code, of, now):
        raise NotFound(f"no key {code!r} is in force: see `hydroalert key list`")


def _checked(owner: Account, wanted: Wanted, now: datetime) -> str:
    """The name as it is kept. Raises InvalidInput."""
    name = one_line(wanted.name)
    if not 1 <= len(name) <= _MAX_NAME_CHARS:
        raise InvalidInput(f"say in 1 to {_MAX_NAME_CHARS} characters what the key is for", "name")
    if not now < wanted.expires_at <= now + LONGEST:
        raise InvalidInput(f"a key expires within a year: at the latest {rfc3339(now + LONGEST)}", "expires_at")
    if not wanted.scopes:
        raise InvalidInput(f"give at least one scope: {', '.join(Scope)}", "scopes")
    beyond = sorted(scope for scope in wanted.scopes if _NEEDS[scope].rank > owner.role.rank)
    if beyond:
        raise InvalidInput(f"{owner.name} is {owner.role}, for whom {', '.join(beyond)} opens nothing", "scopes")
    return name
