"""What the nearest water levels say for a report or against it. Pure."""

from collections.abc import Iterator
from datetime import datetime

from hydroalert.domain.quality import Flag
from hydroalert.domain.units import level_in_m
from hydroalert.reports.reasons import Reason, metres
from hydroalert.store.queue import HEARD_WITHIN, NEAR_M, Facts, Nearby

OVER_POINTS, RISING_POINTS, CALM_POINTS = 16, 10, -10
RISING_M_PER_H = 0.05
CALM_WITHIN_M = 300
"""A calm river further away says nothing of a drain, a dyke or a brook here."""


def high_water(facts: Facts, _: datetime) -> Iterator[Reason]:
    """The station that speaks most for it: above a rule's level, or rising; half of that where its value is suspect."""
    speaking = [(points, -one.distance_m, one) for one in _levels(facts) if (points := _alarm_of(one))]
    if speaking:
        points, _far, one = max(speaking, key=lambda found: found[:2])
        yield Reason(points, f"{_said_by(one)}{_above(one)}{_trend(one)}{_doubt(one)}")


def calm_water(facts: Facts, _: datetime) -> Iterator[Reason]:
    """The nearest station, where it speaks against it; and where there is none, that nothing is known."""
    nearest = min(_levels(facts), key=lambda one: one.distance_m, default=None)
    if nearest is None:
        yield Reason(0, f"no live water level within {metres(NEAR_M)}: not known, which is not calm")
    elif not _alarm_of(nearest):
        yield Reason(*_calm(nearest, facts.report.seen_at))


def _calm(one: Nearby, seen_at: datetime) -> tuple[int, str]:
    calm = f"{_said_by(one)}, not rising"
    if one.quality == Flag.SUSPECT or one.change_per_h is None:
        return 0, f"{_said_by(one)}, which is in doubt or new: it tells nothing"
    if one.time - seen_at > HEARD_WITHIN:
        return 0, f"{calm} now: that tells nothing of when it was seen"
    if one.distance_m > CALM_WITHIN_M:
        return 0, f"{calm}: too far away to tell"
    return CALM_POINTS, calm


def _levels(facts: Facts) -> list[Nearby]:
    return [one for one in facts.stations if level_in_m(one.datastream, one.unit) is not None]


def _alarm_of(one: Nearby) -> int:
    """0 where it is neither above a rule's level nor rising."""
    points = OVER_POINTS if _is_over(one) else RISING_POINTS if _is_rising(one) else 0
    return points // 2 if one.quality == Flag.SUSPECT else points


def _is_over(one: Nearby) -> bool:
    return one.threshold is not None and one.result >= one.threshold


def _is_rising(one: Nearby) -> bool:
    return (one.change_per_h or 0.0) * (level_in_m(one.datastream, one.unit) or 0.0) >= RISING_M_PER_H


def _said_by(one: Nearby) -> str:
    return f"{one.name}, {metres(one.distance_m)} away: {one.result:.2f} {one.unit}"


def _above(one: Nearby) -> str:
    return f", above the {one.threshold:g} {one.unit} of a rule" if _is_over(one) else ""


def _trend(one: Nearby) -> str:
    return f", rising {one.change_per_h:.2f} {one.unit}/h" if _is_rising(one) else ""


def _doubt(one: Nearby) -> str:
    return ", a suspect value" if one.quality == Flag.SUSPECT else ""
