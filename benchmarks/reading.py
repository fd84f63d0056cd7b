"""How long questions over HTTP take on a large database, beside the bare SQL for the same rows."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

import asyncpg
import httpx

from benchmarks.figures import Section, Table, spread
from benchmarks.scale import Scale
from benchmarks.stage import Stage
from benchmarks.stored import filled

NAME = "reading"
ABOUT = """\
The api on the database of the section above, one client, one question at a time over one connection; beside it a
statement that fetches the same rows over one connection to PostgreSQL (for the down-sampled series: reads them and
counts). So the ratio is what finding the rows' meaning, JSON and HTTP add."""
_TIMES = 15
_SERIES = "/api/v1/stations/gauge-0007/datastreams/water_level/observations"
_STREAM = """
(SELECT datastream.id FROM datastream JOIN station ON station.id = station_id
 WHERE station.code = 'gauge-0007' AND datastream.code = 'water_level')
"""


@dataclass(frozen=True)
class Question:
    """A question over HTTP, and the statement beside it."""

    name: str
    path: str
    statement: str


_QUESTIONS = (
    Question(
        "a page of 100 stations",
        "/api/v1/stations?limit=100",
        "SELECT code, name, ST_X(position), ST_Y(position) FROM station ORDER BY code LIMIT 100",
    ),
    Question(
        "the 1,000 earliest observations of a series",
        f"{_SERIES}?limit=1000",
        f"SELECT * FROM observation WHERE datastream_id = {_STREAM} ORDER BY phenomenon_time LIMIT 1000",
    ),
    Question(
        "a whole series, lowest and highest of each day",
        f"{_SERIES}?resolution=86400&limit=10000",
        f"SELECT count(*), min(result), max(result) FROM observation WHERE datastream_id = {_STREAM}",
    ),
)


async def run(stage: Stage, scale: Scale) -> Section:
    """Ask each question some times, both ways in turns."""
    url = await filled(stage, scale)
    table = Table(["question", "over HTTP, ms", "bare SQL, ms", "ratio"])
    connection = await asyncpg.connect(url)
    try:
        async with (
            stage.broker() as (broker, _),
            stage.api(broker, url) as (base, _),
            httpx.AsyncClient(base_url=base) as http,
        ):
            for question in _QUESTIONS:
                table.rows.append(await _row(question, http, connection))
    finally:
        await connection.close()
    return Section("Reading", ABOUT, [table])


async def _row(question: Question, http: httpx.AsyncClient, connection: asyncpg.Connection) -> list[str]:
    over_http, bare = [], []
    for _ in range(_TIMES):
        over_http.append(await _timed_ms(lambda: _get(http, question.path)))
        bare.append(await _timed_ms(lambda: connection.fetch(question.statement)))
    ratio = median(over_http) / median(bare)
    return [question.name, spread(over_http, 1), spread(bare, 1), f"{ratio:.1f}"]


async def _get(http: httpx.AsyncClient, path: str) -> None:
    (await http.get(path, timeout=60)).raise_for_status()


async def _timed_ms(ask: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await ask()
    return 1000 * (time.perf_counter() - started)
