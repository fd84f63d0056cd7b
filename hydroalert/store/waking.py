"""Areas to be judged again, because something that bears on them has changed."""

from collections.abc import Sequence

from hydroalert.store.pool import Connection

# An exercise hears no station and follows no rule: only people and time change it.
_WAKE = "INSERT INTO area_due (area_id) SELECT id FROM area WHERE id = ANY ($1::int[])"
_HEARING = "SELECT DISTINCT area_id FROM area_datastream WHERE datastream_id = ANY ($1::int[])"


async def wake_areas(connection: Connection, area_ids: Sequence[int]) -> None:
    """Have these areas judged once the caller's transaction commits."""
    await connection.execute(_WAKE, area_ids)


async def wake_hearers(connection: Connection, datastream_ids: Sequence[int]) -> None:
    """Have every area judged that hears one of these datastreams, once the caller's transaction commits."""
    found = await connection.fetch(_HEARING, datastream_ids)
    await wake_areas(connection, [row["area_id"] for row in found])
