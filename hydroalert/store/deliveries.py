"""Deliveries: who is to hear of which revision, written with it; and what an operator sees and does of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from hydroalert.domain.alerts import Transition
from hydroalert.domain.errors import Conflicting, NotFound
from hydroalert.domain.severity import Severity
from hydroalert.store.audit import record
from hydroalert.store.pool import Connection, Pool, affected

State = Literal["waiting", "delivered", "superseded", "dead"]

# A subscription hears of an alert when it is bad enough, and from then on until it is over, however mild it becomes.
# The end of what it never heard of is no news. What the public hears of an alert may be milder than what operators do.
_ENQUEUE = """
WITH RECURSIVE surrounding (id) AS (
    SELECT $1::int
    UNION
    SELECT area.parent_id FROM area JOIN surrounding USING (id) WHERE area.parent_id IS NOT NULL
), changed AS (
    SELECT alert_id, transition, revision.severity, public_severity FROM revision JOIN alert ON alert.id = alert_id
    WHERE revision.area_id = $1 AND revision.drill = $2 AND revision.revision = $3
)
INSERT INTO delivery (subscription_id, area_id, drill, revision)
SELECT subscription.id, $1, $2, $3 FROM subscription CROSS JOIN changed
CROSS JOIN LATERAL (
    SELECT '{minor,moderate,severe,extreme}'::text[] AS words,
           CASE audience WHEN 'public' THEN public_severity ELSE severity END AS now_heard,
           EXISTS (
               SELECT FROM delivery JOIN revision USING (area_id, drill, revision)
               WHERE subscription_id = subscription.id AND revision.alert_id = changed.alert_id
           ) AS was_told
) AS known
WHERE enabled
  AND (subscription.area_id IS NULL OR subscription.area_id IN (SELECT id FROM surrounding))
  AND (drills OR NOT $2)
  AND CASE audience WHEN 'public' THEN $4::bool ELSE $5::bool END
  AND (was_told
       OR transition <> 'cleared' AND array_position(words, now_heard) >= array_position(words, least_severity))
ON CONFLICT DO NOTHING
"""
_LIST = """
SELECT delivery.id, subscription.name AS subscription, area.code::text AS area, delivery.drill, revision,
       transition, hazard, severity, revision.at, state, attempts, due_at, failure, done_at
FROM delivery JOIN revision USING (area_id, drill, revision)
JOIN subscription ON subscription.id = subscription_id JOIN area ON area.id = delivery.area_id
WHERE ($1::bigint[] IS NULL OR delivery.id = ANY ($1)) AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR subscription.name = $3) AND delivery.id < $4
ORDER BY delivery.id DESC LIMIT $5
"""
_CHOOSE = """
SELECT delivery.id, state, enabled, subscription.name, EXISTS (
    SELECT FROM delivery AS newer
    WHERE newer.subscription_id = delivery.subscription_id AND newer.area_id = delivery.area_id
      AND newer.drill = delivery.drill AND newer.revision > delivery.revision
) AS is_outdated
FROM delivery JOIN subscription ON subscription.id = subscription_id
WHERE delivery.id = $1 FOR NO KEY UPDATE OF delivery
"""
# That one attempt was made is remembered: its receiver may have heard it.
_RESEND = """
UPDATE delivery SET state = 'waiting', due_at = now(), attempts = least(attempts, 1), done_at = NULL WHERE id = $1
"""
_RESEND_DEAD = """
UPDATE delivery SET state = 'waiting', due_at = now(), attempts = least(attempts, 1), done_at = NULL
FROM subscription
WHERE subscription.id = subscription_id AND enabled AND state = 'dead' AND NOT EXISTS (
    SELECT FROM delivery AS newer
    WHERE newer.subscription_id = delivery.subscription_id AND newer.area_id = delivery.area_id
      AND newer.drill = delivery.drill AND newer.revision > delivery.revision
)
"""
_BACKLOG = """
SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'dead') AS dead,
       extract(epoch FROM now() - min(revision.at)
           FILTER (WHERE state = 'waiting' AND (failure IS NOT NULL OR due_at <= now())))::float8 AS oldest_s
FROM delivery JOIN revision USING (area_id, drill, revision) WHERE state IN ('waiting', 'dead')
"""


class Delivery(msgspec.Struct, frozen=True):
    """One revision on its way to one subscription. `at`: of the revision; `due_at`: of the next attempt."""

    id: int
    subscription: str
    area: str
    drill: bool
    revision: int
    transition: Transition
    hazard: str
    severity: Severity
    at: datetime
    state: State
    attempts: int
    due_at: datetime
    failure: str | None
    done_at: datetime | None


class Backlog(msgspec.Struct, frozen=True):
    """How many deliveries wait and how many are dead; how old the revision is that is told of latest, None of none.

    What a rate limit holds back is not late.
    """

    waiting: int
    dead: int
    oldest_s: float | None


async def enqueue(
    connection: Connection, area_id: int, drill: bool, revision: int, *, public: bool, operators: bool
) -> int:
    """Let every subscription that this revision concerns hear of it; returns how many there are.

    In the transaction that writes the revision, after its `revision` and `alert` rows, which say how bad it is: to
    operators the revision's `severity`, to the public the alert's `public_severity`. `public`, `operators`: who is to
    hear of this revision at all.
    """
    return affected(await connection.execute(_ENQUEUE, area_id, drill, revision, public, operators))


async def list_deliveries(
    pool: Pool | Connection,
    *,
    ids: Sequence[int] | None = None,
    state: State | None = None,
    subscription: str | None = None,
    before_id: int = 2**63 - 1,
    limit: int = 100,
) -> list[Delivery]:
    """Deliveries, the newest first."""
    return msgspec.convert(await pool.fetch(_LIST, ids, state, subscription, before_id, limit), list[Delivery])


async def read_delivery(pool: Pool | Connection, delivery_id: int) -> Delivery:
    """One. Raises NotFound."""
    found = await list_deliveries(pool, ids=[delivery_id])
    if not found:
        raise _unknown(delivery_id)
    return found[0]


async def resend(connection: Connection, delivery_id: int) -> None:
    """Send it again, under the same id, within the caller's transaction. Raises NotFound, Conflicting."""
    row = await connection.fetchrow(_CHOOSE, delivery_id)
    if row is None:
        raise _unknown(delivery_id)
    if row["state"] == "waiting":
        raise Conflicting(f"delivery {delivery_id} is on its way already")
    if not row["enabled"]:
        raise Conflicting(f"{row['name']} is disabled: first `hydroalert subscription enable {row['name']!r}`")
    if row["is_outdated"]:
        raise Conflicting(f"delivery {delivery_id} is outdated: a newer one of its area tells of it; resend that one")
    await connection.execute(_RESEND, delivery_id)
    await record(connection, "resent", "delivery", str(delivery_id), {"subscription": row["name"]})


async def resend_dead(connection: Connection) -> int:
    """Send again what is dead, of each subscription and area the newest, which tells of all before it."""
    count = affected(await connection.execute(_RESEND_DEAD))
    await record(connection, "resent", "delivery", "", {"dead": count})
    return count


async def backlog(connection: Pool | Connection) -> Backlog:
    """What is not delivered."""
    return msgspec.convert(await connection.fetchrow(_BACKLOG), Backlog)


def _unknown(delivery_id: int) -> NotFound:
    return NotFound(f"no delivery {delivery_id}: see `hydroalert delivery list`")
