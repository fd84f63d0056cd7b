"""Reports that tell of the same water: near each other in space and in time. `docs/why/triage.md` says how, and why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hydroalert.domain.severity import Severity
from hydroalert.store.pool import Connection

APART_M = 300
SQUARE_M = 25
"""Places are told apart no finer than that: a telephone knows its own hardly better."""
APART_TIME = timedelta(hours=2)
LEAST_SIZE = 3
LOOKS_BACK = timedelta(hours=24)
MOST_REPORTS = 10_000
"""The newest so many are looked at: what clusters says where the water is, and a flood has more than enough of it."""

# Metres on a plane that touches the Earth amid the reports, all of them laid on it at once (one by one takes 100 times
# as long). PostGIS clusters in two dimensions: so those are joined that hang together in space, then taken apart where
# they do not in time, and each spell is joined in space by itself. What is joined are squares of the plane and not
# reports: thousands of them from one place would each look at all the others.
_CLUSTERED = f"""
seen AS (
    SELECT row_number() OVER (ORDER BY seen_at DESC, id) AS number, id, seen_at, submitted_at, position FROM report
    WHERE seen_at > $1::timestamptz AND state <> 'rejected' AND withdrawn_at IS NULL
    ORDER BY number LIMIT {MOST_REPORTS}
), collected AS (
    SELECT ST_Collect(position ORDER BY number) AS spots FROM seen
), plane AS (
    SELECT ST_Transform(spots, format('+proj=aeqd +lat_0=%s +lon_0=%s', ST_Y(middle), ST_X(middle))) AS spots
    FROM collected, CAST(ST_Centroid(spots::geography) AS geometry) AS middle
), flat AS (
    SELECT id, seen_at, submitted_at, ST_SnapToGrid(dumped.geom, {SQUARE_M}) AS spot
    FROM plane, ST_Dump(spots) AS dumped JOIN seen ON number = dumped.path[1]
), place AS (
    SELECT spot, ST_ClusterDBSCAN(spot, {APART_M}, 1) OVER () AS place FROM (SELECT DISTINCT spot FROM flat) AS spots
), timed AS (
    SELECT *, seen_at - lag(seen_at) OVER (PARTITION BY place ORDER BY seen_at, id) > $2::interval AS apart
    FROM flat JOIN place USING (spot)
), spelled AS (
    SELECT *, count(*) FILTER (WHERE apart) OVER (PARTITION BY place ORDER BY seen_at, id) AS spell FROM timed
), part AS (
    SELECT place, spell, spot, ST_ClusterDBSCAN(spot, {APART_M}, 1) OVER (PARTITION BY place, spell) AS part
    FROM (SELECT DISTINCT place, spell, spot FROM spelled) AS spots
), counted AS (
    SELECT id, first_value(id) OVER (PARTITION BY place, spell, part ORDER BY submitted_at, id) AS cluster,
           count(*) OVER (PARTITION BY place, spell, part) AS size
    FROM spelled JOIN part USING (place, spell, spot)
), clustered AS (
    SELECT * FROM counted WHERE size >= {LEAST_SIZE}
)
"""
_MEMBERS = f"WITH {_CLUSTERED} SELECT id, cluster, size FROM clustered"
_LIST = f"""
WITH {_CLUSTERED}, gathered AS (
    SELECT cluster, size, report.* FROM clustered JOIN report USING (id)
), middle AS (
    SELECT cluster, ST_Centroid(ST_Collect(position)::geography)::geometry AS middle FROM gathered GROUP BY cluster
)
SELECT cluster AS id, size, count(*) FILTER (WHERE state IN ('submitted', 'under_review')) AS open,
       count(*) FILTER (WHERE state IN ('verified', 'resolved')) AS verified,
       ST_X(middle) AS lon, ST_Y(middle) AS lat, max(ST_Distance(middle::geography, position::geography)) AS radius_m,
       min(seen_at) AS first_seen_at, max(seen_at) AS last_seen_at, max(depth_cm) AS depth_cm,
       array_agg(DISTINCT category) AS categories, array_agg(DISTINCT severity) AS severities, array_agg(id) AS reports
FROM gathered JOIN middle USING (cluster) GROUP BY cluster, size, middle ORDER BY size DESC, cluster
"""


class Membership(msgspec.Struct, frozen=True):
    """That a report belongs to a cluster of that id: it is the id of the report of it that came first."""

    id: UUID
    size: int


class Cluster(msgspec.Struct, frozen=True):
    """Reports of the same water. `radius_m` around its middle holds them all; `verified`: also those resolved since."""

    id: UUID
    size: int
    open: int
    verified: int
    lon: float
    lat: float
    radius_m: float
    first_seen_at: datetime
    last_seen_at: datetime
    depth_cm: int | None
    categories: Sequence[str]
    severities: Sequence[Severity]
    reports: Sequence[UUID]


async def memberships(connection: Connection, now: datetime) -> dict[UUID, Membership]:
    """Which of the reports seen in the last 24 hours belong to a cluster; rejected and withdrawn ones count nowhere."""
    rows = await connection.fetch(_MEMBERS, now - LOOKS_BACK, APART_TIME)
    return {report: Membership(cluster, size) for report, cluster, size in rows}


async def list_clusters(connection: Connection, now: datetime) -> list[Cluster]:
    """The clusters among the reports seen in the last 24 hours, the largest first."""
    rows = await connection.fetch(_LIST, now - LOOKS_BACK, APART_TIME)
    return msgspec.convert(rows, list[Cluster], strict=False)
