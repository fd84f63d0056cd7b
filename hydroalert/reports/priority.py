"""Which report to look at first: a number from 0 to 100, and what it is made of, in words. Pure.

Each scale gives or takes some points and says why; the number is their sum. What is not known gives and takes nothing,
and is said to be not known. `docs/why/triage.md` has the scales on one page.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.reports import Category, State
from hydroalert.domain.rules import PLATFORM_HAZARDS
from hydroalert.domain.severity import Severity, rank_of
from hydroalert.reports.reasons import Reason, counted, metres, span
from hydroalert.reports.water import calm_water, high_water
from hydroalert.store.clusters import APART_M, APART_TIME
from hydroalert.store.queue import Around, Facts, Picture

CATEGORY_POINTS = {
    Category.PEOPLE_IN_DANGER: 35,
    Category.FLOODED_BUILDING: 15,
    Category.RIVER_HIGH: 12,
    Category.DAMAGE: 10,
    Category.FLOODED_ROAD: 8,
    Category.BLOCKED_DRAIN: 6,
    Category.OTHER: 4,
}
DEPTH_POINTS = ((130, 32, "chest-deep"), (95, 27, "waist-deep"), (50, 20, "knee-deep"), (15, 11, "ankle-deep"))
"""From so many cm on: points, and words."""
MOST_FOR_WAITING, WAITING_STEP = 10, timedelta(minutes=6)
FRESH_FOR, MOST_FOR_STALE, STALE_STEP = timedelta(hours=6), 20, timedelta(minutes=30)
MOST_FOR_CLUSTER = 12
ALERT_POINTS = {Severity.MINOR: 3, Severity.MODERATE: 6, Severity.SEVERE: 9, Severity.EXTREME: 12}
BLIND_POINTS = 5
FIRST_PICTURE, NEXT_PICTURE, MOST_FOR_PICTURES = 4, 2, 8
DOUBT_POINTS, MOST_FOR_DOUBTS = -4, -8
HINT_OFF_M, HINT_OFF_TIME = 1_000.0, timedelta(hours=24)
"""A picture that was taken further away, or at another time, shows something else."""
MOST_FOR_RECORD, LEAST_RECORD = 7, 3
ASSIGNED_POINTS, WITHDRAWN_POINTS = -5, -30


class Priority(msgspec.Struct, frozen=True):
    """From 0 to 100: the sum of its reasons."""

    points: int
    reasons: tuple[Reason, ...]


def priority_of(facts: Facts, now: datetime) -> Priority:
    """How urgent it is that somebody looks at this report. At most 100, as the best of all scales add up to that."""
    reasons = [reason for scale in _SCALES for reason in scale(facts, now)]
    total = sum(reason.points for reason in reasons)
    if total < 0:
        reasons.append(Reason(-total, "never less than 0"))
    return Priority(max(total, 0), tuple(reasons))


def _danger(facts: Facts, _: datetime) -> Iterator[Reason]:
    """What was seen: the category or the depth, whichever is worse."""
    report = facts.report
    points, words = CATEGORY_POINTS[report.category], report.category.replace("-", " ")
    if report.depth_cm is None:
        yield Reason(points, f"{words}, depth not said")
        return
    deep, name = next(((most, name) for least, most, name in DEPTH_POINTS if report.depth_cm >= least), (5, "shallow"))
    yield Reason(max(points, deep), f"{words}, {name} water ({report.depth_cm} cm)")


def _waiting(facts: Facts, now: datetime) -> Iterator[Reason]:
    """The longer nobody has looked, the more."""
    waited = now - facts.report.submitted_at
    if facts.report.state is State.SUBMITTED and waited >= WAITING_STEP:
        yield Reason(min(waited // WAITING_STEP, MOST_FOR_WAITING), f"nobody has looked at it for {span(waited)}")


def _stale(facts: Facts, now: datetime) -> Iterator[Reason]:
    """What was seen long ago may be over."""
    age = now - facts.report.seen_at
    if age - FRESH_FOR >= STALE_STEP:
        points = min((age - FRESH_FOR) // STALE_STEP, MOST_FOR_STALE)
        yield Reason(-points, f"seen {span(age)} ago: the water may have moved on")


def _company(facts: Facts, _: datetime) -> Iterator[Reason]:
    """Others who tell of the same water."""
    if facts.cluster is not None:
        size = facts.cluster.size
        yield Reason(
            min(2 * size, MOST_FOR_CLUSTER),
            f"one of {size} reports, each within {APART_M} m and {span(APART_TIME)} of another",
        )


def _alerts(facts: Facts, _: datetime) -> Iterator[Reason]:
    """What stands where it lies; and a report from where no station speaks is worth more, not less."""
    if not facts.areas:
        yield Reason(0, "lies in no alert area")
        return
    standing = [one for one in facts.areas if one.hazard not in PLATFORM_HAZARDS and one.severity is not None]
    worst = max(standing, key=lambda one: rank_of(one.severity), default=None)
    blind = next((one for one in facts.areas if one.blind), None)
    given = 0 if worst is None or worst.severity is None else ALERT_POINTS[worst.severity]
    if worst is not None and (blind is None or given >= BLIND_POINTS):
        yield Reason(given, f"{worst.severity} {worst.hazard} alert in {worst.area}{_unheard(worst)}")
    elif blind is not None:
        yield Reason(BLIND_POINTS, f"{blind.area} is blind: reports are all that is known there")


def _pictures(facts: Facts, _: datetime) -> Iterator[Reason]:
    """Each that nothing speaks against; the same one twice is one."""
    sound = sum(not one.repeated and not _why_doubted(one) for one in facts.pictures)
    if sound:
        points = min(FIRST_PICTURE + NEXT_PICTURE * (sound - 1), MOST_FOR_PICTURES)
        yield Reason(points, f"{counted(sound, 'picture')} that nothing speaks against")


def _doubts(facts: Facts, _: datetime) -> Iterator[Reason]:
    """Pictures of another place, another time, or another report."""
    doubted = [why for one in facts.pictures if (why := _why_doubted(one))]
    if doubted:
        words = f"{counted(len(doubted), 'picture')} in doubt: {'; '.join(dict.fromkeys(doubted))}"
        yield Reason(max(DOUBT_POINTS * len(doubted), MOST_FOR_DOUBTS), words)


def _record(facts: Facts, _: datetime) -> Iterator[Reason]:
    """What became of what the same person reported before; a few say nothing."""
    verified, rejected = facts.record.verified, facts.record.rejected
    decided = verified + rejected
    if decided >= LEAST_RECORD:
        points = int(MOST_FOR_RECORD * (verified - rejected) / decided)  # towards 0
        yield Reason(points, f"of {decided} other reports by the same person {verified} were verified")


def _standing(facts: Facts, _: datetime) -> Iterator[Reason]:
    """Somebody is at it, or nobody need be."""
    if facts.report.assigned_to is not None:
        yield Reason(ASSIGNED_POINTS, f"assigned to {facts.report.assigned_to}")
    if facts.report.withdrawn_at is not None:
        yield Reason(WITHDRAWN_POINTS, "withdrawn by who sent it")


_SCALES: tuple[Callable[[Facts, datetime], Iterator[Reason]], ...] = (
    _danger,
    _waiting,
    _stale,
    _company,
    high_water,
    calm_water,
    _alerts,
    _pictures,
    _doubts,
    _record,
    _standing,
)


def _unheard(one: Around) -> str:
    return "" if one.public_severity is not None else ", which the public does not hear of"


def _why_doubted(one: Picture) -> str:
    if one.seen_before:
        return "seen before with another report"
    if one.off_m is not None and one.off_m > HINT_OFF_M:
        return f"taken {metres(one.off_m)} away, by its own metadata"
    if one.off_time is not None and abs(one.off_time) > HINT_OFF_TIME:
        return (
            f"taken {span(abs(one.off_time))} {'later' if one.off_time > timedelta() else 'earlier'}, by its metadata"
        )
    return ""
