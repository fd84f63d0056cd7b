"""What its reporter does to a report afterwards, by the tracking code: looks, adds, takes it back."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from hydroalert.domain.actors import Role
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.domain.reports import State
from hydroalert.reports.claims import plain
from hydroalert.reports.contact import kept_until
from hydroalert.reports.steps import REOPENED, Decider, Decision, stepped
from hydroalert.reports.tracking import digest_of
from hydroalert.store import Connection
from hydroalert.store.report_events import NewEvent, count_events
from hydroalert.store.reports import Report, change_report, find_tracked, lock_report, lock_tracked
from hydroalert.store.triage import areas_around, joined_to
from hydroalert.store.waking import wake_areas

PLATFORM = "the platform"
ADDITION = "addition"
MAX_ADDITIONS = 50


async def look(connection: Connection, code: str) -> Report:
    """The report with that tracking code. Raises NotFound, the same for every wrong code."""
    return _known(await find_tracked(connection, digest_of(code)))


async def hold(connection: Connection, code: str) -> Report:
    """The same, locked until the caller's transaction ends."""
    return _known(await lock_tracked(connection, digest_of(code)))


async def add_words(connection: Connection, report: Report, text: str, author: str, at: datetime) -> Report:
    """What the reporter says besides; `report` is held. Raises InvalidInput, Conflicting."""
    words = plain(text)
    if not words:
        raise InvalidInput("there is nothing in it: say what changed", "text")
    if report.withdrawn_at is not None:
        raise Conflicting("this report is withdrawn: send a new one")
    if await count_events(connection, report.id, ADDITION) >= MAX_ADDITIONS:
        raise Conflicting(f"{MAX_ADDITIONS} times something was added to this report: send a new one")
    return await change_report(connection, report, NewEvent(ADDITION, author, words, shown=True), at)


async def withdraw(connection: Connection, report: Report, author: str, at: datetime, kept: timedelta) -> Report:
    """Take a held report back: nobody works on it any more, and no map shows it. What was decided stays in its story,
    but what was joined to it is under review again: its reporters took nothing back.

    `kept`: for how long its contact stays. A report that is withdrawn already is left as it is.
    """
    if report.withdrawn_at is not None:
        return report
    if report.state is State.VERIFIED:  # alerts may rest on it
        await wake_areas(connection, await areas_around(connection, report.id))
    await _part(connection, report.id, at)
    changed = replace(report, withdrawn_at=at, contact_until=kept_until(report.contact_until, at, kept))
    return await change_report(connection, changed, NewEvent("withdrawn", author, shown=True), at)


async def _part(connection: Connection, original: UUID, at: datetime) -> None:
    for one in await joined_to(connection, original):
        joined = await lock_report(connection, one)
        if joined is not None and joined.duplicate_of == original and joined.withdrawn_at is None:
            by = Decider(PLATFORM, Role.ADMIN, at)
            parted = stepped(joined, Decision(joined.version, State.UNDER_REVIEW), by)
            event = NewEvent(REOPENED, by.name, "the report that it was joined to was taken back", shown=True)
            await change_report(connection, parted, event, at)


def _known(report: Report | None) -> Report:
    if report is None:
        raise NotFound("no report has this tracking code: see that every sign of it is right")
    return report
