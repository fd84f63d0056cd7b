"""Quality gates: what a value in doubt may raise, and what confirms it."""

from hydroalert.domain.quality import Flag, Test
from hydroalert.domain.rules import ConfirmingReports
from hydroalert.judging.context import Witness
from tests.judging.area import EXTREME, HOUR, MINUTE, MODERATE, NOON, SEVERE, Area, ladder, rule_of, steps, stream_of

ALL = ladder(1.0, 2.0, 3.0, 4.0)
RAIN = stream_of("c", "rainfall", "mm")


def doubtful(*rules: object, **more: object) -> Area:
    """An area that has just heard one suspect value above every level."""
    area = Area(*(rules or (rule_of(*ALL),)), **more)
    area.flow(0.5)
    area.flow(4.5, quality=Flag.SUSPECT)
    return area


def test_a_suspect_value_alone_raises_at_most_moderate() -> None:
    area = doubtful()
    assert (area.public(), area.alert().level, area.alert().corroborated) == (MODERATE, 4, False)


def test_a_suspect_value_alone_raises_less_where_it_reaches_less() -> None:
    area = Area(rule_of(*ALL))
    area.flow(1.5, quality=Flag.SUSPECT)
    assert area.public() is ALL[0].severity


def test_a_second_suspect_value_in_a_row_confirms_the_first() -> None:
    area = doubtful()
    assert steps(area.flow(4.4, quality=Flag.SUSPECT)) == ["escalated"]
    assert area.public() is EXTREME


def test_a_good_value_confirms_it_and_it_stays_confirmed_while_it_is_held() -> None:
    area = doubtful(rule_of(*ladder(1.0, 2.0, 3.0, 4.0, hysteresis=0.5)))
    assert steps(area.flow(4.1)) == ["escalated"]
    assert steps(area.flow(3.6, quality=Flag.SUSPECT)) == [""]
    assert area.public() is EXTREME


def test_a_good_value_within_the_hysteresis_confirms_nothing() -> None:
    area = Area(rule_of(*ladder(1.0, 2.0, 3.0, 4.0, hysteresis=2.5)))
    area.flow(1.6)
    area.flow(4.5, quality=Flag.SUSPECT)
    assert area.public() is MODERATE


def test_one_suspect_fall_of_rain_is_not_confirmed_by_the_dry_readings_after_it() -> None:
    rule = rule_of(*ladder(1.0, 5.0, 20.0), datastream="rainfall", signal="accumulation", window_s=3600)
    area = Area(rule, hears=(stream_of("a", "rainfall", "mm"),))
    area.flow(60.0, quality=Flag.SUSPECT, datastream="rainfall")
    assert steps(area.flow(0.0, 0.0, datastream="rainfall")) == ["", ""]
    assert area.public() is MODERATE


def test_another_station_that_holds_a_level_of_the_hazard_confirms_it() -> None:
    area = doubtful(rule_of(*ALL), rule_of(*ALL, stations="b", code="other"))
    assert steps([area.hear(1.5, station="b")]) == ["escalated"]
    assert area.public() is EXTREME


def test_rain_at_a_station_that_informs_the_area_confirms_it() -> None:
    area = doubtful(hears=(RAIN,))
    assert area.hear(9.9, station="c", datastream="rainfall") == ()
    area.wait(MINUTE)
    assert steps([area.hear(0.1, station="c", datastream="rainfall")]) == ["escalated"]


def test_a_level_in_millimetres_is_no_rain() -> None:
    area = doubtful(hears=(stream_of("c", "level", "mm"),))
    assert area.hear(2500.0, station="c") == ()


def asking(count: int) -> Area:
    """An area with a suspect value, whose rule heeds so many severe reports of the last half hour."""
    return doubtful(rule_of(*ALL, confirming_reports=ConfirmingReports(count, 1800, SEVERE)))


def test_verified_reports_confirm_it_where_the_rule_asks_for_them() -> None:
    area = asking(count=2)
    area.witnesses = [Witness(area.now, SEVERE, "ann"), Witness(area.now, EXTREME, "ann")]
    assert area.judge() == ()
    area.witnesses += [Witness(area.now - MINUTE, EXTREME, "bob")]
    assert steps([area.judge()]) == ["escalated"]
    assert area.judgement.findings[0].words.endswith("(flagged suspect by none; corroborated by 2 verified reports)")


def test_reports_confirm_nothing_where_no_rule_asks_for_them_or_they_are_old_or_mild() -> None:
    area = doubtful()
    area.witnesses = [Witness(area.now, EXTREME, "ann")]
    assert area.judge() == ()
    area = asking(count=1)
    area.witnesses = [Witness(area.now - HOUR, EXTREME, "ann"), Witness(area.now, MODERATE, "bob")]
    assert area.judge() == ()


def test_reports_alone_raise_nothing() -> None:
    area = Area(rule_of(*ALL, confirming_reports=ConfirmingReports()))
    area.witnesses = [Witness(NOON, EXTREME, str(one)) for one in range(9)]
    assert area.hear(0.5) == ()


def test_an_operator_confirms_it() -> None:
    area = doubtful()
    (change,) = area.confirm()
    assert (change.transition.value, change.author, area.public()) == ("escalated", "ann", EXTREME)


def test_a_crest_above_the_span_of_its_sensor_counts_as_the_span_and_must_be_corroborated() -> None:
    area = Area(rule_of(*ALL), hears=(stream_of("a", sensor_max=4.0),))
    area.flow(0.5)
    area.flow(7.0, quality=Flag.FAIL, test=Test.SENSOR_SPAN)
    assert (area.public(), area.alert().causes[0].result) == (MODERATE, 4.0)
    area.flow(7.5, quality=Flag.FAIL, test=Test.SENSOR_SPAN)
    assert area.public() is EXTREME


def test_what_failed_or_is_missing_says_nothing() -> None:
    area = Area(rule_of(*ALL))
    assert steps(area.flow(4.5, quality=Flag.FAIL, test=Test.SPIKE)) == ["raised"]
    assert area.alert("blind") is not None
    area.flow(1.5)
    assert steps(area.flow(0.1, quality=Flag.MISSING)) == [""]
    assert area.public() is not None


def test_late_news_confirms_nothing() -> None:
    area = doubtful()
    area.look(area.now + 2 * HOUR)
    assert area.hear(4.5, at=NOON + 16 * MINUTE, quality=Flag.SUSPECT) == ()
    assert area.public() is MODERATE
