"""Ladders: when a level counts, and when it is left."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hydroalert.domain.rules import Level, Member, Rule
from hydroalert.domain.severity import Severity
from hydroalert.judging.context import Stream
from tests.judging.area import (
    EXTREME,
    HOUR,
    MINOR,
    MINUTE,
    NOON,
    SEVERE,
    STEP_S,
    Area,
    ladder,
    rule_of,
    steps,
    stream_of,
)

ABC = ladder(1.0, 2.0, 3.0)


def test_water_that_climbs_a_ladder_and_falls_makes_one_revision_a_level() -> None:
    area = Area(rule_of(*ABC))
    changes = area.flow(0.5, 1.2, 2.2, 3.2, 2.5, 1.5, 0.5)
    assert steps(changes) == ["", "raised", "escalated", "escalated", "lowered", "lowered", "cleared"]
    assert all(change.public for some in changes for change in some)


def test_a_jump_reaches_the_highest_level_in_one_revision_and_falls_past_all() -> None:
    area = Area(rule_of(*ABC))
    assert steps(area.flow(0.5, 9.0)) == ["", "raised"]
    assert area.public() is SEVERE
    assert steps(area.flow(0.1)) == ["cleared"]


def test_a_threshold_belongs_to_its_level() -> None:
    area = Area(rule_of(*ABC))
    assert steps(area.flow(0.999, 1.0, 2.0)) == ["", "raised", "escalated"]


@pytest.mark.parametrize(("threshold", "hysteresis", "edge"), [(3.0, 0.5, 2.5), (0.8, 0.1, 0.7), (0.3, 0.1, 0.2)])
def test_a_level_is_held_exactly_on_the_edge_of_its_hysteresis(
    threshold: float, hysteresis: float, edge: float
) -> None:
    area = Area(rule_of(*ladder(threshold, hysteresis=hysteresis)))
    assert steps(area.flow(threshold, edge, edge - 0.001)) == ["raised", "", "cleared"]


def test_a_level_that_wants_three_observations_in_a_row_counts_at_the_third() -> None:
    area = Area(rule_of(*ladder(1.0, hold_up_count=3)))
    assert steps(area.flow(1.1, 1.2, 0.9, 1.1, 1.2, 1.3)) == ["", "", "", "", "", "raised"]


def test_observations_far_apart_are_counted_as_well() -> None:
    area = Area(rule_of(*ladder(1.0, hold_up_count=30)))
    area.flow(*[1.1] * 29)
    assert steps(area.flow(1.1)) == ["raised"]


def test_a_level_that_wants_half_an_hour_counts_after_half_an_hour_of_phenomenon_time() -> None:
    area = Area(rule_of(*ladder(1.0, hold_up_s=1800)))
    assert steps(area.flow(1.1, 1.2, 1.3)) == ["", "", "raised"]
    area = Area(rule_of(*ladder(1.0, hold_up_s=1800)))
    area.flow(1.1)
    area.wait(40 * MINUTE)
    assert area.judge() == (), "time alone is no observation"


def test_a_level_is_left_after_staying_below_it_for_its_hold_down() -> None:
    area = Area(rule_of(*ladder(1.0, hold_down_s=1800)))
    assert steps(area.flow(1.1, 0.9, 1.0, 0.9, 0.9, 0.9)) == ["raised", "", "", "", "", "cleared"]


def test_a_member_may_have_thresholds_of_its_own() -> None:
    area = Area(Rule("level", ABC, (Member("a", "level"), Member("b", "level", (11.0, 12.0, 13.0)))))
    assert area.hear(9.0, station="b") == ()
    assert steps([area.hear(12.5, station="b", at=NOON + MINUTE)]) == ["raised"]


def test_two_of_three_stations_must_reach_a_level() -> None:
    area = Area(rule_of(*ABC, stations="abc", k=2))
    assert area.hear(9.0, station="a") == ()
    assert steps([area.hear(2.5, station="b")]) == ["raised"]
    assert area.alert().level_name == "moderate", "the level that two of them hold"
    assert {cause.station for cause in area.alert().causes} == {"a", "b"}
    assert steps([area.hear(1.2, station="c"), *area.flow(0.5, station="b")]) == ["", "lowered"]


def test_a_rise_is_counted_in_units_an_hour_over_its_window() -> None:
    area = Area(rule_of(*ladder(1.0), signal="rise", window_s=3600))
    assert steps(area.flow(5.0, 5.2, 5.45, 5.75)) == ["", "", "", "raised"]
    assert area.alert().causes[0].unit == "m/h"
    assert area.alert().causes[0].result == pytest.approx(1.0)


def test_two_readings_of_one_moment_are_no_flood() -> None:
    area = Area(rule_of(*ladder(1.0), signal="rise"))
    area.hear(5.0)
    area.wait(timedelta(seconds=1))
    assert area.hear(5.02) == ()


def test_a_reading_after_a_gap_says_nothing_of_a_rise() -> None:
    area = Area(rule_of(*ladder(1.0), signal="rise", window_s=3600))
    area.take(5.0, at=NOON - 2 * HOUR)
    area.take(8.0, at=NOON - 2 * HOUR + 15 * MINUTE)
    changes = area.hear(5.0)
    assert [change.alert.hazard for change in changes] == ["late-crossing"]


def rain(*levels: Level, **more: object) -> Area:
    rule = rule_of(*levels, datastream="rainfall", signal="accumulation", window_s=3600, **more)
    return Area(rule, hears=(stream_of("a", "rainfall", "mm"),))


def test_rain_is_summed_over_the_window_without_the_moment_it_begins_at() -> None:
    area = rain(*ladder(4.0))
    assert steps(area.flow(1.0, 1.0, 1.0, 1.0, datastream="rainfall")) == ["", "", "", "raised"]
    assert steps(area.flow(0.9, datastream="rainfall")) == ["cleared"]


def test_the_same_rain_never_flaps_whatever_fell_before() -> None:
    area = rain(*ladder(0.4))
    area.flow(0.1, 0.7, 0.3, 0.0, datastream="rainfall")
    assert steps(area.flow(*[0.1] * 40, datastream="rainfall"))[4:] == [""] * 36
    assert area.public() is MINOR


def test_silence_does_not_shrink_what_has_fallen() -> None:
    area = rain(*ladder(4.0))
    area.streams["a", "rainfall"] = Stream("a", "rainfall", "mm", interval_s=60, live_for_s=3600)
    area.flow(1.0, 1.0, 1.0, 1.0, datastream="rainfall")
    assert [change.transition.value for change in area.look(area.now + 6 * HOUR)] == ["blinded"]


@st.composite
def floods(draw: st.DrawFn) -> tuple[tuple[Level, ...], list[float]]:
    hysteresis = draw(st.sampled_from([0.0, 0.5, 1.0]))
    holds = {"hold_up_count": draw(st.integers(1, 3)), "hold_down_s": draw(st.sampled_from([0, STEP_S, 2 * STEP_S]))}
    values = draw(st.lists(st.integers(0, 16).map(lambda value: value / 4), min_size=1, max_size=20))
    return ladder(1.0, 2.0, 3.0, 4.0, hysteresis=hysteresis, **holds), values


@settings(max_examples=60, deadline=None)
@given(floods())
def test_a_ladder_is_what_a_machine_that_counts_on_every_rung_holds(
    flood: tuple[tuple[Level, ...], list[float]],
) -> None:
    levels, values = flood
    area = Area(rule_of(*levels))
    above, below, held = [0] * 4, [0] * 4, 0
    for value in values:
        area.flow(value)
        for rung, level in enumerate(levels):
            above[rung] = above[rung] + 1 if value >= level.threshold else 0
            below[rung] = below[rung] + 1 if value < level.threshold - level.hysteresis else 0
        reached = max((rung + 1 for rung in range(4) if above[rung] >= levels[rung].hold_up_count), default=0)
        while held > reached and below[held - 1] > levels[held - 1].hold_down_s // STEP_S:
            held -= 1
        held = max(held, reached)
        assert area.memory.held.get("level/a/level", 0) == held
        assert area.public() == (list(Severity)[held - 1] if held else None)


def test_the_worst_of_two_rules_decides_and_both_give_their_causes() -> None:
    area = Area(rule_of(*ABC), rule_of(*ladder(1.0, 2.0, 3.0, 4.0), stations="b", code="other"))
    area.hear(1.5)
    assert steps([area.hear(4.5, station="b")]) == ["escalated"]
    assert area.public() is EXTREME
    assert [cause.station for cause in area.alert().causes] == ["b", "a"]
