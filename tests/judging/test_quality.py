"""The quality tests: what each says of a series, and that nothing else changes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from hydroalert.domain.quality import Flag, QualitySettings, Test, Verdict
from hydroalert.judging.context import Point
from hydroalert.judging.quality import judge_quality
from hydroalert.judging.quality_defaults import default_settings, effective

START = datetime(2026, 11, 1, tzinfo=UTC)
STEP = timedelta(minutes=15)
GOOD, OPEN = (Flag.GOOD, Test.ALL_PASSED), (Flag.NOT_EVALUATED, Test.NONE)
SPIKE = QualitySettings(spike_suspect=0.5, spike_fail=2.0)


def series(*results: float) -> list[Point]:
    """A point every quarter of an hour."""
    return [Point(START + place * STEP, result) for place, result in enumerate(results)]


def verdicts(points: Sequence[Point], settings: QualitySettings, since: datetime = START) -> list[Verdict]:
    """What is judged, without its times."""
    return [(flag, test) for _, flag, test in judge_quality(points, settings, since)]


@pytest.mark.parametrize(
    ("result", "verdict"),
    [(1.5, GOOD), (1.6, (Flag.SUSPECT, Test.SPIKE)), (0.4, (Flag.SUSPECT, Test.SPIKE)), (3.1, (Flag.FAIL, Test.SPIKE))],
)
def test_a_spike_is_what_stands_off_the_mean_of_its_neighbours(result: float, verdict: Verdict) -> None:
    assert verdicts(series(1, 1, result, 1, 1), SPIKE)[2] == verdict


def test_the_newest_is_not_evaluated_for_a_spike_until_the_next_has_come() -> None:
    points = series(1, 1, 3, 3)
    assert verdicts(points[:3], SPIKE)[-1] == OPEN
    assert verdicts(points, SPIKE, since=points[3].time) == [(Flag.SUSPECT, Test.SPIKE), OPEN]


@pytest.mark.parametrize(
    ("second", "verdict"),
    [(1.25, GOOD), (1.26, (Flag.SUSPECT, Test.RISE)), (0.5, GOOD), (0.49, (Flag.SUSPECT, Test.FALL))],
)
def test_rise_and_fall_have_a_limit_each(second: float, verdict: Verdict) -> None:
    assert verdicts(series(1, second), QualitySettings(rise_per_h=1, fall_per_h=2)) == [OPEN, verdict]


def test_a_small_change_within_seconds_is_no_torrent_and_a_great_one_is() -> None:
    settings = QualitySettings(rise_per_h=6)
    for result, verdict in ((1.5, GOOD), (1.51, (Flag.SUSPECT, Test.RISE))):
        points = [Point(START, 1.0), Point(START + timedelta(seconds=10), result)]
        assert verdicts(points, settings) == [OPEN, verdict]


def test_a_flat_line_is_suspect_after_one_time_and_fails_after_another() -> None:
    settings = QualitySettings(flat_suspect_s=1800, flat_fail_s=3600)
    flags = [flag for flag, _ in verdicts(series(2, 1, 1, 1, 1, 1, 2), settings)]
    assert flags == [1, 1, 1, 3, 3, 4, 1]


def test_a_value_within_the_tolerance_stays_flat_but_a_slow_drift_does_not() -> None:
    settings = QualitySettings(flat_suspect_s=1800, flat_tolerance=0.125)
    assert [flag for flag, _ in verdicts(series(1.0, 1.125, 1.0, 1.125), settings)] == [1, 1, 3, 3]
    assert [flag for flag, _ in verdicts(series(1.0, 1.125, 1.25, 1.375), settings)] == [1, 1, 1, 1]


def test_the_first_after_a_gap_is_not_evaluated_and_says_why() -> None:
    points = [*series(1, 1), *(Point(START + timedelta(hours=5) + place * STEP, 9.0) for place in range(3))]
    settings = QualitySettings(spike_suspect=0.5, rise_per_h=0.1, gap_s=3600)
    assert verdicts(points, settings) == [OPEN, OPEN, (Flag.NOT_EVALUATED, Test.GAP), GOOD, OPEN]


def test_the_worst_flag_counts_and_of_equals_the_first_test() -> None:
    settings = QualitySettings(operator_max=4, spike_suspect=1, spike_fail=9, rise_per_h=1)
    points = series(1, 5, 1, 20, 1)
    assert verdicts(points, settings)[1] == (Flag.SUSPECT, Test.OPERATOR_SPAN)
    assert verdicts(points, settings)[3] == (Flag.FAIL, Test.SPIKE)


def test_a_crest_beyond_the_span_fails_its_span_and_casts_no_doubt_on_what_stands_beside_it() -> None:
    settings = QualitySettings(sensor_max=6, spike_suspect=0.5, rise_per_h=10, fall_per_h=10)
    assert verdicts(series(5.8, 5.9, 99, 5.9, 5.8, 5.8), settings)[1:5] == [
        GOOD, (Flag.FAIL, Test.SENSOR_SPAN), GOOD, GOOD,
    ]  # fmt: skip


@pytest.mark.parametrize("test", [Test.SOURCE, Test.PERSON])
@pytest.mark.parametrize("quality", list(Flag))
def test_what_a_person_or_the_source_said_is_left_as_it_is(test: Test, quality: Flag) -> None:
    points = [*series(1, 1), Point(START + 2 * STEP, 99, quality, test), *series(1, 1, 1, 1)[3:]]
    assert START + 2 * STEP not in [time for time, *_ in judge_quality(points, SPIKE, START)]


@pytest.mark.parametrize(("quality", "doubted"), [(Flag.MISSING, False), (Flag.FAIL, False), (Flag.GOOD, True)])
def test_by_what_is_masked_or_failed_by_a_person_no_other_is_judged(quality: Flag, doubted: bool) -> None:
    points = series(1, 1, 5, 1, 1)
    points[2] = Point(points[2].time, 5, quality, Test.PERSON)
    said = verdicts(points, QualitySettings(fall_per_h=1))
    assert ((Flag.SUSPECT, Test.FALL) in said) is doubted


def test_a_late_point_has_its_neighbours_judged_anew() -> None:
    whole = series(1, 1, 4, 1, 1, 1)
    without = [*whole[:2], *whole[3:]]
    assert verdicts(without, SPIKE)[1:3] == [GOOD, GOOD]
    again = judge_quality(whole, SPIKE, whole[2].time)
    assert again[:3] == [
        (whole[1].time, Flag.SUSPECT, Test.SPIKE),
        (whole[2].time, Flag.FAIL, Test.SPIKE),
        (whole[3].time, Flag.SUSPECT, Test.SPIKE),
    ]


def test_where_nothing_is_tested_nothing_is_good() -> None:
    assert verdicts(series(1, 1, 1), QualitySettings(gap_s=3600)) == [OPEN] * 3


@pytest.mark.parametrize(("unit", "metres"), [("m", 1.0), ("cm", 0.01), ("mm", 0.001), ("ft", 0.3048)])
def test_the_defaults_of_a_level_are_the_same_in_every_unit(unit: str, metres: float) -> None:
    settings = default_settings("level", unit, 900)
    in_metres = [size * metres for size in (settings.spike_suspect, settings.rise_per_h, settings.fall_per_h) if size]
    assert in_metres == pytest.approx([0.5, 4.0, 4.0])


@pytest.mark.parametrize(("code", "unit"), [("rainfall", "mm"), ("flow", "m3/s"), ("temperature", "degC")])
def test_what_is_no_level_is_tested_only_as_it_is_told(code: str, unit: str) -> None:
    assert default_settings(code, unit, 900) == QualitySettings()
    told = QualitySettings(rise_per_h=7)
    assert effective(told, code, unit, 900) == told


def test_no_default_knows_a_span_or_fails_a_value() -> None:
    for interval_s in (10, 60, 300, 900, 3600, 86_400):
        settings = default_settings("level", "m", interval_s)
        assert not settings.has_span
        assert (settings.spike_fail, settings.flat_fail_s) == (None, None)


def test_what_is_set_goes_before_the_default_and_what_is_off_is_not_tested() -> None:
    settings = effective(QualitySettings(rise_per_h=1, off=("spike", "flat_line")), "level", "m", 900)
    assert (settings.rise_per_h, settings.fall_per_h) == (1, 4.0)
    assert (settings.spike_suspect, settings.flat_suspect_s) == (None, None)
