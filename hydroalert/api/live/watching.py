"""Keeps the board as the database has it: what changed lately is looked at, and all that stands once at the start."""

from collections.abc import Callable, Sequence
from datetime import datetime

from hydroalert.api.live.board import Board
from hydroalert.api.live.events import Event
from hydroalert.api.live.news import report_entries, shelter_entry, shelter_gone
from hydroalert.reports.coarse import SHOWN_FOR
from hydroalert.store import Connection
from hydroalert.store import reading_board as store


class Watch:
    """One look after another; each returns the events that followers have not heard."""

    def __init__(self, board: Board, clock: Callable[[], datetime]) -> None:
        self._board = board
        self._clock = clock
        self._began = False

    async def look(self, connection: Connection) -> list[Event]:
        """What changed since the look before."""
        heads = [] if self._began else await store.standing_reports(connection, self._clock() - SHOWN_FOR)
        heads += await store.changed_lately(connection)
        events = await self._learn(connection, heads[::-1])  # the newest last
        if await store.count_shelters(connection) != len(self._board.keys("shelter")):
            events += await self._look_at_all_shelters(connection)
        self._began = True
        return events

    async def _look_at_all_shelters(self, connection: Connection) -> list[Event]:
        heads = await store.all_shelters(connection)
        gone = self._board.keys("shelter") - {head.key for head in heads}
        return await self._learn(connection, heads) + self._board.forget("shelter", gone, shelter_gone)

    async def _learn(self, connection: Connection, heads: Sequence[store.Head]) -> list[Event]:
        unknown = self._board.unknown(heads)
        reports = {str(one.report.id): one for one in await store.live_reports(connection, unknown)}
        shelters = {one.shelter.code: one for one in await store.live_shelters(connection, unknown)}
        now, events = self._clock(), []
        for head in unknown:
            if head.row == "report" and head.key in reports:
                events += self._board.learn(head, report_entries(reports[head.key], now))
            elif head.row == "shelter" and head.key in shelters:
                events += self._board.learn(head, [shelter_entry(shelters[head.key])])
        return events
