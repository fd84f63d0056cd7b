"""What is lost when 50 million observations are stored already."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import asyncpg

from benchmarks.figures import COST_HEAD, Section, Table, cost_row, medians
from benchmarks.scale import DEVICES, Scale
from benchmarks.stage import Stage
from benchmarks.trial import BridgeSetup, Load, run_trial
from hydroalert.store.months import Month, following, make_months, month_of, start_of

NAME = "stored"
ABOUT = """\
A second database beside the empty one, with a history of every 15 minutes for each of the 1,000 datastreams that the
load writes to, until two days ago: the new frames come after it, as live ones do. Filled month by month by
`INSERT … SELECT generate_series(…)` and indexed (logged and fsynced as ever), then the two databases take turns."""
_STEP, _UNTIL_AGO = timedelta(minutes=15), timedelta(days=2)
_DATABASE = "stored"


async def run(stage: Stage, scale: Scale) -> Section:
    """Fill, then take turns."""
    started = time.monotonic()
    url = await filled(stage, scale)
    took_s = time.monotonic() - started
    rows, size = await _size(url)
    empty, full = [], []
    for _ in range(max(2, scale.rounds - 2)):
        load = Load(DEVICES, scale.frames_each)
        empty.append(await run_trial(stage, load, bridge=BridgeSetup()))
        full.append(await run_trial(stage, load, bridge=BridgeSetup(database_url=url, keep_observations=True)))
    kept = medians(full, lambda one: one.frames_per_s) / medians(empty, lambda one: one.frames_per_s)
    table = Table(COST_HEAD, [cost_row("nothing stored", empty), cost_row(f"{rows:,} observations stored", full)])
    about = f"{ABOUT} {rows:,} rows took {took_s:.0f} s and {size}."
    return Section("Fifty million observations stored against none", about, [table], [f"Full to empty: **{kept:.2f}**"])


async def filled(stage: Stage, scale: Scale) -> str:
    """The URL of the database with the history; it is filled the first time."""
    url = stage.database_url.rsplit("/", 1)[0] + f"/{_DATABASE}"
    if not stage.has_history:
        await _clone(stage)
        await _fill(url, scale.stored_rows, datetime.now(UTC) - _UNTIL_AGO)
        stage.has_history = True
    return url


async def _size(url: str) -> tuple[int, str]:
    """How many observations there are, and how large the database is."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetchval("SELECT count(*) FROM observation", timeout=600)
        return rows, await connection.fetchval("SELECT pg_size_pretty(pg_database_size(current_database()))")
    finally:
        await connection.close()


async def _clone(stage: Stage) -> None:
    await stage.forget()
    connection = await asyncpg.connect(stage.superuser_url)
    try:
        await connection.execute(f"CREATE DATABASE {_DATABASE} TEMPLATE hydroalert OWNER hydroalert")
    finally:
        await connection.close()


async def _fill(url: str, rows: int, now: datetime) -> None:
    """Fill whole steps back from now."""
    pool = await asyncpg.create_pool(url, min_size=1, max_size=2)
    try:
        streams = await pool.fetchval(
            "SELECT array_agg(id) FROM (SELECT id FROM datastream ORDER BY id LIMIT 1000) AS s"
        )
        first = now - _STEP * (rows // len(streams))
        months = [month_of(first)]
        while start_of(following(months[-1])) < now:
            months.append(following(months[-1]))
        await asyncio.gather(*(_fill_month(pool, streams, month, first, now) for month in months))
        async with pool.acquire() as connection:
            await make_months(connection, months)
            await connection.execute("VACUUM (ANALYZE) observation", timeout=3600)
    finally:
        await pool.close()


async def _fill_month(
    pool: "asyncpg.Pool[asyncpg.Record]", streams: list[int], month: Month, first: datetime, now: datetime
) -> None:
    """Rows first, then the index: as fast as PostgreSQL does it, and no less durable."""
    name, start, end = f"observation_{month[0]:04}_{month[1]:02}", start_of(month), start_of(following(month))
    async with pool.acquire() as connection:
        await connection.execute(f"DROP TABLE IF EXISTS {name}")
        await connection.execute(
            f"CREATE TABLE {name} (LIKE observation INCLUDING DEFAULTS, CONSTRAINT month CHECK "
            f"(phenomenon_time >= '{start.isoformat()}' AND phenomenon_time < '{end.isoformat()}'))"
        )
        await connection.execute(
            f"INSERT INTO {name} (phenomenon_time, received_at, result, datastream_id, quality) "
            "SELECT at + interval '0.5 s', at + interval '1 min', 1 + extract(minute FROM at) / 100, stream, 2 "
            "FROM unnest($1::int[]) AS stream, generate_series($2::timestamptz, $3::timestamptz, $4::interval) AS at",
            streams,
            max(start, first.replace(minute=0, second=0, microsecond=0)),
            min(end - _STEP, now),
            _STEP,
            timeout=3600,
        )
        await connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (datastream_id, phenomenon_time)", timeout=3600)
