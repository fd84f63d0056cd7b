"""Leads a fleet through a run: asks feeds for what is due, writes the ledger, lets agents send, and ends it."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

from firmware_protocol.frames import Content

from device_sim.agent import Agent, unix_ms
from device_sim.board import Board
from device_sim.feeds import Feed, Pack
from device_sim.ledger import Ledger, Sent
from device_sim.outbox import Outbox, Recorded
from device_sim.packs import decode_pack

TICK_S = 0.01
STOP_DRAIN_S = 2.0  # what a stopped run still waits for its last receipts
SWEEP_S = 1.0  # how often agents look for frames to send again
_FULL_WAIT_MS = 20


class Unreachable(Exception):
    """No device could connect: the platform is not there, or refuses all of them."""


@dataclass(frozen=True, slots=True)
class Terms:
    """When a run ends, and how much may be under way. ``duration_s`` and ``give_up_s`` None: never."""

    duration_s: float | None = None
    drain_s: float = 120.0
    give_up_s: float | None = 30.0
    backlog: int = 64  # frames kept per device before its feed has to wait
    cbor: bool = False
    prepare: bool = False  # whether to record everything before the first frame goes out
    all_connected: bool = False  # whether to wait for every device before the first frame


@dataclass
class Player:
    """One device of the run: its agent, what it has to say, and what befalls it once a second."""

    agent: Agent
    feed: Feed
    fate: Callable[[], None] | None = None


@dataclass
class Conductor:
    """One run. :meth:`run` returns when every feed is finished and every spool empty, or the terms say so."""

    players: Sequence[Player]
    ledger: Ledger
    board: Board
    terms: Terms
    on_sweep: Callable[[], None] = lambda: None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Play until done. Raises Unreachable where no device ever connected."""
        self.board.devices = len(self.players)
        self._adopt()
        unreachable: Unreachable | None = None
        async with asyncio.TaskGroup() as group:
            connections = [group.create_task(player.agent.run()) for player in self.players]
            try:
                await self._get_ready()
                await self._play()
                await self._drain()
            except Unreachable as error:
                unreachable = error  # raised below: a task group would wrap it
            finally:
                for player in self.players:
                    player.agent.goodbye()
                for connection in connections:
                    connection.cancel()
        self._close_books()
        self.on_sweep()
        if unreachable is not None:
            raise unreachable

    def _close_books(self) -> None:
        self.ledger.flush()
        for player in self.players:
            if unsettled := player.agent.outbox.unsettled():
                self.ledger.unsettled(player.agent.name, unsettled)

    @property
    def in_spools(self) -> int:
        """Frames that no receipt has answered."""
        return sum(player.agent.outbox.pending for player in self.players)

    def stop(self) -> None:
        """End the run soon: nothing new is recorded; receipts are waited for a moment, unless told twice."""
        self.stopping.set()

    async def _get_ready(self) -> None:
        """Prepare frames and wait for connections, where the terms say so; then the clock starts."""
        self.board.is_open = not self.terms.prepare
        if self.terms.prepare:
            self._prepare()
        started_s = time.monotonic()
        while self.terms.all_connected and self.board.connected < len(self.players) and not self.stopping.is_set():
            self._check_reachable(started_s)
            await asyncio.sleep(TICK_S)
        self.board.is_open = True
        self.board.cpu_from_s = time.process_time()

    def _prepare(self) -> None:
        """Record all that there will be: packed, signed and on the ledger before the first publish."""
        now_ms = unix_ms()
        for player in self.players:
            sent = list(self._record(player, now_ms))
            self.ledger.sent(sent, now_ms)
            self._count(sent)

    async def _play(self) -> None:
        started_s = time.monotonic()
        waiting = [(0, number) for number, player in enumerate(self.players) if player.feed.next_ms() is not None]
        heapify(waiting)
        next_sweep_s = started_s
        while waiting and not self.stopping.is_set() and not self._is_over(started_s):
            self._check_reachable(started_s)
            self._record_due(waiting)
            next_sweep_s = self._sweep(next_sweep_s)
            await asyncio.sleep(TICK_S)

    def _is_over(self, started_s: float) -> bool:
        return self.terms.duration_s is not None and time.monotonic() - started_s >= self.terms.duration_s

    def _check_reachable(self, started_s: float) -> None:
        give_up_s = self.terms.give_up_s
        if give_up_s is None or self.board.ever_connected or time.monotonic() - started_s < give_up_s:
            return
        why = next(iter(self.board.broker_refusals), "nobody answers")
        raise Unreachable(f"no device could connect within {give_up_s:g} s: {why}")

    def _record_due(self, waiting: list[tuple[int, int]]) -> None:
        """Take what is due, commit it to the ledger, and only then let it go out."""
        now_ms = unix_ms()
        sent: list[Sent] = []
        spoke: list[Player] = []
        while waiting and waiting[0][0] <= now_ms:
            number = heappop(waiting)[1]
            player = self.players[number]
            sent.extend(self._record(player, now_ms))
            spoke.append(player)
            following_ms = player.feed.next_ms()
            if following_ms is not None:
                heappush(waiting, (max(following_ms, now_ms + _FULL_WAIT_MS), number))
        if sent:
            self.ledger.sent(sent, now_ms)
            self._count(sent)
        for player in spoke:
            player.agent.pump(now_ms)

    def _record(self, player: Player, now_ms: int) -> Iterator[Sent]:
        outbox = player.agent.outbox
        room = self.terms.backlog - outbox.pending
        for pack in player.feed.take(now_ms, room) if room > 0 else ():
            for recorded in _kept(outbox, pack, cbor=self.terms.cbor):
                key_id = outbox.device.keys.current
                yield Sent(
                    player.agent.name, *recorded.numbers, key_id, recorded.content, recorded.readings,
                    pack.kind, pack.expected, outbox.wants_receipts,
                )  # fmt: skip

    def _count(self, sent: Sequence[Sent]) -> None:
        self.board.recorded += len(sent)
        self.board.records += sum(len(frame.readings) for frame in sent)

    def _sweep(self, due_s: float, *, draining: bool = False) -> float:
        if time.monotonic() < due_s:
            return due_s
        now_ms = unix_ms()
        for player in self.players:
            if player.fate is not None and not draining:
                player.fate()
            player.agent.pump(now_ms)
        self.ledger.flush()
        self.on_sweep()
        return time.monotonic() + SWEEP_S

    async def _drain(self) -> None:
        """Wait for the last receipts, for as long as the terms allow."""
        until_s = time.monotonic() + (STOP_DRAIN_S if self.stopping.is_set() else self.terms.drain_s)
        self.stopping.clear()  # a second stop ends the waiting too
        started_s = time.monotonic()
        next_sweep_s = 0.0
        while self.in_spools and time.monotonic() < until_s and not self.stopping.is_set():
            self._check_reachable(started_s)
            next_sweep_s = self._sweep(next_sweep_s, draining=True)
            await asyncio.sleep(TICK_S)

    def _adopt(self) -> None:
        """Write down what a killed run had spooled and not yet written down; nothing of it has gone out yet."""
        now_ms = unix_ms()
        for player in self.players:
            device = player.agent.outbox.device
            never_sent = [frame for frame in device.spool.due(now_ms, len(device.spool)) if not frame.sendings]
            unknown = [
                Sent(
                    device.name, frame.boot, frame.sequence, device.keys.current, frame.content,
                    decode_pack(frame.body, frame.content),
                )
                for frame in never_sent
                if not self.ledger.knows(device.name, frame.boot, frame.sequence)
            ]  # fmt: skip
            if unknown:
                self.ledger.sent(unknown, now_ms)


def _kept(outbox: Outbox, pack: Pack, *, cbor: bool) -> Iterable[Recorded]:
    """The frames of a pack, numbered and kept."""
    if pack.body is None or cbor:
        return outbox.record(pack.readings, cbor=cbor)
    numbers = outbox.keep(pack.body, Content.SENML_JSON, pack.readings[-1].time_ms)
    return (Recorded(numbers, Content.SENML_JSON, pack.readings),)
