"""Observations as they are read: as they stand or as they were known, whole or by their extremes."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from hydroalert.store.pool import Connection
from hydroalert.store.reading import from_us, to_us


class Observation(msgspec.Struct, frozen=True, gc=False):
    """`quality` is QARTOD's flag: 1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing. `test` set it."""

    time: datetime
    received_at: datetime
    result: float
    quality: int
    test: int


class Series(msgspec.Struct, frozen=True):
    """A datastream that observations can be read of."""

    id: int
    unit: str
    interval_s: int


class Span(msgspec.Struct, frozen=True):
    """Which observations: time in [start, end), received after, as known at; None leaves it open."""

    start: datetime | None = None
    end: datetime | None = None
    received_after: datetime | None = None
    known_at: datetime | None = None


class Page(msgspec.Struct, frozen=True):
    """Observations in the order of their times, and where the next page starts; None where all is said."""

    observations: list[Observation]
    resume_at: datetime | None


_SERIES = """
    SELECT datastream.id, datastream.unit, datastream.interval_s
    FROM station JOIN datastream ON datastream.station_id = station.id
    WHERE station.code = $1 AND datastream.code = $2 AND NOT internal
"""

# $1 datastream, $2 start, $3 end, $4 received after. Either series can stand in the two statements below.
_AS_IT_STANDS = """
    SELECT phenomenon_time AS time, received_at, result, quality, test
    FROM observation
    WHERE datastream_id = $1
      AND phenomenon_time >= coalesce($2::timestamptz, '-infinity')
      AND phenomenon_time < coalesce($3::timestamptz, 'infinity')
      AND received_at > coalesce($4::timestamptz, '-infinity')
"""

# $5 known at. What an operator replaced later still stood then: of several, the one that was replaced next.
# They are few: found first, so that the rest is read in the order of its index and no further than needed.
_AS_IT_WAS_KNOWN = f"""
    WITH standing AS MATERIALIZED (
        SELECT DISTINCT ON (phenomenon_time) phenomenon_time AS time, received_at, result, quality, test
        FROM conflict
        WHERE datastream_id = $1
          AND phenomenon_time >= coalesce($2::timestamptz, '-infinity')
          AND phenomenon_time < coalesce($3::timestamptz, 'infinity')
          AND received_at <= $5 AND superseded_at > $5
        ORDER BY phenomenon_time, superseded_at
    )
    ({_AS_IT_STANDS} AND received_at <= $5 AND phenomenon_time NOT IN (SELECT time FROM standing) {{in_order}})
    UNION ALL (SELECT * FROM standing WHERE received_at > coalesce($4::timestamptz, '-infinity') {{in_order}})
"""

_PAGE = "SELECT * FROM ({series}) AS series {in_order}"
_IN_ORDER = "ORDER BY time LIMIT {limit}"

# Arrays compare by their first element, then the next: so one pass finds the lowest and the highest row of
# each bucket, whole, the earliest of several. Microseconds since 1970 are exact in a double until the year 2255.
_EXTREMES = """
    SELECT min(ARRAY[result, round(date_part('epoch', time) * 1e6),
                     round(date_part('epoch', received_at) * 1e6), quality, test]),
           max(ARRAY[result, -round(date_part('epoch', time) * 1e6),
                     round(date_part('epoch', received_at) * 1e6), quality, test])
    FROM ({series}) AS series
    GROUP BY date_bin('{bucket_s} s', time, '1970-01-01Z')
"""

_ROWS_A_PAGE = 250_000
"""About how many rows the extremes of one page are found among, so that every page takes about as long."""


async def find_series(connection: Connection, station: str, datastream: str) -> Series | None:
    """The datastream of that code at that station."""
    row = await connection.fetchrow(_SERIES, station, datastream)
    return None if row is None else msgspec.convert(row, Series)


async def page(connection: Connection, series: Series, span: Span, limit: int) -> Page:
    """The first `limit` observations of `span`."""
    in_order = _IN_ORDER.format(limit=limit + 1)
    sql, arguments = _query(series, span, in_order)
    rows = await connection.fetch(_PAGE.format(series=sql, in_order=in_order), *arguments)
    observations = msgspec.convert(rows[:limit], list[Observation])
    return Page(observations, rows[limit]["time"] if len(rows) > limit else None)


async def extremes(connection: Connection, series: Series, span: Span, bucket_s: int, buckets: int) -> Page:
    """The lowest and the highest observation of each bucket of `bucket_s`, over at most `buckets` of them.

    Starts with the first bucket that holds anything. Buckets start at whole multiples of `bucket_s` since
    1970-01-01T00:00Z. No extreme of the series is lost, so a crest survives. The series is read inside the
    database, and only so much of it that the page does not take long: there may be fewer buckets, and a next page.
    """
    first = await page(connection, series, span, 1)
    if not first.observations:
        return first
    buckets = max(1, min(buckets, _ROWS_A_PAGE * series.interval_s // bucket_s))
    end = _bucket_start(first.observations[0].time, bucket_s, buckets)
    window = msgspec.structs.replace(span, end=min(end, span.end) if span.end else end)
    sql, arguments = _query(series, window)
    rows = await connection.fetch(_EXTREMES.format(series=sql, bucket_s=bucket_s), *arguments)
    found = {item.time: item for low, high in rows for item in (_lowest(low), _highest(high))}
    rest = await page(connection, series, msgspec.structs.replace(span, start=end), 1)
    ordered = [found[time] for time in sorted(found)]
    return Page(ordered, rest.observations[0].time if rest.observations else None)


def _query(series: Series, span: Span, in_order: str = "") -> tuple[str, Iterable[object]]:
    """The statement and its arguments; `in_order` goes into each of its parts, so that none is read whole."""
    arguments = (series.id, span.start, span.end, span.received_after)
    if span.known_at is None:
        return _AS_IT_STANDS, arguments
    return _AS_IT_WAS_KNOWN.format(in_order=in_order), (*arguments, span.known_at)


def _bucket_start(time: datetime, bucket_s: int, ahead: int) -> datetime:
    bucket_us = bucket_s * 1_000_000
    return from_us((to_us(time) // bucket_us + ahead) * bucket_us)


def _lowest(row: list[float]) -> Observation:
    result, time_us, received_us, quality, test = row
    return Observation(from_us(int(time_us)), from_us(int(received_us)), result, int(quality), int(test))


def _highest(row: list[float]) -> Observation:
    result, minus_time_us, *rest = row
    return _lowest([result, -minus_time_us, *rest])
