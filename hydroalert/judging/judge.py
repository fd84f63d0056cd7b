"""The judgement of one area: a pure function of its rules, its memory, what is heard, and now.

Live alerting, back-tests and tests run this same function.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.alerts import BLIND, LATE_CROSSING, TELL_AGAIN_AFTER, Alert, Change, Transition
from hydroalert.domain.rules import Rule, VersionedRule
from hydroalert.judging.context import Context, Judgement, Known, Memory
from hydroalert.judging.hearing import NEVER_SPOKE, Hearing, all_silent_since, hear
from hydroalert.judging.members import Hearings, Held, finding_of, hold_members, key_of
from hydroalert.judging.release import deadline_of, still_unanswered
from hydroalert.judging.transitions import transitions, updated
from hydroalert.judging.wanted import (
    Wanted,
    corroborate,
    merged,
    overridden,
    wanted_blind,
    wanted_by_rule,
    wanted_late,
)

LOOK_AGAIN_AFTER = timedelta(minutes=15)
"""However quiet it is: a wake-up that was lost costs no more than this."""

_Ruled = list[tuple[VersionedRule, list[Held]]]


def judge(context: Context) -> Judgement:
    """What follows from what is known now. Late news raises nothing public, silence clears nothing (G7, G9)."""
    hearings = {name: hear(context, stream) for name, stream in context.streams.items()}
    ruled = _hold(context, hearings)
    missed = _missed(hearings, ruled)
    blind_since = _blind_since(context, missed)
    standing = {alert.hazard: alert for alert in context.alerts}
    wants = _wants(context, ruled, standing, blind_since if missed else None)
    changes = _changes(context, standing, wants)
    alerts = _after(context, standing, wants, changes)
    if blind_since is None:
        blind_since = min((one.blind_since for one in alerts if one.blind_since), default=None)
    memory = _remember(context, hearings, ruled, alerts, wants, blind_since)
    findings = tuple(finding_of(versioned, one) for versioned, held in ruled for one in held)
    judge_at = _look_again_at(context, hearings, alerts, wants, memory)
    return Judgement(changes, alerts, memory, findings, blind_since, judge_at)


def _hold(context: Context, hearings: Hearings) -> _Ruled:
    ruled = [(versioned, hold_members(context, versioned.rule, hearings)) for versioned in context.rules]
    holding: dict[str, set[str]] = {}
    for versioned, held in ruled:
        stations = {one.member.station for one in held if one.level and not one.hearing.in_maintenance}
        holding.setdefault(versioned.rule.hazard, set()).update(stations)
    return [
        (versioned, corroborate(context, versioned.rule, held, hearings, frozenset(holding[versioned.rule.hazard])))
        for versioned, held in ruled
    ]


def _blind_since(context: Context, missed: list[Hearing]) -> datetime | None:
    """Since when nobody speaks for the area: none of its rules' members, or without rules none of its stations.

    An area that nobody informs, or whose stations are all in maintenance, is blind: nothing is known of it.
    """
    if context.drill:
        return None
    since = all_silent_since(missed) if missed else NEVER_SPOKE
    return context.memory.blind_since or context.now if since == NEVER_SPOKE else since


def _missed(hearings: Hearings, ruled: _Ruled) -> list[Hearing]:
    """Those that ought to speak for the area."""
    members = {(one.member.station, one.member.datastream) for _, held in ruled for one in held}
    spoken_for = [hearings[name] for name in members] or list(hearings.values())
    return [one for one in spoken_for if not one.in_maintenance]


def _wants(
    context: Context, ruled: _Ruled, standing: dict[str, Alert], blind_since: datetime | None
) -> dict[str, Wanted]:
    by_rules = [want for versioned, held in ruled if (want := wanted_by_rule(versioned.rule, held)) is not None]
    wants = overridden(merged(by_rules), standing, context.overrides)
    late = wanted_late(_flat(ruled))
    if late is not None:
        wants[LATE_CROSSING] = late
    if blind_since is not None and not wants.keys() - {LATE_CROSSING}:
        wants[BLIND] = wanted_blind(blind_since)
    return wants


def _flat(ruled: _Ruled) -> Iterable[tuple[Rule, Held]]:
    return ((versioned.rule, one) for versioned, held in ruled for one in held)


def _changes(context: Context, standing: dict[str, Alert], wants: dict[str, Wanted]) -> tuple[Change, ...]:
    hazards = sorted(standing.keys() | wants.keys())
    return tuple(
        change for hazard in hazards for change in transitions(context, standing.get(hazard), wants.get(hazard))
    )


def _after(
    context: Context, standing: dict[str, Alert], wants: dict[str, Wanted], changes: Iterable[Change]
) -> tuple[Alert, ...]:
    """What stands after the changes; what did not change carries today's values."""
    alerts = {hazard: updated(context, alert, wants[hazard]) for hazard, alert in standing.items() if hazard in wants}
    for change in changes:
        if change.transition is Transition.CLEARED:
            alerts.pop(change.alert.hazard, None)
        else:
            alerts[change.alert.hazard] = change.alert
    return tuple(alerts[hazard] for hazard in sorted(alerts))


def _remember(
    context: Context,
    hearings: Hearings,
    ruled: _Ruled,
    alerts: tuple[Alert, ...],
    wants: dict[str, Wanted],
    blind_since: datetime | None,
) -> Memory:
    known = {
        f"{station}/{datastream}": Known(hearing.newest.time, hearing.newest.result, hearing.newest.quality)
        for (station, datastream), hearing in hearings.items()
        if hearing.newest is not None
    }
    return Memory(
        held={key_of(rule, one.member): one.level for rule, one in _flat(ruled) if one.level},
        sure={key_of(rule, one.member): one.sure for rule, one in _flat(ruled) if one.sure},
        unanswered=still_unanswered(context, alerts, wants),
        known=known,
        blind_since=blind_since,
    )


def _look_again_at(
    context: Context, hearings: Hearings, alerts: tuple[Alert, ...], wants: dict[str, Wanted], memory: Memory
) -> datetime:
    """The first moment at which the judgement could change though nothing new is heard."""
    after = msgspec.structs.replace(context, memory=memory)
    moments = [
        *(hearing.silent_from for hearing in hearings.values()),
        *(hearing.stream.maintenance_until for hearing in hearings.values()),
        *(override.expires_at for override in context.overrides),
        *(deadline_of(after, want) for want in wants.values()),
        *(alert.told_at + TELL_AGAIN_AFTER for alert in alerts if alert.told_at is not None),
    ]
    ahead = [moment for moment in moments if moment is not None and moment > context.now]
    return min([context.now + LOOK_AGAIN_AFTER, *ahead])
