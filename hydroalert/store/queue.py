"""What is known of reports, for their priority: a few queries for all of them, in one transaction."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from hydroalert.domain.clock import MAX_AHEAD
from hydroalert.domain.reports import OPEN, Category, State
from hydroalert.domain.severity import Severity
from hydroalert.store.clusters import Membership, memberships
from hydroalert.store.pool import Connection
from hydroalert.store.reading_stations import Box
from hydroalert.store.reports import COLUMNS, Report

T = TypeVar("T")

NEAR_M = 5_000
"""How far a station is asked about a report."""
NEAREST_STATIONS = 5
HEARD_WITHIN = timedelta(hours=1)
MOST_REPORTS = 2_000
"""So many at most are weighed at once. Each cell has its turn before any has its second, so that a thousand from one
place bury nobody; of one turn the most severe come first, then the newest."""

_MATCHING = """
FROM report LEFT JOIN account ON account.id = assigned_to
WHERE state = ANY ($1::text[])
  AND ($2::text[] IS NULL OR category = ANY ($2))
  AND ($3::float8[] IS NULL OR position && ST_MakeEnvelope($3[1], $3[2], $3[3], $3[4], 4326)
                            OR position && ST_MakeEnvelope($3[5], $3[6], $3[7], $3[8], 4326))
  AND CASE WHEN $4::text IS NULL THEN true WHEN $4 = '' THEN assigned_to IS NULL ELSE account.name = $4 END
  AND ($5::uuid[] IS NULL OR report.id = ANY ($5))
"""
_WORST = "array_position(ARRAY['extreme', 'severe', 'moderate', 'minor'], severity), seen_at DESC"
_REPORTS = f"""
WITH matching AS (
    SELECT {COLUMNS}, row_number() OVER (PARTITION BY cell ORDER BY {_WORST}, report.id) AS turn {_MATCHING}
)
SELECT * FROM matching ORDER BY turn, {_WORST}, id LIMIT {MOST_REPORTS}
"""
_COUNT = f"SELECT count(*) {_MATCHING}"
# What is heard now, for each datastream and not for each report; with it how it stood within the hour before, and the
# lowest threshold at which a rule in force calls it high.
_HEARD = """
WITH threshold AS (
    SELECT station.code::text AS station, member ->> 'datastream' AS datastream,
           min(coalesce(member -> 'thresholds' ->> 0, body -> 'levels' -> 0 ->> 'threshold')::float8) AS lowest
    FROM rule JOIN rule_version ON rule_id = rule.id AND rule_version.version = rule.version
    CROSS JOIN jsonb_array_elements(body -> 'members') AS member
    JOIN station ON station.code = member ->> 'station'
    WHERE retired_at IS NULL AND coalesce(body ->> 'signal', 'level') = 'level'
    GROUP BY 1, 2
)
SELECT station.id, station.code::text AS station, station.name, datastream.code AS datastream, unit,
       newest.phenomenon_time AS time, newest.result, newest.quality,
       (newest.result - before.result) * 3600
           / extract(epoch FROM newest.phenomenon_time - before.phenomenon_time)::float8 AS change_per_h,
       lowest AS threshold
FROM station JOIN datastream ON datastream.station_id = station.id
JOIN latest AS newest ON newest.datastream_id = datastream.id
LEFT JOIN LATERAL (
    SELECT phenomenon_time, result FROM observation
    WHERE observation.datastream_id = newest.datastream_id AND quality NOT IN (4, 9)
      AND phenomenon_time > $1::timestamptz - 2 * $2::interval
      AND phenomenon_time >= newest.phenomenon_time - $2 AND phenomenon_time < newest.phenomenon_time
    ORDER BY phenomenon_time LIMIT 1
) AS before ON true
LEFT JOIN threshold ON threshold.station = station.code AND threshold.datastream = datastream.code
WHERE NOT internal AND newest.quality NOT IN (4, 9)
  AND coalesce(greatest(station.maintenance_until, datastream.maintenance_until) <= $1, true)
  AND newest.phenomenon_time > $1 - least($2, make_interval(secs => live_for_s))
  AND newest.phenomenon_time <= $1 + $3::interval
