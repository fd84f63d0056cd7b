"""Laws of what is sent next, and when again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from hydroalert.alerting.notify.policy import MAX_ATTEMPTS, REPEATS, Limits, Step, next_steps, pause_after
from hydroalert.domain.alerts import Transition
from hydroalert.domain.severity import Severity
from hydroalert.store.claims import Unheard

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)

laws = settings(max_examples=50, deadline=None)


@st.composite
def unheards(draw: st.DrawFn) -> list[Unheard]:
    """What one subscription has not heard of in up to three areas, as the store gives it."""
    found: list[Unheard] = []
    for area_id in range(draw(st.integers(1, 3))):
        for revision in range(draw(st.integers(0, 5))):
            found.append(
                Unheard(
                    id=len(found) + 1,
                    subscription_id=1,
                    area_id=area_id,
                    drill=False,
                    revision=revision,
                    alert_id=UUID(int=10 * area_id + draw(st.integers(0, 1))),
                    transition=draw(st.sampled_from(Transition)),
                    severity=draw(st.sampled_from(Severity)),
                    state=draw(st.sampled_from(["waiting", "superseded", "dead"])),
                    due_at=NOW + SECOND * draw(st.integers(-2, 2)),
                    is_under_way=False,
                    was_tried=draw(st.booleans()),
                )
            )
    return found


def is_over_or_bad(unheard: Sequence[Unheard], area_id: int) -> bool:
    return any(one.transition not in REPEATS for one in unheard if one.area_id == area_id)


def waiting_in(unheard: Sequence[Unheard], area_id: int) -> list[Unheard]:
    return [one for one in unheard if one.area_id == area_id and one.state == "waiting"]


def sent(steps: Sequence[Step]) -> list[int]:
    return [step.send for step in steps if step.send is not None]


@laws
@given(unheards(), st.integers(0, 3))
def test_of_each_area_only_the_newest_that_waits_is_sent_and_all_before_it_is_superseded(
    unheard: list[Unheard], room: int
) -> None:
    areas = {one.id: one.area_id for one in unheard}
    steps = next_steps(unheard, Limits(room), NOW)
    assert len(sent(steps)) <= room
    for step in steps:
        if step.send is not None:
            waiting = [one.id for one in waiting_in(unheard, areas[step.send])]
            assert (*step.superseded, step.send) == tuple(waiting)


@laws
@given(unheards())
def test_what_is_sent_tells_the_newest_change_of_every_alert_that_was_not_heard(unheard: list[Unheard]) -> None:
    areas = {one.id: one.area_id for one in unheard}
    for step in next_steps(unheard, Limits(9), NOW):
        if step.send is not None:
            theirs = [one for one in unheard if one.area_id == areas[step.send]]
            newest = {one.alert_id: one for one in theirs}
            assert set(step.telling) == set(newest.values())
            assert step.telling[-1] == theirs[-1]


@laws
@given(unheards(), st.integers(0, 20))
def test_nothing_is_sent_beside_what_is_under_way(unheard: list[Unheard], which: int) -> None:
    changed = [
        Unheard(**{**{name: getattr(one, name) for name in one.__struct_fields__}, "is_under_way": one.id == which})
        for one in unheard
    ]
    areas = {one.id: one.area_id for one in unheard}
    assert areas.get(which, -1) not in {areas[one] for one in sent(next_steps(changed, Limits(9), NOW))}


@laws
@given(unheards(), st.integers(1, 3), st.integers(0, 5))
def test_a_rate_limit_holds_back_repeats_and_nothing_else(unheard: list[Unheard], per_hour: int, before: int) -> None:
    repeated_at = tuple(NOW - SECOND * number for number in reversed(range(before)))
    limited = next_steps(unheard, Limits(9, per_hour, repeated_at), NOW)
    areas = {one.id: one.area_id for one in unheard}
    unlimited = sent(next_steps(unheard, Limits(9), NOW))
    held = [step for step in limited if step.hold is not None]
    assert sorted([*sent(limited), *(step.hold for step in held if step.hold)]) == sorted(unlimited)
    for step in held:
        assert step.hold is not None
        assert not is_over_or_bad(unheard, areas[step.hold])
        assert step.until is not None
        assert NOW < step.until <= NOW + HOUR
    repeats = [one for one in sent(limited) if not is_over_or_bad(unheard, areas[one])]
    assert len(repeats) <= max(0, per_hour - before)


@laws
@given(unheards())
def test_where_there_is_room_for_one_the_worst_goes_first(unheard: list[Unheard]) -> None:
    areas = {one.id: one.area_id for one in unheard}

    def worst(delivery_id: int) -> int:
        return max(one.severity.rank for one in unheard if one.area_id == areas[delivery_id])

    everything = sent(next_steps(unheard, Limits(9), NOW))
    first = sent(next_steps(unheard, Limits(1), NOW))
    assert [worst(one) for one in first] == sorted(map(worst, everything))[-1:]


@laws
@given(unheards())
def test_nothing_is_sent_before_it_is_due(unheard: list[Unheard]) -> None:
    due = {one.id for one in unheard if one.due_at <= NOW}
    assert set(sent(next_steps(unheard, Limits(9), NOW))) <= due


@laws
@given(st.floats(0, 1), st.floats(0, 1))
def test_pauses_grow_until_enough_was_tried_and_jitter_takes_off_a_quarter_at_most(one: float, other: float) -> None:
    full = [pause_after(attempts, 0.0) for attempts in range(1, MAX_ATTEMPTS)]
    for attempts, longest in enumerate(full, 1):
        pause = pause_after(attempts, one)
        assert pause is not None
        assert longest is not None
        assert 0.75 * longest <= pause <= longest
    assert full == sorted(full, key=lambda pause: pause or HOUR)
    assert timedelta(hours=3) < sum((pause or HOUR for pause in full), timedelta()) < timedelta(hours=6)
    assert pause_after(MAX_ATTEMPTS, other) is None
