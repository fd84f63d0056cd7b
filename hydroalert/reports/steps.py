"""Which step a report may take, and what becomes of it then. `domain.reports.STEPS` is the table. Pure."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hydroalert.domain.actors import Role
from hydroalert.domain.errors import Conflicting, InvalidInput, NotAllowed
from hydroalert.domain.reports import STEPS, State
from hydroalert.reports.contact import KEPT_AT_MOST, kept_until
from hydroalert.store.reports import Report

DECIDED = frozenset({State.VERIFIED, State.REJECTED, State.DUPLICATE})
"""States that a decision leads to."""
REOPENED = "reopened"
_KINDS = {
    State.SUBMITTED: "put back",
    State.UNDER_REVIEW: "under review",
    State.VERIFIED: "verified",
    State.REJECTED: "rejected",
    State.DUPLICATE: "joined",
    State.RESOLVED: "resolved",
}
"""What the story calls the step to each state."""


class Decision(msgspec.Struct, frozen=True):
    """What somebody decides who has seen that `version`. `duplicate_of`: the report that it is joined to."""

    version: int
    to: State
    reason: str = ""
    duplicate_of: UUID | None = None


class Decider(msgspec.Struct, frozen=True):
    """Who decides, what they may, and when. `contact_kept`: how long a contact stays after the decision."""

    name: str
    role: Role
    at: datetime
    contact_kept: timedelta = KEPT_AT_MOST


def steps_of(state: State, role: Role) -> list[State]:
    """Where someone of that role may lead a report from there."""
    return [to for (start, to), least in STEPS.items() if start is state and role.rank >= least.rank]


def kind_of(start: State, to: State) -> str:
    """What the story calls that step."""
    return REOPENED if to is State.UNDER_REVIEW and start is not State.SUBMITTED else _KINDS[to]


def check_decision(decision: Decision) -> None:
    """What can be said before the report is looked at. Raises InvalidInput."""
    if (decision.to is State.DUPLICATE) != (decision.duplicate_of is not None):
        raise InvalidInput("duplicate_of goes with `duplicate`: name the report that it is joined to", "duplicate_of")


def check_step(report: Report, decision: Decision, role: Role) -> None:
    """Whether that report may go there, and someone of that role may say so.

    Raises Conflicting where there is no such step, NotAllowed where others may take it, InvalidInput without a reason.
    """
    least = STEPS.get((report.state, decision.to))
    if least is None:
        raise Conflicting(f"no step leads from {report.state} to {decision.to}: {_ways(report.state)}")
    if role.rank < least.rank:
        raise NotAllowed(f"from {report.state} to {decision.to} only an account of role {least} leads a report")
    if decision.to is State.VERIFIED and report.withdrawn_at is not None:
        raise Conflicting("who sent it took it back: reject it, or put it back")
    if needs_reason(report.state, decision.to) and not decision.reason.strip():
        raise InvalidInput(f"say why: from {report.state} to {decision.to} needs a reason", "reason")


def needs_reason(start: State, to: State) -> bool:
    """All do but to begin with it and to be done with it."""
    return (start, to) != (State.SUBMITTED, State.UNDER_REVIEW) and to is not State.RESOLVED


def stepped(report: Report, decision: Decision, by: Decider) -> Report:
    """The report after that step."""
    to, at = decision.to, by.at
    return msgspec.structs.replace(
        report,
        state=to,
        duplicate_of=decision.duplicate_of,
        reviewed_at=report.reviewed_at or (at if to is State.UNDER_REVIEW else None),
        decided_at=at if to in DECIDED else report.decided_at if to is State.RESOLVED else None,
        resolved_at=at if to is State.RESOLVED else None,
        contact_until=_contact_until(report, to, by),
    )


def _contact_until(report: Report, to: State, by: Decider) -> datetime | None:
    """A contact outlives a decision for a while only; of a report that is open again it may be needed again."""
    if to in DECIDED:
        return kept_until(report.contact_until, by.at, by.contact_kept)
    if to is State.RESOLVED or report.contact_until is None or report.withdrawn_at is not None:
        return report.contact_until
    return report.submitted_at + KEPT_AT_MOST


def _ways(start: State) -> str:
    ways = [f"{to} ({least})" for (one, to), least in STEPS.items() if one is start]
    return f"from there it goes to {', '.join(ways)}"
