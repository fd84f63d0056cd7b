"""What the judgement of areas rests on: claimed, read set by set, never area by area."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hydroalert.store.pool import Connection

_LONG_AGO = timedelta(days=30)
"""Those that have been silent for so long are read apart, so that they slow down nobody else."""

MOST_DUE_ROWS = 50_000
"""Of all datastreams that are claimed at a time."""

# The datastreams of the rows that have waited longest, each with all of its rows: where more is stored than can be
# judged, each is judged more seldom, and none waits the longer.
_AGENDA = """
SELECT newest_arrival, EXISTS (SELECT FROM due) AS news,
       EXISTS (SELECT FROM area_due) OR EXISTS (SELECT FROM area_state WHERE judge_at <= $1) AS areas
FROM platform
"""
_CLAIM_DUE = """
DELETE FROM due WHERE id IN (
    SELECT id FROM due WHERE datastream_id IN (SELECT datastream_id FROM due ORDER BY id LIMIT $1)
    ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING datastream_id, since
"""
_HELD = """area_id, drill, area.code::text AS code, area.silence_factor::float8, area_state.memory::text AS memory,
       area_state.revision, area_state.snapshot::text AS snapshot, updated_at, official_code, names::text AS names"""
_CLAIM_AREAS = f"""
WITH wanted AS (
    SELECT area_id, drill FROM (SELECT area_id, drill FROM area_due ORDER BY id LIMIT 5000) AS waiting
    UNION
    SELECT area_id, drill FROM (SELECT area_id, drill FROM area_state WHERE judge_at <= $1
                                ORDER BY judge_at LIMIT 5000) AS timely
)
SELECT {_HELD}
FROM area_state JOIN wanted USING (area_id, drill) JOIN area ON area.id = area_id
WHERE failure IS NULL OR judge_at <= $1
ORDER BY judged_at NULLS FIRST, area_id, drill LIMIT $2 FOR UPDATE OF area_state SKIP LOCKED
"""
_HOLD_AREA = f"""
SELECT {_HELD}
FROM area_state JOIN area ON area.id = area_id
WHERE area.code = $1 AND drill = $2 FOR UPDATE OF area_state
"""
_FORGET_DUE = """
DELETE FROM area_due USING unnest($1::int[], $2::bool[]) AS held (area_id, drill)
WHERE area_due.area_id = held.area_id AND area_due.drill = held.drill
"""
_STREAMS = """
SELECT area_id, datastream.id, station.code::text AS station, datastream.code AS datastream, unit, interval_s,
       live_for_s, (quality_settings ->> 'sensor_max')::float8 AS sensor_max,
       greatest(datastream.maintenance_until, station.maintenance_until) AS maintenance_until,
       EXISTS (SELECT FROM area_station WHERE area_station.area_id = area_datastream.area_id
               AND area_station.station_id = station.id) AS informs
FROM area_datastream JOIN datastream ON datastream.id = datastream_id JOIN station ON station.id = station_id
WHERE area_id = ANY ($1::int[])
"""
_POINTS = """
SELECT wanted.id, point.phenomenon_time, point.result, point.quality, point.test
FROM unnest($1::int[], $2::timestamptz[], $3::int[]) AS wanted (id, since, most) CROSS JOIN LATERAL (
    SELECT phenomenon_time, result, quality, test FROM observation
    WHERE datastream_id = wanted.id AND phenomenon_time >= since
      AND phenomenon_time >= $4 AND phenomenon_time <= $5
    ORDER BY phenomenon_time DESC LIMIT wanted.most
) AS point
"""
_NEWEST = "SELECT datastream_id, phenomenon_time FROM latest WHERE datastream_id = ANY ($1::int[])"
_STANDING = """
SELECT area_id, drill, body::text FROM alert JOIN unnest($1::int[], $2::bool[]) AS held (area_id, drill)
    USING (area_id, drill) WHERE active ORDER BY hazard
"""
_OVERRIDES = """
SELECT area_id, drill, hazard::text, kind, severity, reason, author, expires_at
FROM override JOIN unnest($1::int[], $2::bool[]) AS held (area_id, drill) USING (area_id, drill)
WHERE ended_at IS NULL AND expires_at > $3 ORDER BY created_at
"""
_REMARKS = """
SELECT alert_id, kind FROM remark JOIN alert ON alert.id = alert_id
WHERE active AND kind IN ('release', 'confirm') AND area_id = ANY ($1::int[])
"""

_WITNESSES = """
SELECT area.id AS area_id, seen_at, severity, coalesce(encode(reporter, 'hex'), report.id::text) AS reporter
FROM area JOIN report ON ST_Covers(polygon, position)
WHERE area.id = ANY ($1::int[]) AND state = 'verified' AND withdrawn_at IS NULL AND seen_at BETWEEN $2 AND $3
"""


class HeldArea(msgspec.Struct, frozen=True):
    """An area whose state this transaction holds. `memory`, `snapshot` and `names` are JSON."""

    area_id: int
    drill: bool
    code: str
    silence_factor: float
    memory: str
    revision: int
    snapshot: str
    updated_at: datetime
    official_code: str
    names: str

    @property
    def key(self) -> tuple[int, bool]:
        """(area id, drill)."""
        return self.area_id, self.drill


class HeardStream(msgspec.Struct, frozen=True):
    """A datastream that an area hears; `informs`: its station informs the area."""

    area_id: int
    id: int
    station: str
    datastream: str
    unit: str
    interval_s: int
    live_for_s: int
    sensor_max: float | None
    maintenance_until: datetime | None
    informs: bool


PointRow = tuple[datetime, float, int, int]
"""(phenomenon time, result, quality, test)."""


Seen = tuple[datetime, str, str]
"""(when it was seen, how severe it is, who reported it): the same word for whoever is known to be the same."""


class DecidedByHand(msgspec.Struct, frozen=True):
    """An override in force."""

    area_id: int
    drill: bool
    hazard: str
    kind: str
    severity: str
    reason: str
    author: str
    expires_at: datetime


class Agenda(msgspec.Struct, frozen=True):
    """What there is to do: whether there are news to test, and areas to judge; and the newest arrival (G10)."""

    newest_arrival: datetime | None
    news: bool
    areas: bool


async def look_round(connection: Connection, now: datetime) -> Agenda:
    """Whether anything waits: one look, for there is nothing most of the time."""
    return msgspec.convert(await connection.fetchrow(_AGENDA, now), Agenda)


async def claim_due(connection: Connection, limit: int) -> dict[int, datetime]:
    """Take what bridges say is new, of at most so many datastreams: the earliest new phenomenon time of each."""
    since: dict[int, datetime] = {}
    for datastream_id, moment in await connection.fetch(_CLAIM_DUE, limit, MOST_DUE_ROWS):
        since[datastream_id] = min(moment, since.get(datastream_id, moment))
    return since


async def claim_areas(connection: Connection, now: datetime, limit: int) -> list[HeldArea]:
    """Hold areas that are to be judged and that nobody else holds; what woke them is forgotten.

    Those that were not judged for longest come first, so that none is passed over for ever. One whose judgement failed
    is left alone until it is to be tried again.

    What is committed after this wakes them once more.
    """
    held = msgspec.convert(await connection.fetch(_CLAIM_AREAS, now, limit), list[HeldArea])
    await forget_due(connection, held)
    return held


async def hold_area(connection: Connection, code: str, *, drill: bool) -> HeldArea | None:
    """Hold one area, after whoever holds it now; None where there is none of this code."""
    row = await connection.fetchrow(_HOLD_AREA, code, drill)
    return None if row is None else msgspec.convert(row, HeldArea)


async def forget_due(connection: Connection, held: Sequence[HeldArea]) -> None:
    """Nothing that is committed by now needs to wake these areas any more."""
    if held:
        await connection.execute(_FORGET_DUE, [one.area_id for one in held], [one.drill for one in held])


async def streams_of(connection: Connection, area_ids: Collection[int]) -> dict[int, list[HeardStream]]:
    """Every datastream that each area hears."""
    streams: dict[int, list[HeardStream]] = defaultdict(list)
    for stream in msgspec.convert(await connection.fetch(_STREAMS, list(area_ids)), list[HeardStream]):
        streams[stream.area_id].append(stream)
    return streams


async def windows_of(
    connection: Connection, windows: Mapping[int, tuple[timedelta, int]], now: datetime, latest: datetime
) -> dict[int, list[PointRow]]:
    """Of each datastream the points up to `latest` within its window (span, most points), in order of time.

    The window ends at the newest point: what is known does not shrink while nothing is heard. What is known to be the
    newest may lag behind, as it is digested later: the window is the longer for it.
    """
    if not windows:
        return {}
    newest = {row[0]: row[1] for row in await connection.fetch(_NEWEST, list(windows))}
    since = {one: min(now, newest.get(one, now)) - span for one, (span, _) in windows.items()}
    long_silent = {one for one, moment in since.items() if moment < now - _LONG_AGO}
    points: dict[int, list[PointRow]] = defaultdict(list)
    for some in (since.keys() - long_silent, long_silent):
        if some:
            floor = min(since[one] for one in some)  # lets PostgreSQL leave out the months before it
            columns = [list(some), [since[one] for one in some], [windows[one][1] for one in some]]
            for row in await connection.fetch(_POINTS, *columns, floor, latest):
                points[row[0]].append((row[1], row[2], row[3], row[4]))
    return {one: rows[::-1] for one, rows in points.items()}


async def standing_alerts(connection: Connection, held: Sequence[HeldArea]) -> dict[tuple[int, bool], list[str]]:
    """The alerts that stand, as JSON."""
    standing: dict[tuple[int, bool], list[str]] = defaultdict(list)
    for area_id, drill, body in await connection.fetch(_STANDING, *_keys(held)):
        standing[area_id, drill].append(body)
    return standing


async def overrides_in_force(
    connection: Connection, held: Sequence[HeldArea], now: datetime
) -> dict[tuple[int, bool], list[DecidedByHand]]:
    """What people decided by hand and has not expired."""
    found: dict[tuple[int, bool], list[DecidedByHand]] = defaultdict(list)
    rows = await connection.fetch(_OVERRIDES, *_keys(held), now)
    for one in msgspec.convert(rows, list[DecidedByHand]):
        found[one.area_id, one.drill].append(one)
    return found


async def answered_alerts(connection: Connection, held: Sequence[HeldArea]) -> dict[str, set[UUID]]:
    """The standing alerts that an operator released (`release`) or confirmed (`confirm`)."""
    answered: dict[str, set[UUID]] = {"release": set(), "confirm": set()}
    for alert_id, kind in await connection.fetch(_REMARKS, [one.area_id for one in held]):
        answered[kind].add(alert_id)
    return answered


async def witnesses_of(
    connection: Connection, area_ids: Sequence[int], since: datetime, until: datetime
) -> dict[int, list[Seen]]:
    """What verified reports tell of each area."""
    found: dict[int, list[Seen]] = {}
    for row in await connection.fetch(_WITNESSES, area_ids, since, until):
        found.setdefault(row["area_id"], []).append((row["seen_at"], row["severity"], row["reporter"]))
    return found


def _keys(held: Sequence[HeldArea]) -> tuple[list[int], list[bool]]:
    return [one.area_id for one in held], [one.drill for one in held]


class NamedArea(msgspec.Struct, frozen=True):
    """How an area and the stations that it hears are called: by language, and by station code."""

    area_id: int
    code: str
    official_code: str
    names: dict[str, str]
    stations: dict[str, str]


_NAMES = """
SELECT area.id AS area_id, area.code::text AS code, official_code, names::text,
       coalesce((SELECT json_object_agg(code, name) FROM (
           SELECT DISTINCT station.code::text, station.name FROM area_datastream
           JOIN datastream ON datastream.id = datastream_id JOIN station ON station.id = station_id
           WHERE area_datastream.area_id = area.id) AS heard), '{}')::text AS stations
FROM area WHERE area.id = ANY ($1::int[])
"""


async def names_of(connection: Connection, area_ids: Collection[int]) -> dict[int, NamedArea]:
    """What these areas and their stations are called."""
    return {
        row["area_id"]: NamedArea(
            row["area_id"],
            row["code"],
            row["official_code"],
            msgspec.json.decode(row["names"], type=dict[str, str]),
            msgspec.json.decode(row["stations"], type=dict[str, str]),
        )
        for row in await connection.fetch(_NAMES, list(area_ids))
    }
