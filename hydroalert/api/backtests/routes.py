"""`POST /api/v1/rules/test`: what rules would have told. Nothing is sent, nothing is written."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter

from hydroalert.api.backtests.views import BackTest, GivenBackTest
from hydroalert.api.callers.may import may
from hydroalert.api.documenting import SvgToo
from hydroalert.api.formats import JSON, SVG, choose_format
from hydroalert.api.parameters import parse_time
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.errors import InvalidInput, Unavailable
from hydroalert.judging.backtest import Heed, back_test
from hydroalert.judging.backtest_report import report
from hydroalert.judging.plot import draw
from hydroalert.judging.replaying import Planned, Replay, Span, load_replay, plan_in_force, plan_with
from hydroalert.store import Connection
from hydroalert.store.reading import reading

MAX_SPAN = timedelta(days=92)
MAX_AREAS = 20
MAX_POINTS = 200_000
MAX_RUN_S = 20.0
MAX_BODY_BYTES = 256 * 1024
_FORMATS = {"json": JSON, "svg": SVG}

Format = Annotated[str | None, QueryParameter(name="format", description="json or svg; else the Accept header decides")]


@post(
    "/api/v1/rules/test",
    tags=["rules"],
    summary="Which alerts rules would have raised, and how early",
    guards=[may(Role.OPERATOR, Scope.RULES_READ)],
    status_code=200,
    request_max_body_size=MAX_BODY_BYTES,
    operation_class=SvgToo,
    responses=documented(400, 404, 413, 503),
)
async def replay_rules(
    data: JSONBody[GivenBackTest],
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    format_: Format = None,
) -> Response[BackTest]:
    """Replays what is stored through the judgement of live alerting, at most 92 days, 20 areas and 200,000
    observations, for at most 20 s; one back-test at a time. As SVG: the picture of one area."""
    media_type = choose_format(format_, request.headers.get("accept"), _FORMATS)
    if services.back_testing.locked():
        raise Unavailable("another back-test is under way: try again shortly")
    async with services.back_testing:
        async with reading(services.readings) as connection:
            replays = await _load(connection, data)
        if media_type == SVG:
            _check_one(replays)
        answer: Any = await _in_thread(_drawn if media_type == SVG else _reported, replays)
    return Response(answer, media_type=media_type, headers={"Vary": "Accept"})


async def _load(connection: Connection, given: GivenBackTest) -> list[Replay]:
    start, end = parse_time(given.start, "from"), parse_time(given.end, "to")
    if not timedelta(0) <= end - start <= MAX_SPAN:
        raise InvalidInput(f"to must be from 0 to {MAX_SPAN.days} days after from", "to")
    planned = await _plan(connection, given)
    if len(planned) > MAX_AREAS:
        raise InvalidInput(f"that are {len(planned)} areas: name at most {MAX_AREAS}", "areas")
    replays, left = [], MAX_POINTS
    for one in planned:
        replay = await load_replay(connection, one, Span(start, end, given.as_received), left)
        if replay is not None:
            replays.append(replay)
            left -= sum(len(history.points) for history in replay.case.histories)
    return replays


async def _plan(connection: Connection, given: GivenBackTest) -> list[Planned]:
    if given.rules is None:
        return await plan_in_force(connection, given.areas)
    if given.areas is not None:
        raise InvalidInput("rules name their areas: leave out areas", "areas")
    return await plan_with(connection, [(area, rule) for area, rules in given.rules.items() for rule in rules])


def _check_one(replays: Sequence[Replay]) -> None:
    if len(replays) != 1:
        raise InvalidInput(f"a picture shows one area, and there are {len(replays)}: name one", "areas")


async def _in_thread(work: Callable[[Sequence[Replay], Heed], Any], replays: Sequence[Replay]) -> Any:
    """The api serves on meanwhile. Whoever stops waiting stops the work."""
    abandoned, deadline_s = threading.Event(), time.monotonic() + MAX_RUN_S

    def heed(_: datetime) -> None:
        if abandoned.is_set() or time.monotonic() > deadline_s:
            raise InvalidInput(f"it takes longer than {MAX_RUN_S:.0f} s: ask for a shorter time, or one area", "to")

    try:
        return await asyncio.to_thread(work, replays, heed)
    finally:
        abandoned.set()


def _drawn(replays: Sequence[Replay], heed: Heed) -> bytes:
    replay = replays[0]
    return draw(replay.case, back_test(replay.case, replay.start, replay.end, heed))


def _reported(replays: Sequence[Replay], heed: Heed) -> BackTest:
    return BackTest([report(one.case, back_test(one.case, one.start, one.end, heed)) for one in replays])
