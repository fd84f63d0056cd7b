"""Lanes: persistent broker sessions, each worked by whoever holds its lease."""

from datetime import timedelta
from uuid import UUID

import msgspec

from hydroalert.store.pool import Connection, affected

LEASE = timedelta(seconds=10)

_MAKE = """
INSERT INTO lane (holder) SELECT NULL FROM generate_series(1, $1 - (SELECT count(*) FROM lane))
"""
_HERE = """
INSERT INTO worker AS known (id, until) VALUES ($1, clock_timestamp() + $2::interval)
ON CONFLICT (id) DO UPDATE SET until = excluded.until
"""
_SHARE = """
SELECT ceil((SELECT count(*) FROM lane)::float / count(*))::int FROM worker WHERE until > clock_timestamp()
"""
_TAKE = """
UPDATE lane SET holder = $1, until = clock_timestamp() + $2::interval
WHERE id = (SELECT id FROM lane WHERE until <= clock_timestamp() ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, client_id
"""
_RENEW = """
UPDATE lane SET until = clock_timestamp() + $3::interval
WHERE id = $2 AND holder = $1 AND until > clock_timestamp()
"""
_RELEASE = "UPDATE lane SET holder = NULL, until = '-infinity' WHERE id = $2 AND holder = $1"


class Lane(msgspec.Struct, frozen=True):
    """A persistent session; its client id is a secret."""

    id: int
    client_id: str


async def make_lanes(connection: Connection, count: int) -> None:
    """See that there are at least `count`; lanes are never unmade, since frames may wait in their sessions."""
    async with connection.transaction():
        await connection.execute("LOCK TABLE lane IN SHARE ROW EXCLUSIVE MODE")
        await connection.execute(_MAKE, count)


async def announce_worker(connection: Connection, worker: UUID) -> int:
    """Say that this worker lives; return how many lanes are its fair share."""
    await connection.execute(_HERE, worker, LEASE)
    await connection.execute("DELETE FROM worker WHERE until < clock_timestamp() - interval '1 day'")
    share: int = await connection.fetchval(_SHARE)
    return share


async def report_lag(connection: Connection, worker: UUID, frames: int) -> None:
    """How many frames this worker has taken and not yet settled."""
    await connection.execute("UPDATE worker SET lane_lag = $2 WHERE id = $1", worker, frames)


async def take_lane(connection: Connection, worker: UUID) -> Lane | None:
    """Lease a lane that nobody holds, if there is one."""
    row = await connection.fetchrow(_TAKE, worker, LEASE)
    return None if row is None else msgspec.convert(row, Lane)


async def renew_lane(connection: Connection, worker: UUID, lane: Lane) -> bool:
    """Hold it for ten seconds more; False when it is lost."""
    return affected(await connection.execute(_RENEW, worker, lane.id, LEASE)) == 1


async def release_lane(connection: Connection, worker: UUID, lane: Lane) -> None:
    """Give it back, so that another need not wait for its time to run out."""
    await connection.execute(_RELEASE, worker, lane.id)


async def dismiss_worker(connection: Connection, worker: UUID) -> None:
    """This worker stops."""
    await connection.execute("DELETE FROM worker WHERE id = $1", worker)


async def share_group(connection: Connection) -> str:
    """The secret name of the shared subscription."""
    group: str = await connection.fetchval("SELECT share_group FROM platform")
    return group
