"""How alerting stands, as far as the database can tell; for health, metrics and whoever watches from outside."""

import msgspec

from hydroalert.domain.watch import Facts
from hydroalert.store.deliveries import backlog
from hydroalert.store.pool import Connection

_FACTS = """
SELECT (SELECT count(*) FROM alerter WHERE until > now()) AS processes,
       (SELECT count(*) FROM (SELECT FROM due LIMIT 100000) AS waiting) AS due,
       coalesce((SELECT greatest(date_part('epoch', now() - at), 0) FROM due ORDER BY id LIMIT 1), 0) AS due_oldest_s,
       coalesce((SELECT greatest(date_part('epoch', now() - min(judge_at)), 0) FROM area_state
                 WHERE judge_at > '-infinity' AND judge_at <= now()), 0) AS overdue_s,
       (SELECT count(*) FROM area_state WHERE failure IS NOT NULL) AS failed,
       (SELECT count(*) FROM outbox) AS outbox,
       coalesce((SELECT greatest(date_part('epoch', now() - min(at)), 0)
                 FROM outbox JOIN revision USING (area_id, drill, revision)), 0) AS outbox_oldest_s,
       date_part('epoch', now() - coalesce(echoed_at, device.created_at)) AS echo_age_s, delay_s AS echo_delay_s,
       (SELECT count(*) FROM area_state WHERE NOT drill AND snapshot @> '{"blind": true}') AS blind
FROM canary LEFT JOIN device ON device.id = device_id
"""
_STANDING = """
SELECT public_severity, count(*) FROM alert
WHERE active AND NOT drill AND public_severity IS NOT NULL GROUP BY public_severity
"""


async def alerting_facts(connection: Connection) -> Facts:
    """Everything at once."""
    row = await connection.fetchrow(_FACTS)
    assert row is not None  # it is one row whatever there is
    standing = {one["public_severity"]: one["count"] for one in await connection.fetch(_STANDING)}
    deliveries = await backlog(connection)
    told = {
        "deliveries": deliveries.waiting,
        "deliveries_oldest_s": deliveries.oldest_s or 0.0,
        "dead": deliveries.dead,
    }
    return msgspec.convert({**row, **told, "standing": standing}, Facts)
