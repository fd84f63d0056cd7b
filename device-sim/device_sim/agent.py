"""One simulated device at work: it connects, says online, sends what its outbox gives it, and reads receipts."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from random import Random
from typing import Protocol

from firmware_protocol.device import Publication
from firmware_protocol.errors import FrameError
from firmware_protocol.frames import Content
from firmware_protocol.store import Numbers

from device_sim.board import Board
from device_sim.ledger import Answer as LedgerAnswer
from device_sim.ledger import Ledger
from device_sim.mqtt import BrokerLost, BrokerRefused
from device_sim.outbox import Outbox, frame_numbers

FIRST_BACKOFF_S, MOST_BACKOFF_S = 0.5, 30.0


def unix_ms() -> int:
    """The simulator's clock."""
    return time.time_ns() // 1_000_000


class Link(Protocol):
    """A connection that carries publications: MQTT, or HTTP."""

    on_message: Callable[[str, bytes], None]
    on_settled: Callable[[int, str | None], None]
    on_lost: Callable[[], None]

    @property
    def room(self) -> int:
        """How many publications it takes now."""

    @property
    def is_open(self) -> bool:
        """Whether publications go anywhere."""

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Send one and give back the number that ``on_settled`` will name."""

    def close(self) -> None:
        """End it on purpose."""

    def drop(self) -> None:
        """End it as a power cut does."""


Dial = Callable[["Agent", Publication], Awaitable[Link]]
"""Opens a link for an agent, with its last will, subscribed to its receipts."""


class Agent:
    """Carries frames between one outbox and whatever link there is."""

    def __init__(self, outbox: Outbox, dial: Dial, board: Board, ledger: Ledger, rng: Random) -> None:
        self.outbox = outbox
        self.name = outbox.device.name
        self.tamper: Callable[[list[Publication]], list[Publication]] = list
        self._dial = dial
        self._board = board
        self._ledger = ledger
        self._rng = rng
        self._link: Link | None = None
        self._outgoing: deque[Publication] = deque()
        self._under_way: dict[int, Publication] = {}
        self._sent_at: dict[Numbers, float] = {}
        self._lost = asyncio.Event()
        self._started_s = time.monotonic()
        self._seen = False
        self.held_until_s = 0.0  # an outage: no connection before this moment of the monotonic clock

    async def run(self) -> None:
        """Keep a connection up until cancelled; back off between attempts, with jitter."""
        attempts = 0
        while True:
            await asyncio.sleep(max(0.0, self.held_until_s - time.monotonic()))
            try:
                await self._connect()
            except (BrokerLost, BrokerRefused) as error:
                attempts += 1
                self._board.broker_refusals[str(error)] += isinstance(error, BrokerRefused)
                await asyncio.sleep(self._backoff_s(attempts))
                continue
            attempts = 0
            await self._lost.wait()

    def pump(self, now_ms: int) -> None:
        """Publish as much as there is room for."""
        link = self._link
        if link is None or link.room <= 0:
            return
        if not self._outgoing and self._board.is_open:
            self._outgoing.extend(self.tamper(self.outbox.publications(now_ms)))
        while self._outgoing and link.room > 0:
            self._publish(link, self._outgoing.popleft())

    def outage(self, seconds: float) -> None:
        """Lose power or network for a while."""
        self.held_until_s = time.monotonic() + seconds
        if self._link is not None:
            self._link.drop()

    def forget(self) -> None:
        """Lose what is only in memory, as a reboot does; the spool keeps the rest."""
        self._outgoing.clear()
        self._under_way.clear()

    def goodbye(self) -> None:
        """Say offline and disconnect."""
        link = self._link
        if link is not None and link.is_open:
            if link.room > 0:
                offline = self.outbox.device.offline(unix_ms(), uptime_s=self._uptime_s())
                link.publish(offline.topic, offline.payload, retain=True)
            link.close()

    async def _connect(self) -> None:
        device = self.outbox.device
        link = await self._dial(self, device.last_will(unix_ms()))
        link.on_message, link.on_settled, link.on_lost = self.hear, self._on_settled, self._on_lost
        self._lost.clear()
        if not link.is_open:
            raise BrokerLost("the connection ended as soon as it began")
        self._link = link
        self._board.connected += 1
        self._board.ever_connected += not self._seen
        self._seen = True
        self._outgoing.appendleft(device.online(unix_ms(), uptime_s=self._uptime_s()))
        self.pump(unix_ms())

    def _publish(self, link: Link, publication: Publication) -> None:
        number = link.publish(publication.topic, publication.payload, retain=publication.retain)
        self._under_way[number] = publication
        if publication.payload[1:2] < bytes((Content.STATUS,)):
            now_s = time.monotonic()
            self._board.sent += 1
            if self._board.first_sent_s is None:
                self._board.first_sent_s = now_s
            if _wants_receipt(publication):
                self._sent_at.setdefault(frame_numbers(publication.payload), now_s)

    def _on_settled(self, number: int, refusal: str | None) -> None:
        publication = self._under_way.pop(number, None)
        if publication is not None:
            self._board.acknowledged += 1
            if not _wants_receipt(publication):
                self._board.last_settled_s = time.monotonic()
            if refusal is not None:
                self._board.broker_refusals[refusal] += 1
            self.outbox.acknowledged(publication)
        if self._outgoing or self.outbox.is_eager:
            self.pump(unix_ms())

    def hear(self, topic: str, payload: bytes) -> None:
        """Take what came in: receipts; anything else is ignored."""
        if topic != self.outbox.device.receipts_topic:
            return
        try:
            answer = self.outbox.receipt(payload)
        except FrameError:
            self._board.dropped_receipts += 1
            return
        receipt, key_id = answer.receipt, payload[3]
        self._ledger.answered(
            LedgerAnswer(self.name, receipt.boot, key_id, first, last, None, receipt.at_ms)
            for first, last in receipt.stored
        )
        self._ledger.answered(
            LedgerAnswer(self.name, receipt.boot, key_id, number, number, reason, receipt.at_ms)
            for number, reason in receipt.refused
        )
        self._count(answer.settlement.stored, answer.settlement.refused)
        self.pump(unix_ms())

    def _count(self, stored: tuple[Numbers, ...], refused: tuple[tuple[Numbers, str], ...]) -> None:
        now_s = self._board.last_settled_s = time.monotonic()
        self._board.stored += len(stored)
        self._board.refused.update(reason for _, reason in refused)
        for numbers in (*stored, *(numbers for numbers, _ in refused)):
            sent_s = self._sent_at.pop(numbers, None)
            if sent_s is not None:
                self._board.latencies.add((now_s - sent_s) * 1000)

    def _on_lost(self) -> None:
        self._link = None
        self._board.connected -= 1
        self._under_way.clear()
        topic = self.outbox.device.frames_topic  # a status of the old session is no longer true
        self._outgoing = deque(unsent for unsent in self._outgoing if unsent.topic == topic)
        self.outbox.disconnected(self._outgoing)
        self._lost.set()

    def _backoff_s(self, attempts: int) -> float:
        most = min(MOST_BACKOFF_S, FIRST_BACKOFF_S * (1 << min(attempts - 1, 16)))
        return most * self._rng.uniform(0.5, 1.0)

    def _uptime_s(self) -> int:
        return int(time.monotonic() - self._started_s)


def _wants_receipt(publication: Publication) -> bool:
    """Whether bit 0 of its flags is set; a truncated frame may not even have flags."""
    return publication.payload[2:3] == b"\x01"
