"""Says every few seconds, and at once when that changes, whether what followers see can be trusted."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from hydroalert.api.live.clients import Clients
from hydroalert.api.live.events import Event, heartbeat_event
from hydroalert.api.live.picture import Picture
from hydroalert.api.live.standing import Facts, why_degraded
from hydroalert.store.reading_live import Pulse

HEARTBEAT_S = 15.0
_VALID_FOR = timedelta(seconds=4 * HEARTBEAT_S)


class Heart:
    """What is known of the parts behind the stream, and what was last said of them."""

    def __init__(self, clients: Clients, picture: Picture, clock: Callable[[], datetime]) -> None:
        self._clients = clients
        self._picture = picture
        self._clock = clock
        self._facts = Facts()
        self._said: str | None = "nothing was read yet"

    async def beat(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            self._said = self._doubt()
            self._say()

    def note_pulse(self, pulse: Pulse) -> None:
        """All was read, this among it."""
        self._facts = Facts(True, self._facts.broker, pulse.alerting, pulse.failing, pulse.newest_arrival)

    def note_unread(self) -> None:
        """The database did not answer."""
        self._facts = msgspec.structs.replace(self._facts, read=False)

    def note_broker(self, connected: bool) -> None:
        """Hints that were lost while it was away are made good by the next sweep."""
        self._facts = msgspec.structs.replace(self._facts, broker=connected)
        self.say_if_changed()

    def say_if_changed(self) -> None:
        """A change is said at once."""
        doubt = self._doubt()
        if doubt != self._said:
            self._said = doubt
            self._say()

    def event(self) -> Event:
        """What was last said, as of now."""
        valid_until = self._picture.valid_until if self._said is None else None
        return heartbeat_event(self._clock(), self._said, valid_until)

    def _say(self) -> None:
        if self._said is None:
            self._picture.vouch(self._clock() + _VALID_FOR)
        self._clients.tell([self.event()])

    def _doubt(self) -> str | None:
        return why_degraded(self._facts, self._clock())
