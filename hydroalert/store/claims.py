"""Deliveries that are to be sent: claimed by time, sent outside any transaction, then settled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from hydroalert.domain.addresses import Kind
from hydroalert.domain.alerts import Transition
from hydroalert.domain.severity import Severity
from hydroalert.store.pool import Connection, affected

# Who claims holds the subscription's row: so what one process claims, the next sees. Nothing is sent meanwhile.
_HOLD = """
SELECT id, name, kind, sealed, audience, language, repeats_per_hour, now() AS now FROM subscription
WHERE enabled AND kind = $1
  AND EXISTS (
      SELECT FROM delivery
      WHERE subscription_id = subscription.id AND state = 'waiting' AND due_at <= now() AND claimed_until <= now()
  )
  AND $3 > (
      SELECT count(*) FROM delivery
      WHERE subscription_id = subscription.id AND state = 'waiting' AND claimed_until > now()
  )
ORDER BY random() LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
"""
_UNHEARD = """
SELECT delivery.id, subscription_id, area_id, drill, revision, alert_id, transition, severity, state, due_at,
       claimed_until > now() AS is_under_way, EXISTS (
           SELECT FROM delivery AS tried JOIN revision AS told USING (area_id, drill, revision)
           WHERE tried.subscription_id = delivery.subscription_id AND told.alert_id = revision.alert_id
             AND (tried.state = 'delivered' OR tried.attempts > 0)
       ) AS was_tried
FROM delivery JOIN revision USING (area_id, drill, revision)
WHERE subscription_id = ANY ($1) AND state <> 'delivered'
  AND (subscription_id, area_id, drill) IN (
      SELECT subscription_id, area_id, drill FROM delivery WHERE subscription_id = ANY ($1) AND state = 'waiting'
  )
  AND revision > (
      SELECT coalesce(max(done.revision), -1) FROM delivery AS done
      WHERE done.subscription_id = delivery.subscription_id AND done.area_id = delivery.area_id
        AND done.drill = delivery.drill AND done.state = 'delivered'
  )
ORDER BY subscription_id, area_id, drill, revision
"""
_DELIVERED_SINCE = """
SELECT subscription_id, done_at FROM delivery JOIN revision USING (area_id, drill, revision)
WHERE subscription_id = ANY ($1) AND state = 'delivered' AND done_at > now() - interval '1 hour'
  AND transition = ANY ($2)
