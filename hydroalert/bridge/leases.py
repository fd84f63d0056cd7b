"""Which lanes this worker holds: a fair share of all, each leased and renewed, given up the moment it is lost."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from hydroalert.bridge.connection import BrokerLost
from hydroalert.store import TRANSIENT, Pool, heed_cancellation
from hydroalert.store.lanes import (
    LEASE,
    Lane,
    announce_worker,
    release_lane,
    renew_lane,
    report_lag,
    take_lane,
)

_log = structlog.get_logger()
LOOK_EVERY_S = 1.0
RENEW_EVERY_S = 3.0
_MARGIN_S = 1.0
_LONGEST_PAUSE_S = 5.0

Work = Callable[[Lane], Awaitable[None]]


class Leases:
    """Holds lanes for one worker and runs `work` on each."""

    def __init__(self, pool: Pool, worker: UUID, work: Work, lag: Callable[[], int]) -> None:
        self._pool = pool
        self._worker = worker
        self._work = work
        self._lag = lag
        self._held: dict[int, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Look for lanes until cancelled; then give back what is held."""
        async with asyncio.TaskGroup() as group:
            while True:
                try:
                    await self._look(group)
                except TRANSIENT as error:
                    heed_cancellation()
                    _log.warning("leases_unknown", error=str(error) or type(error).__name__)
                await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self, group: asyncio.TaskGroup) -> None:
        self._held = {lane_id: task for lane_id, task in self._held.items() if not task.done()}
        async with self._pool.acquire() as connection:
            share = await announce_worker(connection, self._worker)
            await report_lag(connection, self._worker, self._lag())
            while len(self._held) < share:
                asked_at = asyncio.get_running_loop().time()
                lane = await take_lane(connection, self._worker)
                if lane is None:
                    return
                self._held[lane.id] = group.create_task(self._hold(lane, asked_at), name=f"lane-{lane.id}")
        if len(self._held) > share:
            _, surplus = self._held.popitem()
            surplus.cancel()

    async def _hold(self, lane: Lane, asked_at: float) -> None:
        """Work the lane while its lease lasts, counted from before it was asked for. Nothing reconnects without it."""
        _log.info("lane_taken", lane=lane.id)
        try:
            async with asyncio.timeout_at(asked_at + LEASE.total_seconds() - _MARGIN_S) as lease:
                renewing = asyncio.create_task(self._renew(lane, lease), name=f"lease-{lane.id}")
                try:
                    await self._work_again_and_again(lane, renewing)
                finally:
                    renewing.cancel()
        except TimeoutError:
            _log.warning("lane_lost", lane=lane.id)
        finally:
            await self._give_back(lane)

    async def _renew(self, lane: Lane, lease: asyncio.Timeout) -> None:
        """Hold for ten seconds more, counted from before the question; ends when another holds the lane."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            asked_at = loop.time()
            try:
                async with self._pool.acquire(timeout=RENEW_EVERY_S) as connection:
                    if not await renew_lane(connection, self._worker, lane):
                        lease.reschedule(asked_at)
                        return
            except TRANSIENT:
                heed_cancellation()
                continue
            lease.reschedule(asked_at + LEASE.total_seconds() - _MARGIN_S)

    async def _work_again_and_again(self, lane: Lane, renewing: "asyncio.Task[None]") -> None:
        pause_s = 0.2
        while not renewing.done():
            try:
                await self._work(lane)
            except BrokerLost as error:
                _log.warning("broker_lost", lane=lane.id, error=str(error))
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def _give_back(self, lane: Lane) -> None:
        try:
            async with self._pool.acquire(timeout=RENEW_EVERY_S) as connection:
                await release_lane(connection, self._worker, lane)
        except TRANSIENT:
            _log.warning("lane_not_given_back", lane=lane.id)  # its time runs out by itself
