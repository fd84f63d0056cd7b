"""What operators do with reports: one function for the command line and for HTTP, each within the caller's transaction.

The report is held while it is changed. Of two who decide at once one wins, and the other is told what it is now.
"""

from uuid import UUID

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import ChangedMeanwhile, Conflicting, InvalidInput, NotFound
from hydroalert.domain.reports import OPEN, State
from hydroalert.reports.claims import plain
from hydroalert.reports.steps import Decider, Decision, check_decision, check_step, kind_of, stepped
from hydroalert.store import Connection
from hydroalert.store.report_events import NewEvent, list_events
from hydroalert.store.reports import Report, change_report, lock_report
from hydroalert.store.triage import areas_around, joined_to, may_be_assigned
from hydroalert.store.waking import wake_areas

WORKED_ON = OPEN | {State.VERIFIED}
"""States in which somebody may be at it."""


async def decide(connection: Connection, report_id: UUID, decision: Decision, by: Decider) -> Report:
    """Lead a report one step on, for a reason that its reporter reads too.

    Areas that it lies in are judged anew where it begins or ceases to be verified. Raises NotFound, InvalidInput,
    NotAllowed, Conflicting; ChangedMeanwhile where it is no more as the decider saw it.
    """
    check_decision(decision)
    decision = msgspec.structs.replace(decision, reason=plain(decision.reason))
    taken = await joined_to(connection, report_id) if decision.duplicate_of else []
    held = await _hold(connection, {report_id, decision.duplicate_of or report_id, *taken})
    report = _named(held, report_id)
    await _check_version(connection, report, decision.version)
    check_step(report, decision, by.role)
    if decision.duplicate_of is not None:
        _check_original(report_id, _named(held, decision.duplicate_of))
        await _take_along(connection, report_id, decision.duplicate_of, by)
    event = NewEvent(kind_of(report.state, decision.to), by.name, decision.reason, shown=True)
    changed = await change_report(connection, stepped(report, decision, by), event, by.at)
    if State.VERIFIED in (report.state, changed.state):
        await wake_areas(connection, await areas_around(connection, report_id))
    return changed


async def assign(connection: Connection, report_id: UUID, version: int, to: str | None, by: Decider) -> Report:
    """Say who sees to a report; None: nobody. Raises NotFound, InvalidInput, Conflicting, ChangedMeanwhile."""
    report = _named(await _hold(connection, {report_id}), report_id)
    await _check_version(connection, report, version)
    if report.state not in WORKED_ON:
        raise Conflicting(f"this report is {report.state}: nobody need see to it")
    if to is not None and not await may_be_assigned(connection, to):
        raise InvalidInput(
            f"{to!r} is no account that decides about reports: give an operator's or administrator's name", "to"
        )
    if to == report.assigned_to:
        return report
    event = NewEvent("assigned", by.name, _handover(report.assigned_to, to))
    return await change_report(connection, msgspec.structs.replace(report, assigned_to=to), event, by.at)


async def note(connection: Connection, report_id: UUID, text: str, by: Decider, *, shown: bool = False) -> Report:
    """Keep what somebody has to say of a report, for colleagues, or `shown` to its reporter too.

    Raises NotFound, InvalidInput.
    """
    words = plain(text)
    if not words:
        raise InvalidInput("there is nothing in it: say what there is to know", "text")
    report = _named(await _hold(connection, {report_id}), report_id)
    return await change_report(connection, report, NewEvent("note", by.name, words, shown), by.at)


async def vouch(
    connection: Connection, report_id: UUID, alert_id: UUID, reason: str, by: Decider
) -> tuple[Report, str]:
    """Keep in the story of a verified report that an alert is confirmed because of it; and the words for the alert's.

    Raises NotFound, InvalidInput, Conflicting.
    """
    report = _named(await _hold(connection, {report_id}), report_id)
    if report.state is not State.VERIFIED:
        raise Conflicting(f"this report is {report.state}: verify it before an alert rests on it")
    words = plain(reason)
    if not words:
        raise InvalidInput("say why this report confirms that alert", "reason")
    event = NewEvent("alert confirmed", by.name, f"alert {alert_id}: {words}")
    return await change_report(connection, report, event, by.at), f"report {report_id}: {words}"


async def _hold(connection: Connection, ids: set[UUID]) -> dict[UUID, Report]:
    """Locked in the order of their ids: two who hold several never wait for each other."""
    found = [await lock_report(connection, one) for one in sorted(ids)]
    return {report.id: report for report in found if report is not None}


def _named(held: dict[UUID, Report], report_id: UUID) -> Report:
    if report_id not in held:
        raise NotFound(f"there is no report {report_id}")
    return held[report_id]


async def _check_version(connection: Connection, report: Report, seen: int) -> None:
    """Raises ChangedMeanwhile that says who did what, InvalidInput for a version that is still to come."""
    if seen == report.version:
        return
    if seen > report.version:
        raise InvalidInput(f"this report has no version {seen} yet: it is at {report.version}", "version")
    last = (await list_events(connection, report.id))[-1]
    raise ChangedMeanwhile(
        f"this report changed meanwhile ({last.kind}, by {last.author}): it is {report.state} now, version "
        f"{report.version}; look at it again, then decide",
        {
            "state": report.state,
            "version": report.version,
            "assigned_to": report.assigned_to,
            "changed_by": last.author,
            "changed_at": rfc3339(last.at),
            "how": last.kind,
        },
    )


def _check_original(report_id: UUID, original: Report) -> None:
    if original.id == report_id:
        raise InvalidInput("a report is no duplicate of itself: name the other one", "duplicate_of")
    if original.state is State.DUPLICATE:
        raise Conflicting(f"report {original.id} is itself joined to {original.duplicate_of}: join it to that one")
    if original.state is State.REJECTED or original.withdrawn_at is not None:
        raise Conflicting(f"report {original.id} is rejected or withdrawn: nothing can be joined to it")


async def _take_along(connection: Connection, report_id: UUID, original: UUID, by: Decider) -> None:
    """What was joined to a report goes with it: a duplicate is always of one that is none."""
    for one in await joined_to(connection, report_id):
        report = await lock_report(connection, one)
        assert report is not None  # nothing deletes a report
        event = NewEvent("joined", by.name, "with the report that it was joined to", shown=True)
        await change_report(connection, msgspec.structs.replace(report, duplicate_of=original), event, by.at)


def _handover(before: str | None, to: str | None) -> str:
    if before is None:
        return f"to {to}"
    return f"no more to {before}" if to is None else f"to {to}, from {before}"
