"""From what stands to what ought to be: each step a transition, as the table allows. Pure."""

from datetime import datetime
from uuid import UUID, uuid5

import msgspec

from hydroalert.domain.alerts import BLIND, TELL_AGAIN_AFTER, Alert, Change, Transition
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.severity import rank_of
from hydroalert.judging.context import Context
from hydroalert.judging.hearing import NEVER_SPOKE
from hydroalert.judging.release import has_expired, public_severity
from hydroalert.judging.wanted import Wanted

STEPS = {
    False: frozenset({Transition.RAISED}),
    True: frozenset(Transition) - {Transition.RAISED},
}
"""The transition table: which steps may follow, by whether an alert of this area and hazard stands. All but `cleared`
leave one standing."""

_BY_SEVERITY = (Transition.ESCALATED, Transition.LOWERED)
_NAMESPACE = UUID("9b0d5c2e-2f6b-5d0a-9d1c-0a5f9d6a7c11")


def transitions(context: Context, standing: Alert | None, wanted: Wanted | None) -> list[Change]:
    """The step from what stands to what ought to be, if there is any to make.

    Where the public does not hear of it and must be told again what it knows, that is a second one.
    """
    if wanted is None:
        return [_cleared(context, standing)] if standing is not None else []
    alert = updated(context, standing, wanted)
    step = _step(context, standing, wanted, alert)
    changes = [] if step is None else [_change(context, standing, wanted, alert, step)]
    if standing is not None and _is_stale(context, standing) and not any(change.public for change in changes):
        changes.append(Change(Transition.CONTINUED, _told(context, alert), public=True))
    return changes


def _change(context: Context, standing: Alert | None, wanted: Wanted, alert: Alert, step: Transition) -> Change:
    assert step in STEPS[standing is not None]
    public = _is_public(step, standing, alert)
    unanswered = step is Transition.ESCALATED and has_expired(context, wanted)
    reason = "no operator answered in time" if unanswered else None
    after = _told(context, alert) if public else alert
    if step is Transition.ESCALATED:  # who saw the milder one has not seen this
        after = msgspec.structs.replace(after, acknowledged_by=None)
    return Change(step, after, public, reason=reason)


def updated(context: Context, standing: Alert | None, wanted: Wanted) -> Alert:
    """The alert with today's values; its identity, and what people did to it, stays."""
    before = standing or Alert(
        _new_id(context, wanted.hazard), wanted.hazard, wanted.severity, context.now, context.now
    )
    return msgspec.structs.replace(
        before,
        severity=wanted.severity,
        onset=before.onset if standing else min(wanted.onset or context.now, context.now),
        level=wanted.level,
        level_name=wanted.level_name,
        public_severity=public_severity(context, standing, wanted),
        corroborated=wanted.corroborated,
        blind_since=_blind_since(context, standing, wanted),
        by_hand=wanted.by_hand,
        causes=wanted.causes or before.causes,
    )


def _blind_since(context: Context, standing: Alert | None, wanted: Wanted) -> datetime | None:
    """What it last said lies too far back to be read where its sensor has been failing for long: as noted then."""
    if wanted.blind_since != NEVER_SPOKE:
        return wanted.blind_since
    noted = None if standing is None else standing.blind_since
    return noted or context.now


def _cleared(context: Context, standing: Alert) -> Change:
    public = standing.public_severity is not None or standing.hazard == BLIND
    return Change(Transition.CLEARED, _told(context, standing) if public else standing, public)


def _new_id(context: Context, hazard: str) -> UUID:
    """The same for the same area, hazard and moment: a judgement that is made again names the same alert."""
    return uuid5(_NAMESPACE, f"{context.area}/{hazard}/{context.drill}/{rfc3339(context.now)}")


def _told(context: Context, alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, told_at=context.now)


def _is_public(step: Transition, standing: Alert | None, alert: Alert) -> bool:
    """Whether the public sees a change. An area that went blind, it sees; what grows or shrinks behind an operator's
    release, it does not."""
    heard = None if standing is None else standing.public_severity
    if alert.hazard == BLIND or heard != alert.public_severity:
        return True
    if standing is None or heard is None:
        return False
    turned_blind_or_back = (standing.blind_since is None) is not (alert.blind_since is None)
    return step not in _BY_SEVERITY or turned_blind_or_back or (_hears_all(standing) and _hears_all(alert))


def _step(context: Context, standing: Alert | None, wanted: Wanted, alert: Alert) -> Transition | None:
    """Which transition leads from what stands to `alert`: the first that applies. The public's view goes first."""
    if standing is None:
        return Transition.RAISED
    now, before = _ranks(alert), _ranks(standing)
    steps = (
        (now[0] > before[0] and now[1:] == before[1:] and alert.id in context.released, Transition.RELEASED),
        (now > before, Transition.ESCALATED),
        (now < before, Transition.LOWERED),
        (alert.blind_since is not None and standing.blind_since is None, Transition.BLINDED),
        (alert.blind_since is None and standing.blind_since is not None, Transition.SIGHTED),
        (has_expired(context, wanted) and not _hears_all(alert), Transition.ESCALATED),
    )
    return next((step for applies, step in steps if applies), None)


def _ranks(alert: Alert) -> tuple[int, int, int]:
    return rank_of(alert.public_severity), alert.severity.rank, alert.level


def _hears_all(alert: Alert) -> bool:
    return alert.public_severity == alert.severity


def _is_stale(context: Context, standing: Alert) -> bool:
    told_at = standing.told_at
    return standing.public_severity is not None and told_at is not None and context.now >= told_at + TELL_AGAIN_AFTER
