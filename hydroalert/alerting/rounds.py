"""Rounds: what is due is tested, and the areas that it bears on are judged; over and over."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import structlog

from hydroalert.alerting.pulse import Pulse
from hydroalert.domain.clock import is_doubtful
from hydroalert.judging.revise import judge_areas
from hydroalert.judging.testing import test_due
from hydroalert.judging.voice import Voice
from hydroalert.store import LOST, TRANSIENT, Connection, Pool, heed_cancellation
from hydroalert.store.judging import HeldArea, claim_areas, claim_due, look_round
from hydroalert.store.revisions import mark_failed
from hydroalert.store.waking import wake_hearers

_log = structlog.get_logger()

PAUSE_S = 0.1
"""After a round that found nothing to do."""
BREATH_S = 0.03
"""After one that did: what comes meanwhile is judged together."""
MOST_DUE = 2_000
MOST_AREAS = 100
_TRY_AGAIN_AFTER = timedelta(seconds=30)


class Rounds:
    """Each step is one transaction: killed anywhere, what it took is still there for the next who comes."""

    def __init__(self, pool: Pool, voice: Voice, pulse: Pulse) -> None:
        self._pool = pool
        self._voice = voice
        self._pulse = pulse
        self._in_doubt = False

    async def run(self) -> None:
        """Round after round until cancelled; a database that fails is tried again."""
        while True:
            try:
                done = await self._round()
            except TRANSIENT as error:
                heed_cancellation()
                _log.warning("round_failed", error=str(error) or type(error).__name__)
                done = 0
            await asyncio.sleep(BREATH_S if done else PAUSE_S)

    async def _round(self) -> int:
        """How much there was to do. While the clock is in doubt nothing is judged (G10)."""
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            agenda = await look_round(connection, now)
            if self._doubts(now, agenda.newest_arrival):
                return 0
            tested = await self._test(connection, now) if agenda.news else 0
            judged = await self._judge(connection, datetime.now(UTC)) if tested or agenda.areas else 0
        if tested < MOST_DUE:  # else what is told would look fresher than it is (G8)
            self._pulse.beat(now)
        return tested + judged

    def _doubts(self, now: datetime, newest_arrival: datetime | None) -> bool:
        """Whether the clock is in doubt; said once, when it begins and when it ends."""
        in_doubt = is_doubtful(now, newest_arrival)
        if in_doubt is not self._in_doubt:
            _log.error("clock_in_doubt" if in_doubt else "clock_trusted_again", now=str(now))
        self._in_doubt = in_doubt
        return in_doubt

    async def _test(self, connection: Connection, now: datetime) -> int:
        """Flag what is new, and wake the areas that hear it. Flags that fail must not hold a warning up."""
        async with connection.transaction():
            due = await claim_due(connection, MOST_DUE)
            if due:
                await self._flag(connection, due, now)
                await wake_hearers(connection, list(due))
        return len(due)

    async def _flag(self, connection: Connection, due: Mapping[int, datetime], now: datetime) -> None:
        try:
            async with connection.transaction():
                await test_due(connection, list(due.items()), now)
        except LOST:
            raise
        except Exception as error:
            heed_cancellation()
            _log.error("quality_tests_failed", datastreams=sorted(due)[:10], of=len(due), error=str(error))
            for one in due.items() if len(due) > 1 else ():  # only the one at fault goes untested
                await self._flag(connection, dict([one]), now)

    async def _judge(self, connection: Connection, now: datetime) -> int:
        """Judge what waits, all at once; where that fails, one by one, so that only the one at fault waits."""
        held: list[HeldArea] = []
        try:
            async with connection.transaction():
                held = await claim_areas(connection, now, MOST_AREAS)
                if held:
                    await judge_areas(connection, held, now, self._voice)
            return len(held)
        except LOST:
            raise
        except Exception as error:
            heed_cancellation()
            _log.error("areas_not_judged", areas=len(held), error=str(error))
            return await self._judge_each(connection, held, now)

    async def _judge_each(self, connection: Connection, held: list[HeldArea], now: datetime) -> int:
        for _ in held:
            one: list[HeldArea] = []
            try:
                async with connection.transaction():
                    one = await claim_areas(connection, now, 1)
                    await judge_areas(connection, one, now, self._voice)
            except LOST:
                raise
            except Exception as error:
                heed_cancellation()
                await self._give_up(connection, one, error, now)
        return 0

    async def _give_up(self, connection: Connection, held: list[HeldArea], error: Exception, now: datetime) -> None:
        """For a while: an operator sees which area could not be judged, and why."""
        for one in held:
            _log.error("area_not_judged", area=one.code, drill=one.drill, error=str(error), exc_info=error)
            await mark_failed(connection, one.area_id, repr(error), now + _TRY_AGAIN_AFTER, drill=one.drill)
