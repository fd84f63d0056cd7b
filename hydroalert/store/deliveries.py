"""Deliveries: who is to hear of which revision, written with it."""

from hydroalert.store.pool import Connection, affected

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


async def enqueue(
    connection: Connection, area_id: int, drill: bool, revision: int, *, public: bool, operators: bool
) -> int:
    """Let every subscription that this revision concerns hear of it; returns how many there are.

    In the transaction that writes the revision, after its `revision` and `alert` rows, which say how bad it is: to
    operators the revision's `severity`, to the public the alert's `public_severity`. `public`, `operators`: who is to
    hear of this revision at all.
    """
    return affected(await connection.execute(_ENQUEUE, area_id, drill, revision, public, operators))
