"""How well a course of alerts did: in time, without crying wolf, without flapping. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.alerts import Transition
from hydroalert.domain.rules import Rule
from hydroalert.domain.severity import Severity
from hydroalert.judging.backtest import Case, Course
from hydroalert.judging.crossings import SAME_EVENT, Crossing, crossings_of


class Spell(msgspec.Struct, frozen=True):
    """A time in which the public heard of a hazard at this severity or a worse one; until `end`, excluded."""

    hazard: str
    severity: Severity
    start: datetime
    end: datetime


class Warned(msgspec.Struct, frozen=True):
    """What a crossing was worth: `lead_s`, how long before it the public heard of its severity; negative is late,
    None is never."""

    crossing: Crossing
    lead_s: float | None


class Score(msgspec.Struct, frozen=True):
    """What came of one area's rules. `flaps`: moments at which a severity was reached again that had been left less
    than six hours before. `at_severity_s`: for how long the worst public alert was of each severity."""

    area: str
    days: float
    warned: tuple[Warned, ...]
    false_alarms: tuple[Spell, ...]
    flaps: int
    at_severity_s: dict[str, float]

    @property
    def missed(self) -> int:
        """Crossings of which the public never heard."""
        return sum(one.lead_s is None for one in self.warned)

    @property
    def flaps_per_day(self) -> float:
        """Over the whole replay."""
        return self.flaps / self.days if self.days else 0.0


def score(case: Case, course: Course) -> Score:
    """Compare what would have been told with what the water did."""
    rules = [versioned.rule for versioned in case.rules]
    crossings = [one for one in crossings_of(rules, course.heard) if course.start <= one.until and one.at <= course.end]
    spells = spells_of(course)
    return Score(
        area=course.area,
        days=(course.end - course.start) / timedelta(days=1),
        warned=tuple(Warned(crossing, _lead_s(crossing, spells)) for crossing in crossings),
        false_alarms=tuple(spell for spell in spells if _is_false(spell, rules, crossings)),
        flaps=_flaps(spells),
        at_severity_s=_at_severity_s(spells),
    )


def spells_of(course: Course) -> list[Spell]:
    """When the public heard of each hazard at each severity or a worse one, in order of their starts."""
    since: dict[tuple[str, Severity], datetime] = {}
    spells = []
    for revision in course.revisions:
        alert, cleared = revision.change.alert, revision.change.transition is Transition.CLEARED
        told = None if cleared else alert.public_severity
        for severity in Severity:
            key = alert.hazard, severity
            if told is not None and told.rank >= severity.rank:
                since.setdefault(key, revision.at)
            elif key in since:
                spells.append(Spell(*key, since.pop(key), revision.at))
    spells += [Spell(*key, start, course.end) for key, start in since.items()]
    return sorted(spells, key=lambda one: (one.start, one.severity.rank))


def _lead_s(crossing: Crossing, spells: Iterable[Spell]) -> float | None:
    starts = (
        spell.start
        for spell in spells
        if (spell.hazard, spell.severity) == (crossing.hazard, crossing.severity)
        and spell.start <= crossing.until
        and spell.end >= crossing.at
    )
    first = next(starts, None)
    return None if first is None else (crossing.at - first).total_seconds()


def _is_false(spell: Spell, rules: Sequence[Rule], crossings: Iterable[Crossing]) -> bool:
    """Whether rules can raise this severity, and nothing crossed a threshold of it while it stood."""
    ladder = {(rule.hazard, level.severity) for rule in rules for level in rule.levels}
    if (spell.hazard, spell.severity) not in ladder:
        return False
    return not any(
        one.hazard == spell.hazard
        and one.severity.rank >= spell.severity.rank
        and one.at <= spell.end
        and one.until >= spell.start
        for one in crossings
    )


def _flaps(spells: Iterable[Spell]) -> int:
    ended: dict[tuple[str, Severity], datetime] = {}
    again = set()
    for spell in spells:
        before = ended.get((spell.hazard, spell.severity))
        if before is not None and spell.start - before < SAME_EVENT:
            again.add((spell.hazard, spell.start))
        ended[spell.hazard, spell.severity] = spell.end
    return len(again)


def _at_severity_s(spells: Sequence[Spell]) -> dict[str, float]:
    """Spells of one severity include the worse ones: what is left after subtracting those."""
    total = {severity: _covered_s(spells, severity) for severity in Severity}
    worse = dict(zip(Severity, [*list(total.values())[1:], 0.0], strict=True))
    return {severity.value: total[severity] - worse[severity] for severity in Severity if total[severity]}


def _covered_s(spells: Iterable[Spell], severity: Severity) -> float:
    """Seconds in which any hazard was told at this severity or worse."""
    seconds, until = 0.0, None
    for spell in (one for one in spells if one.severity is severity):
        start = spell.start if until is None else max(spell.start, until)
        seconds += max(0.0, (spell.end - start).total_seconds())
        until = spell.end if until is None else max(until, spell.end)
    return seconds


def blind_spells_of(course: Course) -> list[tuple[datetime, datetime]]:
    """From when to when an alert stood that nobody spoke for, or the area had none and nobody spoke for it."""
    since: dict[str, datetime] = {}
    spells = []
    for revision in course.revisions:
        alert, cleared = revision.change.alert, revision.change.transition is Transition.CLEARED
        if alert.blind_since is not None and not cleared:
            since.setdefault(alert.hazard, revision.at)
        elif alert.hazard in since:
            spells.append((since.pop(alert.hazard), revision.at))
    return sorted([*spells, *((start, course.end) for start in since.values())])
