"""What a person looks at while the platform runs: a table that is drawn anew, or lines where no terminal is."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.live import Live

from hydroalert.console.answers import Answers
from hydroalert.console.asking import ask, ask_since
from hydroalert.console.picture import Place, Process, draw, plain
from hydroalert.console.rows import TREND_WINDOW, Row, Trends, newest_level, rows_of
from hydroalert.domain.clock import rfc3339

DRAW_EVERY_S = 1.0
SAY_EVERY_S = 10.0
# More do not fit on a screen.
LOOKED_UP = 50


async def show(place: Place, processes: Sequence[Process], console: Console | None = None) -> None:
    """Show the platform until cancelled."""
    console = console or Console()
    if console.is_terminal:
        await _draw(place, processes, console)
    else:
        await _say(place, processes, console)


async def _draw(place: Place, processes: Sequence[Process], console: Console) -> None:
    trends = Trends()
    with Live(console=console, auto_refresh=False) as live:
        while True:
            answers, rows = await _look(place, trends)
            live.update(draw(place, processes, answers, rows, console.height), refresh=True)
            await asyncio.sleep(DRAW_EVERY_S)


async def _say(place: Place, processes: Sequence[Process], console: Console) -> None:
    trends = Trends()
    web = f"{place.http} (/live, /report, /triage, /account, /schema)"
    for name, value in (("web", web), ("broker", place.mqtt), ("field", place.mqtts), ("files", place.data_dir)):
        console.out(f"{name}: {value}")
    while True:
        answers, rows = await _look(place, trends)
        console.out(f"{rfc3339(_now())} {plain(processes, answers, rows)}")
        await asyncio.sleep(SAY_EVERY_S)


async def _look(place: Place, trends: Trends) -> tuple[Answers, list[Row]]:
    """What there is to show now; of the first stations, the past hour is looked up once."""
    answers = await ask(place.http)
    for station in answers.stations.stations[:LOOKED_UP]:
        level = newest_level(station)
        if level and not trends.knows(station.code):
            since = _now() - TREND_WINDOW
            trends.begin(station.code, await ask_since(place.http, station.code, level.code, since))
    return answers, rows_of(answers, trends, _now())


def _now() -> datetime:
    return datetime.now(UTC)
