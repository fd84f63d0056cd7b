"""What the broker was told of each area, and what it must be told: claimed by lock, settled once it is acknowledged."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from hydroalert.store.pool import Connection

Key = tuple[int, bool]
"""(area id, drill)."""

# Changes go before renewals. A renewal that lies too far ahead was noted by a clock that was. No clock_timestamp():
# what changes within a statement uses no index.
_CLAIM = """
WITH due AS (
    SELECT area_id, drill, 0 AS turn FROM outbox
    UNION ALL
    SELECT area_id, drill, 1 FROM publication WHERE renew_at <= statement_timestamp()
    UNION ALL
    SELECT area_id, drill, 1 FROM publication
    WHERE renew_at > statement_timestamp() + 2 * $4::interval AND renew_at < 'infinity'
    UNION ALL
    SELECT area_id, drill, 2 FROM unnest($1::int[], $2::bool[]) AS owed (area_id, drill)
), turns AS (
    SELECT area_id, drill, min(turn) AS turn FROM due GROUP BY area_id, drill
)
SELECT publication.area_id, publication.drill, publication.revision
FROM publication JOIN turns USING (area_id, drill) JOIN area_state USING (area_id, drill)
WHERE area_state.snapshot <> '{}'
ORDER BY turn, renew_at LIMIT $3
FOR UPDATE OF publication SKIP LOCKED
"""
_STATES = """
SELECT area_id, drill, area.code::text, area_state.revision, snapshot::text, updated_at, judged_at,
       failure IS NOT NULL AS failed
FROM unnest($1::int[], $2::bool[]) AS asked (area_id, drill)
JOIN area_state USING (area_id, drill) JOIN area ON area.id = area_id
"""
_CAPS = """
SELECT DISTINCT ON (alert.area_id, alert.drill, alert.hazard)
       area.code::text AS area, alert.drill, alert.hazard::text, newest.xml
FROM unnest($1::int[], $2::bool[]) AS asked (area_id, drill)
JOIN area ON area.id = asked.area_id
JOIN alert ON alert.area_id = asked.area_id AND alert.drill = asked.drill
JOIN LATERAL (SELECT revision, xml FROM cap_message WHERE alert_id = alert.id ORDER BY revision DESC LIMIT 1)
    AS newest ON true
ORDER BY alert.area_id, alert.drill, alert.hazard, newest.revision DESC
"""
_SETTLE = """
UPDATE publication SET revision = shown.revision, renew_at = clock_timestamp() + $4::interval
FROM unnest($1::int[], $2::bool[], $3::bigint[]) AS shown (area_id, drill, revision)
WHERE publication.area_id = shown.area_id AND publication.drill = shown.drill
"""
_SHOWN = """
DELETE FROM outbox USING unnest($1::int[], $2::bool[], $3::bigint[]) AS shown (area_id, drill, revision)
WHERE outbox.area_id = shown.area_id AND outbox.drill = shown.drill AND outbox.revision <= shown.revision
"""
_ALL = "SELECT area_id, drill FROM publication JOIN area_state USING (area_id, drill) WHERE snapshot <> '{}'"
_CLAIM_WITHDRAWALS = """
SELECT id, area::text, drill, hazards FROM withdrawal
WHERE (NOT done OR $1) AND NOT EXISTS (SELECT FROM area WHERE code = withdrawal.area)
ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
"""
# An area of the same code that came meanwhile may have been emptied with the old one's topics.
_PUBLISH_AGAIN = """
UPDATE publication SET renew_at = '-infinity' FROM area
WHERE area.id = area_id AND NOT drill AND area.code::text = ANY ($1)
"""
_FORGET_WITHDRAWALS = "DELETE FROM withdrawal WHERE done AND at < clock_timestamp() - $1::interval"


class Claim(msgspec.Struct, frozen=True):
    """An area's publication, held until the transaction ends. `revision`: the newest that was acknowledged, or -1."""

    area_id: int
    drill: bool
    revision: int

    @property
    def key(self) -> Key:
        """(area id, drill)."""
        return self.area_id, self.drill


class State(msgspec.Struct, frozen=True):
    """An area as it stands: its newest snapshot, as JSON, and when it was last judged."""

    area_id: int
    drill: bool
    code: str
    revision: int
    snapshot: str
    updated_at: datetime
    judged_at: datetime | None
    failed: bool

    @property
    def key(self) -> Key:
        """(area id, drill)."""
        return self.area_id, self.drill


class Cap(msgspec.Struct, frozen=True):
    """The newest CAP message of one hazard in one area."""

    area: str
    drill: bool
    hazard: str
    xml: str


class Withdrawal(msgspec.Struct, frozen=True):
    """The retained topics that a removed area left."""

    id: int
    area: str
    drill: bool
    hazards: tuple[str, ...]


async def claim_publications(
    connection: Connection, owed: Collection[Key], limit: int, renew_every: timedelta
) -> list[Claim]:
    """Hold what is to be published now, those of `owed` included; what another holds is left to it.

    Within the caller's transaction. An area that was never judged has nothing to be published yet.
    """
    rows = await connection.fetch(_CLAIM, *_columns(owed, 2), limit, renew_every)
    return msgspec.convert(rows, list[Claim])


async def states_of(connection: Connection, keys: Sequence[Key]) -> list[State]:
    """These areas as they stand at this moment."""
    return msgspec.convert(await connection.fetch(_STATES, *_columns(keys, 2)), list[State])


async def newest_caps(connection: Connection, keys: Sequence[Key]) -> list[Cap]:
    """The newest CAP message of each hazard that these areas ever had one of."""
    return msgspec.convert(await connection.fetch(_CAPS, *_columns(keys, 2)), list[Cap])


async def settle_publications(
    connection: Connection, shown: Sequence[tuple[int, bool, int]], renew_every: timedelta
) -> None:
    """Note (area id, drill, revision) as acknowledged by the broker, in the transaction that claimed them."""
    columns = _columns(shown, 3)
    await connection.execute(_SETTLE, *columns, renew_every)
    await connection.execute(_SHOWN, *columns)


async def all_publications(connection: Connection) -> set[Key]:
    """Every area that has something to be published."""
    return {(row[0], row[1]) for row in await connection.fetch(_ALL)}


async def claim_withdrawals(connection: Connection, limit: int, *, again: bool) -> list[Withdrawal]:
    """Hold topics that are to be emptied; `again`: those too that were emptied before."""
    return msgspec.convert(await connection.fetch(_CLAIM_WITHDRAWALS, again, limit), list[Withdrawal])


async def settle_withdrawals(connection: Connection, withdrawn: Sequence[Withdrawal]) -> None:
    """Note them as done, in the transaction that claimed them."""
    await connection.execute("UPDATE withdrawal SET done = true WHERE id = ANY ($1)", [one.id for one in withdrawn])
    await connection.execute(_PUBLISH_AGAIN, [one.area for one in withdrawn])


async def forget_withdrawals(connection: Connection, kept: timedelta) -> None:
    """Forget what was emptied longer ago than this."""
    await connection.execute(_FORGET_WITHDRAWALS, kept)


def _columns(rows: Collection[tuple[object, ...]], width: int) -> list[list]:  # type: ignore[type-arg]
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
