"""Work that one process at a time should do, whichever comes first."""

from hydroalert.store.pool import Connection

_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('hydroalert ' || $1, 0))"


async def is_alone(connection: Connection, work: str) -> bool:
    """Whether nobody else is at this work; then nobody else begins it before the caller's transaction ends."""
    alone: bool = await connection.fetchval(_ALONE, work)
    return alone
