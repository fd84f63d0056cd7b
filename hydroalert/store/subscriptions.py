"""Subscriptions: who is told of alerts, where, and of which; their addresses and secrets are sealed."""

import re
from datetime import datetime
from typing import Literal

import msgspec

from hydroalert.domain.addresses import Address, Kind
from hydroalert.domain.codes import is_language
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.domain.severity import Severity
from hydroalert.store.pool import Connection, Pool, affected
from hydroalert.store.sealing import Sealer, subscription_purpose

Audience = Literal["public", "operators"]

MAX_PER_HOUR = 3600
DISABLED = "the subscription was disabled"
_NAME = re.compile(r"[\w .@+-]{1,80}")

_ADD = """
INSERT INTO subscription (name, kind, sealed, shown, area_id, least_severity, audience, language, drills,
                          repeats_per_hour)
VALUES ($1, $2, $3, $4, (SELECT id FROM area WHERE code::text = $5), $6, $7, $8, $9, $10)
ON CONFLICT (name) DO NOTHING
"""
_CHANGE = """
UPDATE subscription SET area_id = (SELECT id FROM area WHERE code::text = $2), least_severity = $3, audience = $4,
                        language = $5, drills = $6, repeats_per_hour = $7
WHERE name = $1
"""
_LIST = """
SELECT subscription.name, kind, shown, area.code::text AS area, least_severity, audience, language, drills,
       repeats_per_hour, enabled, disabled_because, subscription.created_at,
       (SELECT count(*) FROM delivery WHERE subscription_id = subscription.id AND state = 'waiting') AS waiting,
       (SELECT count(*) FROM delivery WHERE subscription_id = subscription.id AND state = 'dead') AS dead
FROM subscription LEFT JOIN area ON area.id = area_id
WHERE $1::text IS NULL OR subscription.name = $1 ORDER BY subscription.name
"""
_ENABLE = "UPDATE subscription SET enabled = true, disabled_because = NULL WHERE name = $1"
_DISABLE = "UPDATE subscription SET enabled = false, disabled_because = $2 WHERE name = $1"
# What waits would come hours late when it is enabled again: it can be looked at, and sent again by hand.
_GIVE_UP = """
UPDATE delivery SET state = 'dead', failure = $2, done_at = now()
WHERE state = 'waiting' AND subscription_id = (SELECT id FROM subscription WHERE name = $1)
"""


class Wanted(msgspec.Struct, frozen=True):
    """What a subscription wants to hear. `area`: that one and those in it; None: every area. `language`: BCP 47.

    `repeats_per_hour`: at most so many messages an hour that say nothing worse or better than what was said before.
    """

    area: str | None = None
    least_severity: Severity = Severity.MODERATE
    audience: Audience = "public"
    language: str = "en"
    drills: bool = False
    repeats_per_hour: int | None = None


class Subscription(Wanted, frozen=True, kw_only=True):
    """A subscription as anyone may see it: neither its address in full nor its secret."""

    name: str
    kind: Kind
    shown: str
    enabled: bool
    disabled_because: str | None
    created_at: datetime
    waiting: int
    dead: int


def is_name(text: str) -> bool:
    """Whether `text` can name a subscription."""
    return _NAME.fullmatch(text) is not None


async def add_subscription(connection: Connection, sealer: Sealer, name: str, address: Address, wanted: Wanted) -> None:
    """Keep a subscription. Raises InvalidInput, NotFound (no such area), Conflicting (the name is taken)."""
    if not is_name(name):
        raise InvalidInput("a name is 1 to 80 letters, digits, spaces and .@+-_", "name")
    await _check(connection, wanted)
    sealed = sealer.seal(msgspec.json.encode(address), subscription_purpose(name))
    row = name, address.kind, sealed, address.shown, *_columns(wanted)
    if affected(await connection.execute(_ADD, *row)) == 0:
        raise Conflicting(f"there is a subscription {name!r} already: take another name, or remove it first")


async def change_subscription(connection: Connection, name: str, wanted: Wanted) -> None:
    """Let it hear something else. Its address and its secret stay. Raises InvalidInput, NotFound."""
    await _check(connection, wanted)
    _found(await connection.execute(_CHANGE, name, *_columns(wanted)), name)


async def list_subscriptions(pool: Pool | Connection, name: str | None = None) -> list[Subscription]:
    """All, or the one of that name, in order of their names."""
    return msgspec.convert(await pool.fetch(_LIST, name), list[Subscription])


async def read_subscription(pool: Pool | Connection, name: str) -> Subscription:
    """The one of that name. Raises NotFound."""
    found = await list_subscriptions(pool, name) if is_name(name) else []
    if not found:
        raise _unknown(name)
    return found[0]


async def enable_subscription(connection: Connection, name: str) -> None:
    """It hears of what happens from now on. Raises NotFound."""
    _found(await connection.execute(_ENABLE, name), name)


async def disable_subscription(connection: Connection, name: str, because: str) -> int:
    """It hears nothing more; returns how many deliveries were still waiting for it and are dead now. Raises NotFound.

    Within the caller's transaction.
    """
    _found(await connection.execute(_DISABLE, name, because), name)
    return affected(await connection.execute(_GIVE_UP, name, DISABLED))


async def remove_subscription(connection: Connection, name: str) -> None:
    """Forget it with all of its deliveries. Raises NotFound."""
    _found(await connection.execute("DELETE FROM subscription WHERE name = $1", name), name)


async def read_address(connection: Pool | Connection, sealer: Sealer, name: str) -> Address:
    """Its address in full, for who sends. Raises NotFound, SecretsError."""
    sealed = await connection.fetchval("SELECT sealed FROM subscription WHERE name = $1", name)
    if sealed is None:
        raise _unknown(name)
    return open_address(sealer, name, sealed)


def open_address(sealer: Sealer, name: str, sealed: bytes) -> Address:
    """What was sealed of the subscription of that name. Raises SecretsError."""
    return msgspec.json.decode(sealer.open(sealed, subscription_purpose(name)), type=Address)


async def _check(connection: Connection, wanted: Wanted) -> None:
    if not is_language(wanted.language):
        raise InvalidInput(f"{wanted.language!r} is no language tag such as en or es", "language")
    if wanted.repeats_per_hour is not None and not 1 <= wanted.repeats_per_hour <= MAX_PER_HOUR:
        raise InvalidInput(f"repeats_per_hour is 1 to {MAX_PER_HOUR}, or left out for all", "repeats_per_hour")
    area = wanted.area
    if area is not None and not await connection.fetchval("SELECT true FROM area WHERE code::text = $1", area):
        raise NotFound(f"no area {area}: see `hydroalert area list`")


def _columns(wanted: Wanted) -> tuple[object, ...]:
    return (
        wanted.area,
        wanted.least_severity,
        wanted.audience,
        wanted.language,
        wanted.drills,
        wanted.repeats_per_hour,
    )


def _found(tag: str, name: str) -> None:
    if affected(tag) == 0:
        raise _unknown(name)


def _unknown(name: str) -> NotFound:
    return NotFound(f"no subscription {name!r}: see `hydroalert subscription list`")
