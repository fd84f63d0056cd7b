"""Forgetting: contacts when their time is over, and on request all that leads to a person."""

from datetime import datetime, timedelta
from uuid import UUID

from hydroalert.reports.following import ADDITION, PLATFORM, withdraw
from hydroalert.store import Connection
from hydroalert.store.evidence import remove_evidence
from hydroalert.store.report_contacts import erase_contact, erase_person, lock_expired
from hydroalert.store.report_events import NewEvent, blank_events
from hydroalert.store.reports import Report, change_report, lock_report

AT_ONCE = 500

ERASED = (
    "the contact, and what recognised other reports with it",
    "the text, and what was added to it",
    "the exact place: a cell of about 500 m is left",
    "the pictures",
    "the tracking code: it opens nothing any more",
)
"""What `erase` takes away: told to who asks for it."""

KEPT = (
    "category, depth, severity, language, the coarse place, and when it was seen and sent",
    "what operators decided and noted, and when",
    "that something was added, and that it was withdrawn and erased, without the words",
)
"""What is left, so that the history of decisions stays whole: nothing of it leads to a person without an account."""


async def erase(connection: Connection, report: Report, author: str, at: datetime) -> Report:
    """Take a held report back and forget whose it was; once more does nothing. It cannot be undone.

    The files of its pictures are gone with the next sweep.
    """
    if report.erased_at is not None:
        return report
    await withdraw(connection, report, author, at, timedelta())
    await erase_contact(connection, report.id)
    await erase_person(connection, report.id, at)
    await blank_events(connection, report.id, ADDITION)
    await remove_evidence(connection, report.id)
    return await change_report(
        connection, await _held(connection, report.id), NewEvent("erased", author, shown=True), at
    )


async def erase_expired(connection: Connection, now: datetime) -> int:
    """Erase up to `AT_ONCE` contacts whose time is over, in the caller's transaction; returns how many there were."""
    expired = await lock_expired(connection, now, AT_ONCE)
    for report_id in expired:
        await erase_contact(connection, report_id)
        told = NewEvent("contact erased", PLATFORM, shown=True)
        await change_report(connection, await _held(connection, report_id), told, now)
    return len(expired)


async def _held(connection: Connection, report_id: UUID) -> Report:
    """As it is now, after what this transaction has erased."""
    report = await lock_report(connection, report_id)
    assert report is not None
    return report
