"""What must be done now and then, whether anyone calls or not: one task of each api process."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec
import structlog

from hydroalert.api.services import Services
from hydroalert.evidence.sweeping import sweep_abandoned, sweep_unknown
from hydroalert.reports.erasing import erase_expired
from hydroalert.store import Connection, heed_cancellation
from hydroalert.store.writing import writing

_log = structlog.get_logger("hydroalert.housekeeping")

_FIRST_AFTER_S = 20.0


class Job(msgspec.Struct, frozen=True):
    """`run` does in one transaction some of what there is to do at that time, and says how much it was.

    Every process comes by `every` so often: done twice, or by two at once, it is as good as done once.
    """

    name: str
    every: timedelta
    run: Callable[[Connection, datetime], Awaitable[int]]


def jobs_of(services: Services) -> tuple[Job, ...]:
    """All that there is to do."""
    storage = services.evidence.storage
    return (
        Job("contacts erased", timedelta(minutes=10), erase_expired),
        Job("abandoned files swept", timedelta(minutes=10), partial(sweep_abandoned, storage)),
        Job("unknown files swept", timedelta(days=1), partial(sweep_unknown, storage)),
    )


async def keep_house(services: Services, jobs: Sequence[Job]) -> None:
    """One job after the other, each in its turn, until cancelled."""
    due_s = [time.monotonic() + _FIRST_AFTER_S] * len(jobs)
    while True:
        await asyncio.sleep(max(0.0, min(due_s) - time.monotonic()))
        for at, job in enumerate(jobs):
            if due_s[at] <= time.monotonic():
                await attend_to(services, job)
                due_s[at] = time.monotonic() + job.every.total_seconds()


async def attend_to(services: Services, job: Job) -> None:
    """One job now. Where it fails that is logged, and it comes again in its turn."""
    try:
        async with writing(services.writings) as connection:
            done = await job.run(connection, services.clock())
    except Exception as error:
        heed_cancellation()
        _log.warning("housekeeping_failed", job=job.name, error=str(error) or type(error).__name__)
        return
    if done:
        _log.info("housekeeping_done", job=job.name, count=done)