ORDER BY done_at
"""
_TOLD = """
SELECT area_id, drill, revision, transition, public, at, author, reason, why::text, snapshot::text FROM revision
WHERE area_id = $1 AND drill = $2 AND revision = ANY ($3) ORDER BY revision
"""
_SUPERSEDE = "UPDATE delivery SET state = 'superseded', done_at = now() WHERE id = ANY ($1)"
_POSTPONE = """
UPDATE delivery SET due_at = held.until FROM unnest($1::bigint[], $2::timestamptz[]) AS held (id, until)
WHERE delivery.id = held.id
"""
_CLAIM = """
UPDATE delivery SET claimed_until = now() + $2::interval, attempts = attempts + 1 WHERE id = ANY ($1)
RETURNING id, attempts, claimed_until
"""
_DELIVERED = """
WITH delivered AS (
    UPDATE delivery SET state = 'delivered', done_at = now(), failure = NULL, claimed_until = '-infinity'
    WHERE id = $1 AND claimed_until = $2 AND state = 'waiting' RETURNING subscription_id, area_id, drill, revision
), told AS (
    UPDATE delivery SET state = 'superseded' FROM delivered
    WHERE delivery.subscription_id = delivered.subscription_id AND delivery.area_id = delivered.area_id
      AND delivery.drill = delivered.drill AND delivery.revision < delivered.revision AND state = 'dead'
)
SELECT count(*) FROM delivered
"""
_FAILED = """
UPDATE delivery SET failure = $3, due_at = now() + $4::interval, claimed_until = '-infinity'
WHERE id = $1 AND claimed_until = $2 AND state = 'waiting'
"""
_DEAD = """
UPDATE delivery SET state = 'dead', failure = $3, done_at = now(), claimed_until = '-infinity'
WHERE id = $1 AND claimed_until = $2 AND state = 'waiting'
"""


class Held(msgspec.Struct, frozen=True):
    """A subscription that has something to be sent; held until the caller's transaction ends. `now`: the database's."""

    id: int
    name: str
    kind: Kind
    sealed: bytes
    audience: Literal["public", "operators"]
    language: str
    repeats_per_hour: int | None
    now: datetime


class Unheard(msgspec.Struct, frozen=True):
    """A delivery that was not made since the last that was, of one area. `was_tried`: someone tried to tell of its
    alert, so it may have been heard."""

    id: int
    subscription_id: int
    area_id: int
    drill: bool
    revision: int
    alert_id: UUID
    transition: Transition
    severity: Severity
    state: Literal["waiting", "superseded", "dead"]
    due_at: datetime
    is_under_way: bool
    was_tried: bool


class Told(msgspec.Struct, frozen=True):
    """A revision that is told of. `why`, `snapshot`: JSON."""

    area_id: int
    drill: bool
    revision: int
    transition: Transition
    public: bool
    at: datetime
    author: str | None
    reason: str | None
    why: str
    snapshot: str


class Claimed(msgspec.Struct, frozen=True):
    """A delivery that the caller alone sends, until `claimed_until`. `attempts` counts this one too."""

    id: int
    attempts: int
    claimed_until: datetime


async def hold_subscriptions(connection: Connection, kind: Kind, most: int, most_each: int) -> list[Held]:
    """Hold up to `most` subscriptions that have something due and fewer than `most_each` deliveries under way."""
    return msgspec.convert(await connection.fetch(_HOLD, kind, most, most_each), list[Held])


async def unheard_of(connection: Connection, subscription_ids: Sequence[int]) -> list[Unheard]:
    """What these have not heard of each area that has something waiting, in order of revision."""
    return msgspec.convert(await connection.fetch(_UNHEARD, subscription_ids), list[Unheard])


async def delivered_in_the_past_hour(
    connection: Connection, subscription_ids: Sequence[int], transitions: Sequence[Transition]
) -> dict[int, list[datetime]]:
    """When these heard of such transitions, by subscription, the earliest first."""
    found: dict[int, list[datetime]] = {one: [] for one in subscription_ids}
    for row in await connection.fetch(_DELIVERED_SINCE, subscription_ids, transitions):
        found[row["subscription_id"]].append(row["done_at"])
    return found


async def read_told(connection: Connection, area_id: int, drill: bool, revisions: Sequence[int]) -> list[Told]:
    """These revisions of an area, in order."""
    return msgspec.convert(await connection.fetch(_TOLD, area_id, drill, revisions), list[Told])


async def supersede(connection: Connection, ids: Sequence[int]) -> None:
    """These need not be sent: a newer one tells of them."""
    await connection.execute(_SUPERSEDE, ids)


async def postpone(connection: Connection, until: Sequence[tuple[int, datetime]]) -> None:
    """These wait until then."""
    await connection.execute(_POSTPONE, [one for one, _ in until], [moment for _, moment in until])


async def claim(connection: Connection, ids: Sequence[int], lease: timedelta) -> dict[int, Claimed]:
    """Take these on, by id. What is neither settled nor taken back within `lease` is anyone's again."""
    claimed = msgspec.convert(await connection.fetch(_CLAIM, ids, lease), list[Claimed])
    return {one.id: one for one in claimed}


async def settle_delivered(connection: Connection, claimed: Claimed) -> bool:
    """It was heard, and with it whatever of its area was dead; False when the claim was lost meanwhile."""
    return bool(await connection.fetchval(_DELIVERED, claimed.id, claimed.claimed_until))


async def settle_failed(connection: Connection, claimed: Claimed, failure: str, pause: timedelta) -> bool:
    """It is to be tried again after a pause; False when the claim was lost meanwhile."""
    return affected(await connection.execute(_FAILED, claimed.id, claimed.claimed_until, failure, pause)) == 1


async def settle_dead(connection: Connection, claimed: Claimed, failure: str) -> bool:
    """Nobody tries any more, until an operator says so; False when the claim was lost meanwhile."""
    return affected(await connection.execute(_DEAD, claimed.id, claimed.claimed_until, failure)) == 1
