"""How triage does: how long people waited, and what waits now."""

from datetime import date, datetime

import msgspec

from hydroalert.store.pool import Connection

AGES_S = (15 * 60, 3_600, 6 * 3_600, 24 * 3_600)
"""Where one age of open work ends and the next begins."""

_TIMES = """
SELECT coalesce(severity, 'all') AS severity, count(*) AS submitted, count(reviewed_at) AS reviewed,
       count(decided_at) AS decided, count(withdrawn_at) AS withdrawn,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM reviewed_at - submitted_at)) AS review_p50_s,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM reviewed_at - submitted_at)) AS review_p90_s,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - submitted_at)) AS decision_p50_s,
       percentile_cont(0.9) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - submitted_at)) AS decision_p90_s
FROM report WHERE submitted_at >= $1 AND submitted_at < $2 GROUP BY GROUPING SETS ((severity), ())
ORDER BY array_position(ARRAY['all', 'extreme', 'severe', 'moderate', 'minor'], coalesce(severity, 'all'))
"""
_DAYS = """
SELECT (submitted_at AT TIME ZONE 'UTC')::date AS day, count(*) AS submitted,
       count(*) FILTER (WHERE state IN ('submitted', 'under_review')) AS open,
       count(*) FILTER (WHERE state IN ('verified', 'resolved')) AS verified,
       count(*) FILTER (WHERE state = 'rejected') AS rejected, count(*) FILTER (WHERE state = 'duplicate') AS duplicate
FROM report WHERE submitted_at >= $1 AND submitted_at < $2 GROUP BY 1 ORDER BY 1
"""
_OPEN = """
SELECT state, width_bucket(extract(epoch FROM $1::timestamptz - submitted_at)::float8, $2::float8[]) AS age,
       count(*) AS reports
FROM report WHERE state IN ('submitted', 'under_review') AND withdrawn_at IS NULL GROUP BY 1, 2 ORDER BY 1, 2
"""
_OLDEST = """
SELECT state, count(*) AS reports,
       greatest(date_part('epoch', now() - min(submitted_at)), 0)::float8 AS oldest_s
FROM report WHERE state IN ('submitted', 'under_review') AND withdrawn_at IS NULL GROUP BY state
"""


class Times(msgspec.Struct, frozen=True):
    """How long reports of one severity (or `all`) waited for the first look, and for a decision: the median, and what
    nine in ten did not exceed. None where none came so far."""

    severity: str
    submitted: int
    reviewed: int
    decided: int
    withdrawn: int
    review_p50_s: float | None
    review_p90_s: float | None
    decision_p50_s: float | None
    decision_p90_s: float | None


class Day(msgspec.Struct, frozen=True):
    """What came on a day (UTC), and how it stands now."""

    day: date
    submitted: int
    open: int
    verified: int
    rejected: int
    duplicate: int


class OpenWork(msgspec.Struct, frozen=True):
    """What waits in a state; `age`: the how-manieth of the spans that `AGES_S` ends, from 0."""

    state: str
    age: int
    reports: int


class OpenReports(msgspec.Struct, frozen=True):
    """How many reports wait in a state, and since when the oldest."""

    state: str
    reports: int
    oldest_s: float


async def times(connection: Connection, since: datetime, until: datetime) -> list[Times]:
    """Of reports sent in that time: all together first, then by severity, the worst first."""
    return msgspec.convert(await connection.fetch(_TIMES, since, until), list[Times])


async def days(connection: Connection, since: datetime, until: datetime) -> list[Day]:
    """Of reports sent in that time, day by day; a day without any is left out."""
    return msgspec.convert(await connection.fetch(_DAYS, since, until), list[Day])


async def open_work(connection: Connection, now: datetime) -> list[OpenWork]:
    """What waits now, by state and age; nothing of what was withdrawn."""
    return msgspec.convert(await connection.fetch(_OPEN, now, list(AGES_S)), list[OpenWork])


async def open_reports(connection: Connection) -> list[OpenReports]:
    """The same for who watches: how many, and how old."""
    return msgspec.convert(await connection.fetch(_OLDEST), list[OpenReports])