ORDER BY station.id, datastream.code
"""
# On the sphere: half a percent off, and a quarter of the time.
_NEAREST = """
WITH heard AS MATERIALIZED (SELECT unnest($2::int[]) AS id), near AS (
    SELECT report.id AS report, station.id,
           ST_Distance(station.position::geography, report.position::geography, false) AS far
    FROM report JOIN station ON ST_DWithin(station.position::geography, report.position::geography, $3, false)
    WHERE report.id = ANY ($1::uuid[]) AND station.id IN (SELECT id FROM heard)
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY report ORDER BY far, id) AS place FROM near
)
SELECT report, id, far FROM ranked WHERE place <= $4 ORDER BY report, far, id
"""
_AREAS = """
SELECT report.id AS report, area.code::text AS area, coalesce((snapshot -> 'blind')::bool, true) AS blind,
       alert.id AS alert, alert.hazard::text, alert.severity, alert.public_severity
FROM report JOIN area ON ST_Intersects(area.polygon, report.position)
JOIN area_state ON area_state.area_id = area.id AND NOT area_state.drill
LEFT JOIN alert ON alert.area_id = area.id AND alert.active AND NOT alert.drill
WHERE report.id = ANY ($1::uuid[]) ORDER BY report.id, area.code, alert.raised_at, alert.id
"""
# What was joined to a report bears witness for it, after its own.
_PICTURES = """
SELECT coalesce(report.duplicate_of, report.id) AS report, evidence.hint_off_m AS off_m,
       evidence.hint_at - report.seen_at AS off_time,
       coalesce(coalesce(first.duplicate_of, first.id) <> coalesce(report.duplicate_of, report.id), false)
           AS seen_before,
       coalesce(coalesce(first.duplicate_of, first.id) = coalesce(report.duplicate_of, report.id), false) AS repeated
FROM evidence JOIN report ON report.id = evidence.report_id
LEFT JOIN evidence AS earlier ON earlier.id = evidence.like_evidence
LEFT JOIN report AS first ON first.id = earlier.report_id
WHERE report.id = ANY ($1::uuid[]) OR report.duplicate_of = ANY ($1)
ORDER BY report.duplicate_of IS NOT NULL, report.id, evidence.number
"""
_RECORDS = """
SELECT asked.id AS report, count(*) FILTER (WHERE other.state IN ('verified', 'resolved')) AS verified,
       count(*) FILTER (WHERE other.state = 'rejected') AS rejected
FROM report AS asked JOIN report AS other ON other.reporter = asked.reporter AND other.id <> asked.id
WHERE asked.id = ANY ($1::uuid[]) GROUP BY asked.id
"""


class Question(msgspec.Struct, frozen=True):
    """Which reports are asked for. `assigned`: an account's name, or '' for those assigned to nobody."""

    states: frozenset[State] = OPEN
    categories: frozenset[Category] | None = None
    box: Box | None = None
    assigned: str | None = None
    cluster: UUID | None = None
    reports: tuple[UUID, ...] | None = None


class Nearby(msgspec.Struct, frozen=True):
    """What a datastream near a report says now. `change_per_h`: over the hour before, in units; None where that is not
    known. `threshold`: the lowest at which a rule in force calls it high."""

    station: str
    name: str
    distance_m: float
    datastream: str
    unit: str
    time: datetime
    result: float
    quality: int
    change_per_h: float | None
    threshold: float | None


class Around(msgspec.Struct, frozen=True):
    """An alert area that a report lies in, with an alert that stands in it; one more for each further alert."""

    area: str
    blind: bool
    alert: UUID | None
    hazard: str | None
    severity: Severity | None
    public_severity: Severity | None


