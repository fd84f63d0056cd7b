"""The feed behind all followers of this process: it looks where the broker hints, and everywhere every few seconds."""

import asyncio
import random
import time
from collections.abc import Callable
from datetime import datetime

import structlog

from hydroalert.api.live.authority import AUTHORIZED, UNAUTHORIZED, Authority, Recognises, recognise_nobody
from hydroalert.api.live.clients import GOING_AWAY, Client, Clients, Ending
from hydroalert.api.live.events import Event, area_event, word
from hydroalert.api.live.filters import Filter
from hydroalert.api.live.heart import Heart
from hydroalert.api.live.hints import BOARD, Hinted, Hints, follow_broker, follow_database
from hydroalert.api.live.pace import Pace
from hydroalert.api.live.picture import Picture
from hydroalert.api.live.replay import Missed, Replays
from hydroalert.api.live.seats import Seats
from hydroalert.api.live.watching import Watch
from hydroalert.domain.errors import Unavailable
from hydroalert.store import Connection, Pool
from hydroalert.store import reading_live as store
from hydroalert.store.reading import reading

_SWEEP_S = 2.0
_COALESCE_S = 0.03
_RETRY_MS = (2_000, 8_000)
_log = structlog.get_logger("hydroalert.api")


class Live:
    """Followers, the picture they share, and what keeps it fresh. `run` does; until it did, all is degraded."""

    def __init__(
        self,
        pool: Pool,
        broker_url: str,
        clock: Callable[[], datetime],
        *,
        database_url: str | None = None,
        recognises: Recognises = recognise_nobody,
    ) -> None:
        self.clients = Clients()
        self.seats = Seats()
        self.pace = Pace()
        self._pool = pool
        self._broker_url = broker_url
        self._database_url = database_url
        self._clock = clock
        self._hints = Hints()
        self._authority = Authority(self.clients, recognises, self._lose_authority)
        self._picture = Picture()
        self._watch = Watch(self._picture.board, clock)
        self._replays = Replays(pool)
        self._heart = Heart(self.clients, self._picture, clock)

    async def run(self) -> None:
        """Follow the database and the broker for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(follow_broker(self._broker_url, self._hints, self._heart.note_broker), name="hints")
            tasks.create_task(self._look_again_and_again(), name="look")
            tasks.create_task(self._heart.beat(), name="heartbeat")
            tasks.create_task(self._authority.watch(), name="authority")
            if self._database_url is not None:
                tasks.create_task(follow_database(self._database_url, self._hear_database), name="database")

    async def join(self, client: Client, last_id: str | None) -> None:
        """Tell a follower what it missed and what stands; then it hears of every change, none twice or left out."""
        missed = Missed() if last_id is None else await self._missed(last_id)
        if client.ending is None:
            self._begin(client, missed)

    def _begin(self, client: Client, missed: Missed, *words: Event) -> None:
        now = self._clock()
        told = self._picture.stands_below(missed.states)
        replayed = [area_event(state, self._picture.valid_until) for state in told]
        client.begin(
            [
                *words,
                *([word("resync", {"reason": missed.reason})] if missed.reason else []),
                *(event for event in replayed if client.filter.takes(event)),
                *self._picture.state_for(client.filter, now, told),
                self._heart.event(),
            ]
        )
        self.clients.add(client)

    async def change(self, client: Client, wanted: Filter, last_id: str | None) -> None:
        """From now on it wants something else."""
        self.clients.remove(client)
        client.want(wanted)
        await self.join(client, last_id)

    async def authorize(self, client: Client, token: str) -> None:
        """It hears of triage if this token proves that it may. Whose token is renewed misses nothing and hears nothing
        twice; to who hears something else from now on, what stands is told anew."""
        try:
            admitted = await self._authority.admits(token)
        except Unavailable as error:
            client.push([word("error", {"reason": str(error), "retry_ms": retry_in_ms()})])
            return
        if client.ending is not None:
            return
        if not admitted:
            self._lose_authority(client)
            return
        before = client.filter
        self.clients.remove(client)
        client.authorize(token)
        if client.filter == before:
            client.push([AUTHORIZED])
            self.clients.add(client)
        else:
            self._begin(client, Missed(), AUTHORIZED)

    def end(self) -> None:
        """Say goodbye to everybody, with times to come back that lie apart."""
        for client in self.clients.everybody():
            client.end(_goodbye())

    def _lose_authority(self, client: Client) -> None:
        """What waits for it is let go of: it may hold what it may not hear."""
        self.clients.remove(client)
        if client.renews:
            client.authorize(None)
            self._begin(client, Missed(), UNAUTHORIZED)
        else:
            client.end(Ending(UNAUTHORIZED))

    def _hear_database(self, said: str) -> None:
        if said == BOARD:
            self._hints.add_board()
        else:
            self._authority.again.set()

    async def _missed(self, last_id: str) -> Missed:
        try:
            return await self._replays.since(last_id, self._clock())
        except Unavailable:
            return Missed(reason="what you missed cannot be read now: forget what you have")

    async def _look_again_and_again(self) -> None:
        swept_s = float("-inf")
        while True:
            sweep = time.monotonic() - swept_s >= _SWEEP_S
            hinted = self._hints.take()
            try:
                await (self._sweep() if sweep else self._look(hinted))
            except Unavailable as error:
                self._heart.note_unread()
                _log.warning("live_reads_nothing", error=str(error))
            if sweep:
                swept_s = time.monotonic()
            self._heart.say_if_changed()
            await self._wait_for_hints(swept_s + _SWEEP_S - time.monotonic())

    async def _wait_for_hints(self, at_most_s: float) -> None:
        """A little longer than until the first: what belongs together is read and told together."""
        try:
            async with asyncio.timeout(max(0.0, at_most_s)):
                await self._hints.arrived.wait()
        except TimeoutError:
            return
        await asyncio.sleep(_COALESCE_S)

    async def _sweep(self) -> None:
        async with reading(self._pool) as connection:
            pulse = await store.pulse(connection)
            heads = await store.heads(connection)
            gone = self._picture.forget_all_but(heads)
            await self._learn_areas(connection, heads)
            await self._learn_newest(connection, None)
            await self._learn_board(connection)
        self._heart.note_pulse(pulse)
        if self._picture.board.tidy(self._clock()):
            self._picture.board_changed()
        if gone:
            self._begin_anew("an area is gone: forget what you have")

    async def _look(self, hinted: Hinted) -> None:
        if not (hinted.areas or hinted.stations or hinted.board):
            return
        async with reading(self._pool) as connection:
            if hinted.areas:
                await self._learn_areas(connection, await store.heads(connection, list(hinted.areas)))
            if hinted.stations:
                await self._learn_newest(connection, list(hinted.stations))
            if hinted.board:
                await self._learn_board(connection)

    async def _learn_areas(self, connection: Connection, heads: list[store.Head]) -> None:
        afresh, gaps = self._picture.missing(heads)
        if afresh:
            self.clients.tell(self._picture.learn_areas(await store.states(connection, afresh)))
        if gaps:
            self.clients.tell(self._picture.learn_areas(await store.revisions_between(connection, gaps), gaps))

    async def _learn_newest(self, connection: Connection, stations: list[str] | None) -> None:
        newest = await store.newest_observations(connection, stations)
        self.clients.tell(self._picture.learn_newest(newest, self._clock()))

    async def _learn_board(self, connection: Connection) -> None:
        events = await self._watch.look(connection)
        if events:
            self._picture.board_changed()
            self.clients.tell(events)

    def _begin_anew(self, reason: str) -> None:
        resync = word("resync", {"reason": reason})
        for client in self.clients.everybody():
            client.begin([resync, *self._picture.state_for(client.filter, self._clock())])


def _goodbye() -> Ending:
    retry_ms = retry_in_ms()
    return Ending(word("goodbye", {"retry_ms": retry_ms}, retry_ms=retry_ms), GOING_AWAY)


def retry_in_ms() -> int:
    """When to come back should the connection break: followers that lost it together do not return together."""
    return random.randint(*_RETRY_MS)  # noqa: S311 - no secret
