"""Laws of back-tests: the same judgement as live, and figures that mean what they say."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from lxml import etree

from hydroalert.domain.alerts import LATE_CROSSING, Transition
from hydroalert.domain.quality import Flag, QualitySettings
from hydroalert.domain.rules import Member, Rule, VersionedRule
from hydroalert.judging.backtest import Case, Course, back_test
from hydroalert.judging.context import Point
from hydroalert.judging.history import History
from hydroalert.judging.plot import draw
from hydroalert.judging.scoring import Score, score
from tests.judging.area import HOUR, MINOR, MODERATE, NOON, SEVERE, STEP_S, Area, ladder, rule_of, stream_of

STEP = timedelta(seconds=STEP_S)
UNTESTED = QualitySettings(off=("spike", "rise", "fall", "flat_line", "gap"))
FLOOD = (0.5, 0.8, 1.1, 1.6, 2.3, 3.1, 2.6, 1.4, 0.9, 0.6, 0.5, 0.5)


def history(*results: float, station: str = "a", received_at: Sequence[datetime] | None = None) -> History:
    """A value each quarter of an hour from noon; of which no test is made."""
    points = [Point(NOON + place * STEP, result) for place, result in enumerate(results)]
    return History(stream_of(station), UNTESTED, points, received_at)


def case(rule: Rule, *histories: History) -> Case:
    informing = frozenset(one.stream.station for one in histories)
    return Case("valley", (VersionedRule(1, rule),), informing, histories)


def replay(rule: Rule, *histories: History, steps: int | None = None) -> tuple[Case, Course]:
    """From noon to the last value, or for so many steps."""
    tested = case(rule, *histories)
    last = max(one.points[-1].time for one in histories)
    return tested, back_test(tested, NOON, last if steps is None else NOON + steps * STEP)


def scored(rule: Rule, *histories: History, steps: int | None = None) -> Score:
    return score(*replay(rule, *histories, steps=steps))


def told(course: Course) -> list[tuple[int, str]]:
    """The step and the transition of each revision."""
    return [((one.at - NOON) // STEP, one.change.transition.value) for one in course.revisions]


def test_a_replay_tells_what_live_judging_told_of_the_same_values() -> None:
    rule = rule_of(*ladder(1.0, 2.0, 3.0, hysteresis=0.2, hold_down_s=STEP_S))
    live, revisions = Area(rule), []
    for result in FLOOD:
        revisions += [(live.now, change) for change in live.hear(result, quality=Flag.NOT_EVALUATED)]
        until = live.now + STEP
        while live.judgement.judge_at < until:
            live.now = live.judgement.judge_at
            revisions += [(live.now, change) for change in live.judge()]
        live.now = until
    _, course = replay(rule, history(*FLOOD))
    assert [(one.at, one.change) for one in course.revisions] == revisions
    assert [one.number for one in course.revisions] == list(range(1, len(revisions) + 1))


def test_silence_is_found_after_the_last_value_though_nothing_arrives() -> None:
    _, course = replay(rule_of(*ladder(1.0)), history(0.5, 1.2), steps=20)
    assert told(course) == [(1, "raised"), (4, "blinded")]
    assert [alert.blind_since for alert in course.alerts] == [course.blind_since] == [NOON + 4 * STEP]


def test_what_was_measured_before_the_start_is_known_and_not_judged() -> None:
    tested = case(rule_of(*ladder(1.0)), history(1.2, 0.5, 0.5, 1.3))
    assert told(back_test(tested, NOON + STEP, NOON + 3 * STEP)) == [(3, "raised")]


def test_values_that_came_late_raise_in_the_order_of_arrival_only_what_operators_hear() -> None:
    rule, late = rule_of(*ladder(1.0)), NOON + 10 * HOUR
    _, in_time = replay(rule, history(0.5, 1.2))
    arrived = case(rule, history(0.5, 1.2, received_at=[NOON, late]))
    course = back_test(arrived, NOON, late)
    assert [one.change.alert.public_severity for one in in_time.revisions] == [MINOR]
    assert [one.change.alert.public_severity for one in course.revisions] == [None] * len(course.revisions)
    assert [one.at for one in course.revisions if one.change.alert.hazard == LATE_CROSSING] == [late]


def test_a_hold_makes_its_alert_as_late_as_it_holds() -> None:
    found = scored(rule_of(*ladder(1.0, hold_up_s=2 * STEP_S)), history(*FLOOD))
    assert [(one.crossing.at, one.crossing.crest, one.lead_s) for one in found.warned] == [
        (NOON + 2 * STEP, 3.1, -2.0 * STEP_S)
    ]


def test_a_gauge_upstream_gives_the_time_that_the_water_takes() -> None:
    rule = Rule("both", ladder(1.0, 2.0), (Member("a", "level"), Member("b", "level")))
    later = history(*([0.5] * 3), *FLOOD[:-3], station="b")
    found = scored(rule, history(*FLOOD), later)
    leads = {(one.crossing.station, one.crossing.severity): one.lead_s for one in found.warned}
    assert leads == {("a", MINOR): 0, ("a", MODERATE): 0, ("b", MINOR): 3 * STEP_S, ("b", MODERATE): 3 * STEP_S}


def test_a_crossing_that_is_over_before_its_hold_is_missed() -> None:
    found = scored(rule_of(*ladder(1.0, hold_up_count=2)), history(0.5, 1.2, 0.5, 0.5))
    assert (found.missed, found.false_alarms) == (1, ())


def test_an_alert_that_rests_on_a_value_found_suspect_is_a_false_alarm() -> None:
    jump = History(stream_of("a"), QualitySettings(rise_per_h=1.0), history(0.5, 0.5, 2.9, 0.5, 0.5).points)
    found = scored(rule_of(*ladder(1.0)), jump)
    assert [(one.severity, one.start) for one in found.false_alarms] == [(MINOR, NOON + 2 * STEP)]
    assert found.warned == ()


def test_a_level_that_comes_and_goes_flaps_and_with_hysteresis_does_not() -> None:
    restless = history(*([0.9, 1.1] * 6))
    plain, calm = scored(rule_of(*ladder(1.0)), restless), scored(rule_of(*ladder(1.0, hysteresis=0.2)), restless)
    assert (plain.flaps, plain.flaps_per_day) == (5, 5 / plain.days)
    assert calm.flaps == 0


def test_the_time_at_each_severity_adds_up_to_the_time_that_was_told() -> None:
    found = scored(rule_of(*ladder(1.0, 2.0, 3.0)), history(*FLOOD))
    assert found.at_severity_s == {MINOR: 3 * STEP_S, MODERATE: 2 * STEP_S, SEVERE: STEP_S}


def test_where_two_of_three_are_wanted_it_is_the_second_that_crosses() -> None:
    members = tuple(Member(station, "level") for station in "abc")
    flows = [history(*([0.5] * place), *FLOOD, station=station) for place, station in enumerate("abc")]
    found = scored(Rule("two", ladder(1.0), members, k=2), *flows)
    assert [(one.crossing.station, one.lead_s) for one in found.warned] == [("b", 0.0)]


def test_a_picture_is_the_same_each_time_and_runs_nothing() -> None:
    tested, course = replay(rule_of(*ladder(1.0, 2.0)), history(*FLOOD), steps=20)
    first, second = draw(tested, course), draw(tested, course)
    root = etree.fromstring(first)
    titles = ["".join(one.itertext()) for one in root.iter("{*}text")]
    assert first == second
    assert not list(root.iter("{*}script", "{*}a", "{*}image"))
    assert {"told: minor", "told: moderate", "minor: 1 m", "a/level: level, m"} <= set(titles)
    assert Transition.BLINDED not in {one.change.transition for one in course.revisions}
