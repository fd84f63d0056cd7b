"""The story of a report: one event for each of its versions."""

from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.domain.reports import State
from hydroalert.store.pool import Connection

_ADD = """
INSERT INTO report_event (report_id, number, at, kind, author, text, state, shown)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_LIST = """
SELECT number, at, kind, author, text, state, shown FROM report_event
WHERE report_id = $1 AND (shown OR NOT $2) ORDER BY number
"""
_COUNT = "SELECT count(*) FROM report_event WHERE report_id = $1 AND kind = $2"
_BLANK = "UPDATE report_event SET text = '' WHERE report_id = $1 AND kind = $2"


class NewEvent(msgspec.Struct, frozen=True):
    """Something that happens to a report: what (`submitted`, `addition`, `note`, …), who did it, and in which words.

    `shown`: the reporter reads it by the tracking code.
    """

    kind: str
    author: str
    text: str = ""
    shown: bool = False


class Event(NewEvent, frozen=True, kw_only=True):
    """What happened. `number`: the report's version since; `state`: in which it left the report."""

    number: int
    at: datetime
    state: State


async def append_event(
    connection: Connection, report_id: UUID, number: int, event: NewEvent, *, state: State, at: datetime
) -> None:
    """Only for `store.reports`, which gives the number with the report's row locked."""
    await connection.execute(
        _ADD, report_id, number, at, event.kind, event.author, event.text, state.value, event.shown
    )


async def list_events(connection: Connection, report_id: UUID, *, shown_only: bool = False) -> list[Event]:
    """The whole story in its order, or what the reporter reads of it."""
    return msgspec.convert(await connection.fetch(_LIST, report_id, shown_only), list[Event])


async def count_events(connection: Connection, report_id: UUID, kind: str) -> int:
    """How often that happened to it."""
    found: int = await connection.fetchval(_COUNT, report_id, kind)
    return found


async def blank_events(connection: Connection, report_id: UUID, kind: str) -> None:
    """Take the words of all such events out of the story; that they happened stays."""
    await connection.execute(_BLANK, report_id, kind)
