"""What a back-test has to say of one area: for a table, for JSON."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hydroalert.domain.alerts import Cause, Transition
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.severity import rank_of, worst_of
from hydroalert.judging.backtest import Case, Course, Revision
from hydroalert.judging.scoring import Score, Spell, Warned, score


class ToldCause(msgspec.Struct, frozen=True):
    """An observation that held it up at its worst."""

    station: str
    datastream: str
    result: float
    unit: str
    threshold: float
    time: str


class ToldAlert(msgspec.Struct, frozen=True):
    """An alert that would have been. `severity`: the worst that the public heard, null where only operators did.

    `cleared_at`: null where it stands at the end; `blind_since`: of one that stands, where nobody speaks for it.
    """

    hazard: str
    raised_at: str
    cleared_at: str | None
    severity: str | None
    revisions: int
    blind_since: str | None
    cause: ToldCause | None


class ToldCrossing(msgspec.Struct, frozen=True):
    """A level that the water reached. `lead_s`: how long before, the public heard of its severity; negative is late,
    null is never."""

    rule: str
    station: str
    datastream: str
    level: str
    severity: str
    threshold: float
    unit: str
    at: str
    until: str
    crest: float
    lead_s: float | None


class FalseAlarm(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A severity that the public heard of while no threshold of it was reached."""

    hazard: str
    severity: str
    start: str
    end: str


class ToldRevision(msgspec.Struct, frozen=True):
    """One revision that would have been. `public_severity`: null where only operators would have heard of it."""

    revision: int
    at: str
    transition: str
    hazard: str
    severity: str
    public_severity: str | None
    level: str
    blind_since: str | None


class AreaReport(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """What would have come of one area. `flaps`: how often a severity was reached again within six hours after it was
    left; `at_severity_s`: for how long each was the worst that was told."""

    area: str
    start: str
    end: str
    judgements: int
    missed: int
    flaps: int
    flaps_per_day: float
    at_severity_s: dict[str, float]
    alerts: list[ToldAlert]
    crossings: list[ToldCrossing]
    false_alarms: list[FalseAlarm]
    revisions: list[ToldRevision]


def report(case: Case, course: Course) -> AreaReport:
    """The course of one area, scored."""
    found: Score = score(case, course)
    return AreaReport(
        area=course.area,
        start=rfc3339(course.start),
        end=rfc3339(course.end),
        judgements=course.judged,
        missed=found.missed,
        flaps=found.flaps,
        flaps_per_day=found.flaps_per_day,
        at_severity_s=found.at_severity_s,
        alerts=[_alert(revisions) for revisions in _by_alert(course.revisions)],
        crossings=[_crossing(one) for one in found.warned],
        false_alarms=[_false_alarm(one) for one in found.false_alarms],
        revisions=[_revision(one) for one in course.revisions],
    )


def _by_alert(revisions: Sequence[Revision]) -> list[list[Revision]]:
    found: dict[object, list[Revision]] = {}
    for revision in revisions:
        found.setdefault(revision.change.alert.id, []).append(revision)
    return list(found.values())


def _alert(revisions: Sequence[Revision]) -> ToldAlert:
    """`revisions`: all of one alert."""
    last = revisions[-1]
    cleared = last.change.transition is Transition.CLEARED
    worst = max(revisions, key=lambda one: rank_of(one.change.alert.severity)).change.alert
    heard = worst_of([one.change.alert.public_severity for one in revisions if one.change.alert.public_severity])
    return ToldAlert(
        hazard=worst.hazard,
        raised_at=rfc3339(revisions[0].at),
        cleared_at=rfc3339(last.at) if cleared else None,
        severity=heard,
        revisions=len(revisions),
        blind_since=None if cleared else _shown(last.change.alert.blind_since),
        cause=next(map(_cause, worst.causes), None),
    )


def _cause(cause: Cause) -> ToldCause:
    return ToldCause(cause.station, cause.datastream, cause.result, cause.unit, cause.threshold, rfc3339(cause.time))


def _crossing(warned: Warned) -> ToldCrossing:
    one = warned.crossing
    return ToldCrossing(
        rule=one.rule,
        station=one.station,
        datastream=one.datastream,
        level=one.level_name,
        severity=one.severity,
        threshold=one.threshold,
        unit=one.unit,
        at=rfc3339(one.at),
        until=rfc3339(one.until),
        crest=one.crest,
        lead_s=warned.lead_s,
    )


def _false_alarm(spell: Spell) -> FalseAlarm:
    return FalseAlarm(spell.hazard, spell.severity, rfc3339(spell.start), rfc3339(spell.end))


def _revision(revision: Revision) -> ToldRevision:
    alert = revision.change.alert
    return ToldRevision(
        revision=revision.number,
        at=rfc3339(revision.at),
        transition=revision.change.transition,
        hazard=alert.hazard,
        severity=alert.severity,
        public_severity=alert.public_severity,
        level=alert.level_name,
        blind_since=_shown(alert.blind_since),
    )


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
