"""What a subscription is told next, and when again after a failure. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import msgspec

from hydroalert.domain.alerts import Transition
from hydroalert.store.claims import Unheard

REPEATS = frozenset({Transition.CONTINUED, Transition.LOWERED, Transition.SIGHTED, Transition.ACKNOWLEDGED})
"""What nobody has to act on: all that a rate limit may hold back."""

MAX_ATTEMPTS = 24
"""Some four hours with the pauses below; a newer revision is tried at once, and as often."""

_HOUR = timedelta(hours=1)
_FIRST_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 900.0


class Limits(msgspec.Struct, frozen=True):
    """`room`: how many deliveries more may be under way. `repeated_at`: when repeats were delivered in the past hour,
    the earliest first; None of `repeats_per_hour`: as many as there are."""

    room: int
    repeats_per_hour: int | None = None
    repeated_at: tuple[datetime, ...] = ()


class Step(msgspec.Struct, frozen=True):
    """What to do with the deliveries of one area, by their ids.

    `send` one that tells of all in `telling`, or `hold` it until `until`; none of `superseded` need be sent any more.
    """

    send: int | None = None
    telling: tuple[Unheard, ...] = ()
    hold: int | None = None
    until: datetime | None = None
    superseded: tuple[int, ...] = ()


def next_steps(unheard: Iterable[Unheard], limits: Limits, now: datetime) -> list[Step]:
    """The next step in each area of one subscription; where there is no room for all, the worst goes first.

    `unheard`: what was not delivered since the last that was, in order of area and revision.
    """
    areas = [tuple(area) for _, area in groupby(unheard, key=lambda one: (one.area_id, one.drill))]
    room = limits.room
    repeated_at = [*limits.repeated_at, *(now for area in areas if _is_under_way(area) and _only_repeats(area))]
    steps = []
    for area in sorted(areas, key=_urgency):
        free_at = _free_at(area, repeated_at, limits.repeats_per_hour)
        step = next_step(area, free_at, now)
        if step.send is not None:
            if room == 0:
                continue
            room -= 1
            repeated_at += [now] if _only_repeats(area) else []
        steps.append(step)
    return steps


def next_step(unheard: Sequence[Unheard], free_at: datetime | None, now: datetime) -> Step:
    """In one area the newest waiting revision speaks for all that was not heard, and nothing beside one under way.

    So nothing older ever follows something newer. `free_at`: until then the rate limit holds it back.
    """
    waiting = [one for one in unheard if one.state == "waiting"]
    if not waiting or waiting[-1].due_at > now or _is_under_way(unheard):
        return Step()
    newest, older = waiting[-1].id, tuple(one.id for one in waiting[:-1])
    telling = _newest_of_each(unheard)
    if all(one.transition is Transition.CLEARED and not one.was_tried for one in telling):
        return Step(superseded=(*older, newest))  # it came and went before anyone tried to tell of it
    if free_at is not None and free_at > now:
        return Step(hold=newest, until=free_at, superseded=older)
    return Step(send=newest, telling=telling, superseded=older)


def pause_after(attempts: int, jitter: float) -> timedelta | None:
    """How long to wait after that many failed attempts, doubling; None: there were enough.

    `jitter` from 0 to 1 takes off up to a quarter, so that what failed together does not come back together.
    """
    if attempts >= MAX_ATTEMPTS:
        return None
    return timedelta(seconds=min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0 ** (attempts - 1)) * (1 - jitter / 4))


def _newest_of_each(unheard: Iterable[Unheard]) -> tuple[Unheard, ...]:
    newest: dict[UUID, Unheard] = {one.alert_id: one for one in unheard}
    return tuple(sorted(newest.values(), key=lambda one: one.revision))


def _free_at(area: Sequence[Unheard], repeated_at: Sequence[datetime], per_hour: int | None) -> datetime | None:
    if per_hour is None or len(repeated_at) < per_hour or not _only_repeats(area):
        return None
    return repeated_at[-per_hour] + _HOUR


def _only_repeats(area: Iterable[Unheard]) -> bool:
    return all(one.transition in REPEATS for one in area)


def _is_under_way(area: Iterable[Unheard]) -> bool:
    return any(one.is_under_way for one in area)


def _urgency(area: Sequence[Unheard]) -> tuple[int, datetime]:
    return -max(one.severity.rank for one in area), area[-1].due_at
