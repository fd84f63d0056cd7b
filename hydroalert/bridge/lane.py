"""One lane at work: take frames, judge, commit, and only then acknowledge and receipt (G1, G3)."""

import asyncio
import random
from collections.abc import Sequence
from functools import partial

import msgspec
import structlog

from hydroalert.admission.decide import Arrival, Decision
from hydroalert.admission.receipts import Receipt
from hydroalert.admission.service import Admission, Outcome
from hydroalert.bridge.connection import Connection, Delivery, connected, subscribe
from hydroalert.bridge.session import Publication, Session
from hydroalert.store import TRANSIENT, Pool, heed_cancellation
from hydroalert.wire.topics import receipts_topic, shared_filters, split_device_topic

_log = structlog.get_logger()
RECEIPT_EXPIRY_S = 3600
_LONGEST_PAUSE_S = 2.0
_SLICE_BYTES = 32 * 1024


class Pace(msgspec.Struct, frozen=True):
    """How large a batch grows, how long its first frame waits for others, and a brake for drills."""

    most_frames: int = 2048
    most_bytes: int = 512 * 1024
    linger_s: float = 0.005
    frames_per_s: int | None = None


class LaneWorker:
    """Works the session of one lane as long as it is connected. `taken` counts frames not yet settled."""

    def __init__(self, pool: Pool, admission: Admission, share_group: str, pace: Pace) -> None:
        self._pool = pool
        self._admission = admission
        self._filters = shared_filters(share_group)
        self._pace = pace
        self._under_way = 0
        self._connection: Connection | None = None

    @property
    def lag(self) -> int:
        """Frames that the broker has delivered and no commit has settled."""
        return self._under_way + (self._connection.waiting if self._connection else 0)

    async def work(self, session: Session) -> None:
        """Take and settle until the connection or the database fails for good. Raises BrokerLost."""
        async with connected(session) as connection:
            await subscribe(connection, self._filters)
            _log.info("lane_open")
            self._connection = connection
            try:
                await self._pump(connection)
            finally:
                self._connection = None
                if connection.dropped or connection.unacknowledgeable:
                    _log.warning(
                        "lane_dropped", receipts=connection.dropped, frames_without_qos_1=connection.unacknowledgeable
                    )

    async def _pump(self, connection: Connection) -> None:
        """While one batch commits, the next is taken and judged: the database's time is not the bridge's."""
        committing: asyncio.Task[None] | None = None
        try:
            while True:
                deliveries = await self._take(connection)
                self._under_way += len(deliveries)
                decisions = await self._judge(deliveries)
                if committing is not None:
                    await committing
                committing = asyncio.create_task(self._commit(connection, deliveries, decisions), name="commit")
                committing.add_done_callback(partial(_end_if_failed, connection))
        finally:
            self._under_way = 0
            connection.end("the lane is left")  # before anything is waited for: the lease may be over
            if committing is not None:
                committing.cancel()
                await asyncio.gather(committing, return_exceptions=True)

    async def _take(self, connection: Connection) -> list[Delivery]:
        pace = self._pace
        first = await connection.take(pace.most_frames, pace.most_bytes)
        if len(first) < pace.most_frames // 8:
            await asyncio.sleep(pace.linger_s)
            if connection.waiting:
                first += await connection.take(pace.most_frames - len(first), pace.most_bytes)
        return first

    async def _judge(self, deliveries: list[Delivery]) -> list[Decision]:
        """A slice at a time, so that frames which are slow to read stop neither the lease nor the heartbeat."""
        decisions: list[Decision] = []
        waiting = 0
        arrivals: list[Arrival] = []
        for arrival in _arrivals(deliveries):
            arrivals.append(arrival)
            waiting += len(arrival.frame)
            if waiting >= _SLICE_BYTES:
                decisions += self._admission.judge(arrivals)
                arrivals, waiting = [], 0
                await asyncio.sleep(0)
        return decisions + self._admission.judge(arrivals)

    async def _commit(self, connection: Connection, deliveries: list[Delivery], decisions: list[Decision]) -> None:
        outcome = await self._settle(decisions)
        connection.acknowledge(deliveries)
        connection.publish(map(_publication, outcome.receipts))
        self._under_way -= len(deliveries)
        if self._pace.frames_per_s:
            await asyncio.sleep(len(deliveries) / self._pace.frames_per_s)

    async def _settle(self, decisions: list[Decision]) -> Outcome:
        """Hold the batch until the database takes it: the receive maximum stops the broker meanwhile (G5)."""
        pause_s = 0.1
        while True:
            try:
                async with self._pool.acquire() as database:
                    return await self._admission.settle(database, decisions)
            except TRANSIENT as error:
                heed_cancellation()
                _log.warning("database_lost", frames=len(decisions), error=str(error) or type(error).__name__)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1))  # noqa: S311 - no secret
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


def _end_if_failed(connection: Connection, committing: "asyncio.Task[None]") -> None:
    """What no retry mends ends the connection at once; the broker delivers the batch again to the next."""
    if not committing.cancelled() and committing.exception() is not None:
        _log.error("commit_failed", exc_info=committing.exception())
        connection.end("a commit failed")


def _arrivals(deliveries: Sequence[Delivery]) -> list[Arrival]:
    """Deliveries as admission takes them. The subscription brings no other topics than devices'."""
    named = [(split_device_topic(delivery.topic), delivery.payload) for delivery in deliveries]
    return [Arrival(*place, payload) for place, payload in named if place is not None]


def _publication(receipt: Receipt) -> Publication:
    topic = receipts_topic(receipt.device)
    return Publication(topic, receipt.frame, at_least_once=True, expiry_s=RECEIPT_EXPIRY_S)
