"""From what stands to what ought to be: each step a transition, as the table allows. Pure."""

from uuid import UUID, uuid5

import msgspec

from hydroalert.domain.alerts import BLIND, TELL_AGAIN_AFTER, Alert, Change, Transition
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.severity import rank_of
from hydroalert.judging.context import Context
from hydroalert.judging.release import has_expired, public_severity
from hydroalert.judging.wanted import Wanted

STEPS = {
    False: frozenset({Transition.RAISED}),
    True: frozenset(Transition) - {Transition.RAISED},
}
"""The transition table: which steps may follow, by whether an alert of this area and hazard stands. All but `cleared`
leave one standing."""

_NAMESPACE = UUID("9b0d5c2e-2f6b-5d0a-9d1c-0a5f9d6a7c11")


def transition(context: Context, standing: Alert | None, wanted: Wanted | None) -> Change | None:
    """The one step from what stands to what ought to be, if there is any to make."""
    if wanted is None:
        return _cleared(context, standing) if standing is not None else None
    alert = updated(context, standing, wanted)
    step = _step(context, standing, wanted, alert)
    if step is None:
        return None
    assert step in STEPS[standing is not None]
    public = _is_public(standing, alert)
    reason = "no operator answered in time" if has_expired(context, wanted) else None
    return Change(step, _told(context, alert) if public else alert, public, reason=reason)


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
        blind_since=wanted.blind_since,
        by_hand=wanted.by_hand,
        causes=wanted.causes or before.causes,
    )


def _cleared(context: Context, standing: Alert) -> Change:
    public = standing.public_severity is not None or standing.hazard == BLIND
    return Change(Transition.CLEARED, _told(context, standing) if public else standing, public)


def _new_id(context: Context, hazard: str) -> UUID:
    """The same for the same area, hazard and moment: a judgement that is made again names the same alert."""
    return uuid5(_NAMESPACE, f"{context.area}/{hazard}/{context.drill}/{rfc3339(context.now)}")


def _told(context: Context, alert: Alert) -> Alert:
    return msgspec.structs.replace(alert, told_at=context.now)


def _is_public(standing: Alert | None, alert: Alert) -> bool:
    """Whether the public sees a change. What grew behind an operator's release it does not; an area that went blind,
    it does."""
    if alert.hazard == BLIND:
        return True
    before = None if standing is None else standing.public_severity
    if before == alert.public_severity and alert.public_severity != alert.severity:
        return False
    return before is not None or alert.public_severity is not None


def _step(context: Context, standing: Alert | None, wanted: Wanted, alert: Alert) -> Transition | None:
    """Which transition leads from what stands to `alert`: the first that applies."""
    if standing is None:
        return Transition.RAISED
    now, before = _ranks(alert), _ranks(standing)
    was_released = now[0] == before[0] and alert.id in context.released
    steps = (
        (now[1] > before[1] and was_released, Transition.RELEASED),
        (now > before, Transition.ESCALATED),
        (now < before, Transition.LOWERED),
        (alert.blind_since is not None and standing.blind_since is None, Transition.BLINDED),
        (alert.blind_since is None and standing.blind_since is not None, Transition.SIGHTED),
        (has_expired(context, wanted) and alert.public_severity != alert.severity, Transition.ESCALATED),
        (_is_stale(context, standing), Transition.CONTINUED),
    )
    return next((step for applies, step in steps if applies), None)


def _ranks(alert: Alert) -> tuple[tuple[int, int], int]:
    return (alert.severity.rank, alert.level), rank_of(alert.public_severity)


def _is_stale(context: Context, standing: Alert) -> bool:
    told_at = standing.told_at
    return standing.public_severity is not None and told_at is not None and context.now >= told_at + TELL_AGAIN_AFTER