class Picture(msgspec.Struct, frozen=True):
    """What a picture's metadata hints at: how far from the claimed place and time it was taken. `seen_before`: with
    another report; `repeated`: within the same one."""

    off_m: float | None
    off_time: timedelta | None
    seen_before: bool
    repeated: bool


class Record(msgspec.Struct, frozen=True):
    """What became of the other reports of who sent this one."""

    verified: int
    rejected: int


class Facts(msgspec.Struct, frozen=True):
    """All that the priority of a report rests on."""

    report: Report
    cluster: Membership | None = None
    stations: tuple[Nearby, ...] = ()
    areas: tuple[Around, ...] = ()
    pictures: tuple[Picture, ...] = ()
    record: Record = Record(0, 0)


async def facts_of(connection: Connection, question: Question, now: datetime) -> list[Facts]:
    """What is known of each report that is asked for, as it stood at one moment; at most `MOST_REPORTS` of them."""
    async with connection.transaction(isolation="repeatable_read"):
        clusters = await memberships(connection, now)
        reports = await _reports(connection, question, clusters)
        ids = [report.id for report in reports]
        nearby = await _nearby(connection, ids, now)
        around = _by_report(await connection.fetch(_AREAS, ids), Around)
        pictures = _by_report(await connection.fetch(_PICTURES, ids), Picture)
        records = {row[0]: Record(row[1], row[2]) for row in await connection.fetch(_RECORDS, ids)}
    return [
        Facts(
            report=one,
            cluster=clusters.get(one.id),
            stations=nearby.get(one.id, ()),
            areas=around.get(one.id, ()),
            pictures=pictures.get(one.id, ()),
            record=records.get(one.id, Record(0, 0)),
        )
        for one in reports
    ]


async def count_matching(connection: Connection, question: Question, now: datetime) -> int:
    """How many reports are asked for, weighed or not."""
    clusters = {} if question.cluster is None else await memberships(connection, now)
    count: int = await connection.fetchval(_COUNT, *_parameters(question, clusters))
    return count


async def _reports(connection: Connection, question: Question, clusters: dict[UUID, Membership]) -> list[Report]:
    rows = await connection.fetch(_REPORTS, *_parameters(question, clusters))
    return msgspec.convert(rows, list[Report], strict=False)


def _parameters(question: Question, clusters: dict[UUID, Membership]) -> tuple[object, ...]:
    ids = None if question.reports is None else set(question.reports)
    if question.cluster is not None:
        within = {report for report, one in clusters.items() if one.id == question.cluster}
        ids = within if ids is None else ids & within
    return (
        sorted(question.states),
        None if question.categories is None else sorted(question.categories),
        _sides(question.box),
        question.assigned,
        None if ids is None else list(ids),
    )


async def _nearby(connection: Connection, ids: Sequence[UUID], now: datetime) -> dict[UUID, tuple[Nearby, ...]]:
    """What the nearest live stations of each report say, the nearest first."""
    said: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in await connection.fetch(_HEARD, now, HEARD_WITHIN, MAX_AHEAD):
        said[row[0]].append(row[1:])
    found: defaultdict[UUID, tuple[Nearby, ...]] = defaultdict(tuple)
    for report, station, far in await connection.fetch(_NEAREST, ids, list(said), NEAR_M, NEAREST_STATIONS):
        found[report] += tuple(Nearby(code, name, far, *rest) for code, name, *rest in said[station])
    return found


def _by_report(rows: Sequence[object], kind: type[T]) -> dict[UUID, tuple[T, ...]]:
    found: defaultdict[UUID, list[T]] = defaultdict(list)
    for row in rows:
        found[row["report"]].append(msgspec.convert(row, kind, strict=False))  # type: ignore[index]
    return {report: tuple(several) for report, several in found.items()}


def _sides(box: Box | None) -> list[float] | None:
    if box is None:
        return None
    return [side for half in box.halves() for side in (half.west, half.south, half.east, half.north)]
