"""What the api knows of reports and shelters, and what a follower must hear when one changes. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

import msgspec

from hydroalert.api.live.events import Event, Kind
from hydroalert.api.live.filters import Filter
from hydroalert.store.reading_board import MOST_CHANGED, Head, Row

MOST_JOINED = 1_000
"""Of each kind, who joins is told of no more than that: the newest. The rest is where the lists are."""

_JOINED: tuple[Kind, ...] = ("shelter", "report", "triage")


class Entry(msgspec.Struct, frozen=True):
    """What one kind of follower hears of one row. `gone`: it stands no more; who did not know of it hears nothing,
    unless `is_news` all the same. `until`: then it is over by itself."""

    event: Event
    gone: bool = False
    is_news: bool = False
    until: datetime | None = None


class _Known(msgspec.Struct, frozen=True):
    mark: str
    standing: dict[Kind, Entry]


class Board:
    """The newest of everything that was changed lately or stands."""

    def __init__(self) -> None:
        self._known: dict[tuple[Row, str], _Known] = {}

    def unknown(self, heads: Iterable[Head]) -> list[Head]:
        """Those that changed since it learnt of them."""
        return [head for head in heads if self._mark((head.row, head.key)) != head.mark]

    def learn(self, head: Head, entries: Sequence[Entry]) -> list[Event]:
        """How a row is now: an entry for each kind of event; the events that this makes."""
        known = self._known.pop((head.row, head.key), None)
        before = known.standing if known else {}
        standing = {entry.event.kind: entry for entry in entries if not entry.gone}
        self._known[head.row, head.key] = _Known(head.mark, standing)
        return [entry.event for entry in entries if _is_news(entry, before.get(entry.event.kind))]

    def forget(self, row: Row, keys: Iterable[str], farewell: Callable[[str, Event], Event]) -> list[Event]:
        """These rows are no more; the events that tell so, made of the key and the last that was told of each."""
        gone = [(key, self._known.pop((row, key), None)) for key in keys]
        return [farewell(key, entry.event) for key, known in gone if known for entry in known.standing.values()]

    def keys(self, row: Row) -> set[str]:
        """All rows of that sort that stand."""
        return {key for (sort, key), known in self._known.items() if sort == row and known.standing}

    def tidy(self, now: datetime) -> bool:
        """Let go of what is over by itself, and of the reports that changed longest ago where there are very many:
        more than ever count as changed lately. Whether anything stands no more."""
        over = [
            (known, kind)
            for known in self._known.values()
            for kind, entry in known.standing.items()
            if entry.until is not None and entry.until <= now
        ]
        for known, kind in over:
            del known.standing[kind]
        reports = [key for key in self._known if key[0] == "report"]
        for key in reports[: -2 * MOST_CHANGED]:
            del self._known[key]
        return bool(over)

    def standing(self, wanted: Filter) -> Iterator[Event]:
        """What who joins must know, of each kind the newest first and then in order of time."""
        for kind in _JOINED:
            if kind in wanted.kinds:
                newest = (
                    known.standing[kind].event for known in reversed(self._known.values()) if kind in known.standing
                )
                yield from reversed(list(islice(filter(wanted.takes, newest), MOST_JOINED)))

    def _mark(self, key: tuple[Row, str]) -> str | None:
        known = self._known.get(key)
        return known.mark if known else None


def _is_news(entry: Entry, before: Entry | None) -> bool:
    """Who hears less than others is not told that something changed which they do not hear."""
    if entry.gone:
        return entry.is_news or before is not None
    return before is None or before.event.text != entry.event.text
