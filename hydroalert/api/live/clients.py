"""Followers: each with a queue that has an end, all that want the same in one group."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from hydroalert.api.live.events import Event, word
from hydroalert.api.live.filters import Filter

MAX_WAITING = 1_000
"""With so many events waiting a follower is not given more: it is told to begin anew, and dropped (G5)."""

GOING_AWAY, TRY_AGAIN_LATER = 1001, 1013
"""Of RFC 6455, section 7.4.1, and its registry: why a WebSocket ends."""

TOO_SLOW = word("resync", {"reason": "too slow: what you missed is replayed when you connect again"})


class Ending(msgspec.Struct, frozen=True):
    """A follower's last event, None where nobody is there to hear it, and the code to close its WebSocket with."""

    event: Event | None = None
    code: int = 1000


_GONE = Ending()


class Client:
    """One follower. `begin` and `push` put events into it; `take` waits for them; `ending`: there will be no more.

    `token`: what proves that it may hear what operators do; None of who may not. `renews`: it can send another one.
    """

    __slots__ = ("_first", "_queue", "_token", "_wake", "_wanted", "ending", "filter", "renews")

    def __init__(self, wanted: Filter, token: str | None = None, *, renews: bool = False) -> None:
        self.renews = renews
        self.ending: Ending | None = None
        self._wanted = wanted
        self._token = token
        self.filter = self._allowed()
        self._first: Sequence[Event] = ()
        self._queue: list[Event] = []
        self._wake: asyncio.Future[None] | None = None

    @property
    def token(self) -> str | None:
        """What proves that it may hear what operators do."""
        return self._token

    def want(self, wanted: Filter) -> None:
        """From now on it wants this; only for who is in no group."""
        self._wanted = wanted
        self.filter = self._allowed()

    def authorize(self, token: str | None) -> None:
        """From now on this proves what it may hear, or nothing does; only for who is in no group."""
        self._token = token
        self.filter = self._allowed()

    def begin(self, events: Sequence[Event]) -> None:
        """What it must hear first, however much that is, in the place of what waits."""
        self._first = events
        self._queue.clear()
        self._rouse()

    def push(self, events: Sequence[Event]) -> bool:
        """Whether it can take them; who cannot has reached its end."""
        if self.ending is None and len(self._queue) >= MAX_WAITING:
            self.end(Ending(TOO_SLOW, TRY_AGAIN_LATER))
        if self.ending is not None:
            return False
        self._queue.extend(events)
        self._rouse()
        return True

    def end(self, ending: Ending = _GONE) -> None:
        """Let go of what waits and say the last word; the first end is the one that counts."""
        self.ending = self.ending or ending
        self._first = ()
        self._queue.clear()
        self._rouse()

    async def take(self) -> list[Event]:
        """Everything that waits, at least one event; nothing any more once it ends."""
        while not (self._first or self._queue or self.ending):
            self._wake = asyncio.get_running_loop().create_future()
            await self._wake
        taken = [*self._first, *self._queue]
        self._first = ()
        self._queue.clear()
        return taken

    def _allowed(self) -> Filter:
        """The one place that decides: what it hears, now and when it joins, is what this filter takes."""
        return self._wanted if self._token is not None else self._wanted.without("triage")

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


class Clients:
    """All followers of this process, by what they want."""

    def __init__(self) -> None:
        self._groups: defaultdict[Filter, set[Client]] = defaultdict(set)
        self.dropped = 0

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def add(self, client: Client) -> None:
        """From now on it hears of every event that its filter takes."""
        self._groups[client.filter].add(client)

    def remove(self, client: Client) -> None:
        """It hears no more; harmless where it is not there."""
        group = self._groups[client.filter]
        group.discard(client)
        if not group:
            del self._groups[client.filter]

    def tell(self, events: Sequence[Event]) -> None:
        """Each filter is asked once for all who have it."""
        for wanted, group in list(self._groups.items()):
            chosen = [event for event in events if wanted.takes(event)]
            if chosen:
                self._push(list(group), chosen)

    def everybody(self) -> list[Client]:
        """All that follow now."""
        return [client for group in self._groups.values() for client in group]

    def _push(self, group: Sequence[Client], events: Sequence[Event]) -> None:
        for client in group:
            if not client.push(events):
                self.dropped += 1
                self.remove(client)
