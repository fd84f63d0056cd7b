"""What the api knows of all areas and stations, and what a follower must hear when it changes. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby

import msgspec

from hydroalert.api.live.board import Board
from hydroalert.api.live.events import Event, area_event, latest_event, live_until
from hydroalert.api.live.filters import Filter
from hydroalert.api.live.remembered import Remembered
from hydroalert.store.reading_live import AreaState, Gap, Head, Newest

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_OFF = datetime.max.replace(tzinfo=UTC)

AreaKey = tuple[int, bool]
"""(area_id, drill)."""


class _Station(msgspec.Struct, frozen=True):
    newest: tuple[Newest, ...]
    until: datetime
    event: Event


class Picture:
    """The newest of everything. `valid_until`: how long what it says of areas may be believed. `board`: reports and
    shelters; who changes it says so with `board_changed`.
    """

    def __init__(self) -> None:
        self.valid_until = _LONG_AGO
        self.board = Board()
        self._states: dict[AreaKey, AreaState] = {}
        self._heads: dict[AreaKey, Head] = {}
        self._stations: dict[str, _Station] = {}
        self._encoded: dict[AreaKey, Event] = {}
        self._remembered = Remembered()

    def vouch(self, valid_until: datetime) -> None:
        """All of it was found to hold, and may be believed until then."""
        self.valid_until = valid_until
        self._encoded.clear()
        self._remembered.forget()

    def missing(self, heads: Sequence[Head]) -> tuple[list[Head], list[Gap]]:
        """Areas to look at afresh, and the revisions that it does not know of those that it does.

        An area that stands lower than it did comes from another database: it is looked at afresh.
        """
        afresh, gaps = [], []
        for head in heads:
            known = self._heads.get((head.area_id, head.drill))
            if known is not None and head.revision > known.revision:
                gaps.append(Gap(known.revision, head))
            elif head != known:
                afresh.append(head)
        return afresh, gaps

    def learn_areas(self, states: Iterable[AreaState], gaps: Iterable[Gap] = ()) -> list[Event]:
        """Take these states, each area's in order, and all revisions in `gaps` as known; the events they make."""
        events = []
        for state in states:
            key = (state.area_id, state.drill)
            self._states[key] = msgspec.structs.replace(state, severity_before=None)
            self._heads[key] = Head(*key, state.revision, state.at)
            self._encoded.pop(key, None)
            self._remembered.forget()
            events.append(area_event(state, self._until(state)))
        for gap in gaps:
            self._heads[gap.head.area_id, gap.head.drill] = gap.head
        return events

    def forget_all_but(self, heads: Iterable[Head]) -> bool:
        """Whether an area is gone; whoever followed it must begin anew."""
        gone = set(self._heads) - {(head.area_id, head.drill) for head in heads}
        for key in gone:
            del self._heads[key]
            del self._states[key]
            self._encoded.pop(key, None)
            self._remembered.forget()
        return bool(gone)

    def learn_newest(self, newest: Iterable[Newest], now: datetime) -> list[Event]:
        """Take the newest observations, in order of station; the events of the stations where that is news."""
        events = []
        for code, observations in groupby(newest, lambda one: one.station):
            live = tuple(one for one in observations if live_until(one) > now)
            known = self._stations.get(code)
            if live and (known is None or known.newest != live):
                event = latest_event(live, now)
                self._stations[code] = _Station(live, min(map(live_until, live)), event)
                self._remembered.forget()
                events.append(event)
        return events

    def board_changed(self) -> None:
        """Who joins from now on is told what stands on it now."""
        self._remembered.forget()

    def stands_below(self, states: Iterable[AreaState]) -> list[AreaState]:
        """Those of the revisions that it knows already: the others are still to come as changes."""
        known = {key: head.revision for key, head in self._heads.items()}
        return [one for one in states if one.revision <= known.get((one.area_id, one.drill), -1)]

    def state_for(self, wanted: Filter, now: datetime, heard: Iterable[AreaState] = ()) -> Sequence[Event]:
        """All that a follower must know, the area that changed last at the end: its id is then where to come back to.

        `heard`: what it has just been told.
        """
        standing = self._remembered.find(wanted, now)
        if standing is None:
            standing = self._look_for(wanted, now)
        just_heard = {(one.area_id, one.drill, one.revision) for one in heard}
        again = {
            id(self._event_of(key, state))
            for key, state in self._states.items()
            if (*key, state.revision) in just_heard
        }
        return [event for event in standing if id(event) not in again] if again else standing

    def _look_for(self, wanted: Filter, now: datetime) -> tuple[Event, ...]:
        stations = [one for one in self._stations.values() if one.until > now and wanted.takes(one.event)]
        areas = (self._event_of(*item) for item in sorted(self._states.items(), key=lambda item: item[1].at))
        board = self.board.standing(wanted)
        events = (*board, *(station.event for station in stations), *filter(wanted.takes, areas))
        self._remembered.keep(wanted, events, min((one.until for one in stations), default=_FAR_OFF))
        return events

    def _event_of(self, key: AreaKey, state: AreaState) -> Event:
        found = self._encoded.get(key)
        if found is None:
            found = self._encoded[key] = area_event(state, self._until(state))
        return found

    def _until(self, state: AreaState) -> datetime:
        return max(self.valid_until, state.at)
