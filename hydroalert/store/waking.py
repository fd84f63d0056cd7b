"""Areas to be judged again, because something that bears on them has changed."""

from collections.abc import Sequence

from hydroalert.store.pool import Connection

# An exercise is judged again only while it runs.
_WAKE = """
INSERT INTO area_due (area_id, drill)
SELECT area_id, drill FROM area_state WHERE area_id = ANY ($1::int[]) AND (NOT drill OR judge_at < 'infinity')
"""
_HEARING = "SELECT DISTINCT area_id FROM area_datastream WHERE datastream_id = ANY ($1::int[])"


async def wake_areas(connection: Connection, area_ids: Sequence[int]) -> None:
    """Have these areas judged once the caller's transaction commits."""
    await connection.execute(_WAKE, area_ids)


async def wake_hearers(connection: Connection, datastream_ids: Sequence[int]) -> None:
    """Have every area judged that hears one of these datastreams, once the caller's transaction commits."""
    found = await connection.fetch(_HEARING, datastream_ids)
    await wake_areas(connection, [row["area_id"] for row in found])
