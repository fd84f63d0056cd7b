"""Alerting processes that are alive: each renews a lease of its own."""

from datetime import timedelta
from uuid import UUID

from hydroalert.store.pool import Connection

LEASE = timedelta(seconds=10)

_HERE = """
INSERT INTO alerter (id, until) VALUES ($1, clock_timestamp() + $2::interval)
ON CONFLICT (id) DO UPDATE SET until = excluded.until
"""


async def announce_alerter(connection: Connection, process: UUID) -> None:
    """Say that this process lives for another ten seconds; forget those that ended long ago."""
    await connection.execute(_HERE, process, LEASE)
    await connection.execute("DELETE FROM alerter WHERE until < clock_timestamp() - interval '1 day'")


async def dismiss_alerter(connection: Connection, process: UUID) -> None:
    """This process stops."""
    await connection.execute("DELETE FROM alerter WHERE id = $1", process)
