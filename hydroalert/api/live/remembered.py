"""What a follower must hear first, kept for the next who wants the same. Pure."""

from collections import OrderedDict
from datetime import datetime

import msgspec

from hydroalert.api.live.events import Event
from hydroalert.api.live.filters import Filter

MOST_FILTERS = 32


class _Found(msgspec.Struct, frozen=True):
    events: tuple[Event, ...]
    until: datetime


class Remembered:
    """The events for each of a few filters; beyond, the one is forgotten that nobody has wanted for longest."""

    def __init__(self) -> None:
        self._found: OrderedDict[Filter, _Found] = OrderedDict()

    def find(self, wanted: Filter, now: datetime) -> tuple[Event, ...] | None:
        """What was kept for this filter, unless its time is over."""
        found = self._found.get(wanted)
        if found is None or found.until <= now:
            return None
        self._found.move_to_end(wanted)
        return found.events

    def keep(self, wanted: Filter, events: tuple[Event, ...], until: datetime) -> None:
        """These hold until then, or until something changes."""
        self._found[wanted] = _Found(events, until)
        self._found.move_to_end(wanted)
        if len(self._found) > MOST_FILTERS:
            self._found.popitem(last=False)

    def forget(self) -> None:
        """Something changed."""
        self._found.clear()
