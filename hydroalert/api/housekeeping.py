"""What must be done now and then, whoever calls or not; of several api processes, by whichever comes first."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog

from hydroalert.reports.erasing import erase_expired
from hydroalert.store import Connection, Pool, heed_cancellation
from hydroalert.store.alone import is_alone
from hydroalert.store.writing import writing

_log = structlog.get_logger("hydroalert.housekeeping")

_FIRST_AFTER_S = 20.0


class Job(msgspec.Struct, frozen=True):
    """`run` does some of the work within the transaction that it is given, and says how much it was.

    Done twice is as good as done once: every process comes by `every` so often.
    """

    name: str
    every: timedelta
    run: Callable[[Connection, datetime], Awaitable[int]]


JOBS = (Job("expired contacts", timedelta(minutes=10), erase_expired),)


class Housekeeping:
    """One task of an api process: one job after the other, so that they take no more than one connection."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime], jobs: Sequence[Job]) -> None:
        self._pool = pool
        self._clock = clock
        self._jobs = jobs

    async def run(self) -> None:
        """Until cancelled. A job that fails is logged, and comes again in its turn."""
        due_s = [time.monotonic() + _FIRST_AFTER_S] * len(self._jobs)
        while True:
            await asyncio.sleep(max(0.0, min(due_s) - time.monotonic()))
            for at, job in enumerate(self._jobs):
                if due_s[at] <= time.monotonic():
                    await self.do(job)
                    due_s[at] = time.monotonic() + job.every.total_seconds()

    async def do(self, job: Job) -> None:
        """One job now, unless another process is at it."""
        try:
            async with writing(self._pool) as connection:
                if not await is_alone(connection, job.name):
                    return
                done = await job.run(connection, self._clock())
        except Exception as error:
            heed_cancellation()
            _log.warning("housekeeping_failed", job=job.name, error=str(error) or type(error).__name__)
            return
        if done:
            _log.info("housekeeping_done", job=job.name, count=done)
