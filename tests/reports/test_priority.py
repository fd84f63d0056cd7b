"""What makes a report urgent, and that an operator can add it up."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hydroalert.domain.reports import Category, State
from hydroalert.domain.severity import Severity
from hydroalert.reports.priority import Priority, priority_of
from hydroalert.store.clusters import Membership
from hydroalert.store.queue import Around, Facts, Nearby, Picture, Record
from tests.reports.planting import NOON, report


def level(**changed: Any) -> Nearby:
    calm = Nearby("avon", "Avon", 120.0, "level", "m", NOON, 1.2, 1, 0.0, 3.0)
    return msgspec.structs.replace(calm, **changed)


def area(severity: Severity | None, *, blind: bool = False) -> Around:
    return Around("valley", blind, uuid4(), "flood" if severity else None, severity, severity)


SOUND = Picture(off_m=20.0, off_time=timedelta(minutes=-3), seen_before=False, repeated=False)
FAR = msgspec.structs.replace(SOUND, off_m=3_100.0)
SEEN_BEFORE = msgspec.structs.replace(SOUND, seen_before=True)

depths = st.one_of(st.none(), st.integers(0, 1000))
stations = st.builds(
    level,
    distance_m=st.floats(0, 5000),
    result=st.floats(-5, 20),
    quality=st.sampled_from([1, 2, 3]),
    change_per_h=st.one_of(st.none(), st.floats(-3, 3)),
    threshold=st.one_of(st.none(), st.floats(0, 10)),
    time=st.timedeltas(timedelta(), timedelta(hours=1)).map(lambda ago: NOON - ago),
    datastream=st.sampled_from(["level", "rainfall"]),
)
pictures = st.builds(
    Picture,
    off_m=st.one_of(st.none(), st.floats(0, 10_000)),
    off_time=st.one_of(st.none(), st.timedeltas(timedelta(days=-9), timedelta(days=9))),
    seen_before=st.booleans(),
    repeated=st.booleans(),
)
facts = st.builds(
    Facts,
    report=st.builds(
        report,
        category=st.sampled_from(Category),
        depth_cm=depths,
        state=st.sampled_from(State),
        seen_at=st.timedeltas(timedelta(minutes=-5), timedelta(days=7)).map(lambda ago: NOON - ago),
        submitted_at=st.timedeltas(timedelta(), timedelta(days=7)).map(lambda ago: NOON - ago),
        assigned_to=st.sampled_from([None, "ada"]),
        withdrawn_at=st.sampled_from([None, NOON]),
    ),
    cluster=st.one_of(st.none(), st.builds(Membership, id=st.uuids(), size=st.integers(3, 500))),
    stations=st.lists(stations, max_size=4).map(tuple),
    areas=st.lists(
        st.builds(area, st.one_of(st.none(), st.sampled_from(Severity)), blind=st.booleans()), max_size=3
    ).map(tuple),
    pictures=st.lists(pictures, max_size=5).map(tuple),
    record=st.builds(Record, st.integers(0, 50), st.integers(0, 50)),
)


some = settings(max_examples=20, deadline=None)


@some
@given(facts)
def test_the_number_is_the_sum_of_its_reasons_and_lies_between_0_and_100(known: Facts) -> None:
    priority = priority_of(known, NOON)
    assert priority.points == sum(reason.points for reason in priority.reasons)
    assert 0 <= priority.points <= 100
    assert all(reason.words for reason in priority.reasons)


@some
@given(facts, depths, st.integers(0, 500))
def test_deeper_water_never_counts_less(known: Facts, depth_cm: int | None, more_cm: int) -> None:
    assert points(known, depth_cm=depth_cm) <= points(known, depth_cm=(depth_cm or 0) + more_cm)


@some
@given(facts, st.integers(3, 100), st.integers(0, 100))
def test_a_larger_cluster_never_counts_less(known: Facts, size: int, more: int) -> None:
    alone, small, large = (
        msgspec.structs.replace(known, cluster=one)
        for one in (None, Membership(uuid4(), size), Membership(uuid4(), size + more))
    )
    assert points(alone) <= points(small) <= points(large)


@some
@given(facts, st.timedeltas(timedelta(), timedelta(hours=6)), st.timedeltas(timedelta(), timedelta(hours=6)))
def test_waiting_only_raises_it_while_it_is_fresh(known: Facts, one: timedelta, other: timedelta) -> None:
    known = msgspec.structs.replace(known, stations=())
    shorter, longer = sorted([one, other])
    assert waited(known, shorter) <= waited(known, longer)


@some
@given(facts, st.timedeltas(timedelta(hours=6), timedelta(days=7)), st.timedeltas(timedelta(), timedelta(days=2)))
def test_growing_stale_only_lowers_it(known: Facts, age: timedelta, more: timedelta) -> None:
    known = msgspec.structs.replace(known, stations=())
    assert waited(known, age) >= waited(known, age + more)


@some
@given(facts, pictures)
def test_a_doubt_about_a_picture_never_counts_for_the_report(known: Facts, picture: Picture) -> None:
    doubted = msgspec.structs.replace(picture, seen_before=True)
    with_it, with_doubt = (
        msgspec.structs.replace(known, pictures=(*known.pictures, one)) for one in (picture, doubted)
    )
    assert points(with_doubt) <= points(with_it)
    assert points(with_doubt) <= points(known)


@some
@given(facts, stations, st.floats(0, 5))
def test_higher_water_at_a_station_never_counts_less(known: Facts, near: Nearby, more: float) -> None:
    higher = msgspec.structs.replace(near, result=near.result + more)
    assert points(msgspec.structs.replace(known, stations=(near,))) <= points(
        msgspec.structs.replace(known, stations=(higher,))
    )


@some
@given(facts, st.integers(0, 50), st.integers(0, 50))
def test_a_verified_report_never_counts_against_its_reporter(known: Facts, verified: int, rejected: int) -> None:
    before = Record(max(verified, 3), rejected)
    better = Record(before.verified + 1, rejected)
    assert points(msgspec.structs.replace(known, record=before)) <= points(
        msgspec.structs.replace(known, record=better)
    )


def test_everything_that_speaks_for_a_report_adds_up_to_100() -> None:
    known = Facts(
        report(category=Category.PEOPLE_IN_DANGER, submitted_at=NOON - timedelta(hours=1)),
        Membership(uuid4(), 9),
        (level(result=3.5),),
        (area(Severity.EXTREME),),
        (SOUND, SOUND, SOUND),
        Record(12, 0),
    )
    assert [reason.points for reason in priority_of(known, NOON).reasons] == [35, 10, 12, 16, 12, 8, 7]


@pytest.mark.parametrize(
    ("known", "expected", "words"),
    [
        (Facts(report(depth_cm=95)), 27, "other, waist-deep water (95 cm)"),
        (
            Facts(report(category=Category.FLOODED_BUILDING, depth_cm=20)),
            15,
            "flooded building, ankle-deep water (20 cm)",
        ),
        (Facts(report(submitted_at=NOON - timedelta(minutes=25))), 4, "nobody has looked at it for 25 min"),
        (Facts(report(seen_at=NOON - timedelta(hours=9))), -6, "seen 9 h ago: the water may have moved on"),
        (Facts(report(), Membership(uuid4(), 4)), 8, "one of 4 reports, each within 300 m and 2 h of another"),
        (Facts(report()), 0, "no live water level within 5.0 km: not known, which is not calm"),
        (Facts(report(), stations=(level(),)), -10, "Avon, 120 m away: 1.20 m, not rising"),
        (
            Facts(report(), stations=(level(distance_m=2_140.0),)),
            0,
            "Avon, 2.1 km away: 1.20 m, not rising: too far away to tell",
        ),
        (
            Facts(report(seen_at=NOON - timedelta(hours=2)), stations=(level(),)),
            0,
            "Avon, 120 m away: 1.20 m, not rising now: that tells nothing of when it was seen",
        ),
        (
            Facts(report(), stations=(level(quality=3),)),
            0,
            "Avon, 120 m away: 1.20 m, which is in doubt or new: it tells nothing",
        ),
        (Facts(report(), stations=(level(result=3.1),)), 16, "Avon, 120 m away: 3.10 m, above the 3 m of a rule"),
        (Facts(report(), stations=(level(change_per_h=0.4),)), 10, "Avon, 120 m away: 1.20 m, rising 0.40 m/h"),
        (
            Facts(report(), stations=(level(result=3.1, quality=3),)),
            8,
            "Avon, 120 m away: 3.10 m, above the 3 m of a rule, a suspect value",
        ),
        (
            Facts(report(), stations=(level(datastream="rainfall", unit="mm"),)),
            0,
            "no live water level within 5.0 km: not known, which is not calm",
        ),
        (Facts(report()), 0, "lies in no alert area"),
        (Facts(report(), areas=(area(Severity.SEVERE),)), 9, "severe flood alert in valley"),
        (Facts(report(), areas=(area(None, blind=True),)), 5, "valley is blind: reports are all that is known there"),
        (Facts(report(), pictures=(SOUND, SOUND)), 6, "2 pictures that nothing speaks against"),
        (
            Facts(report(), pictures=(FAR, SEEN_BEFORE)),
            -8,
            "2 pictures in doubt: taken 3.1 km away, by its own metadata; seen before with another report",
        ),
        (Facts(report(), record=Record(1, 3)), -3, "of 4 other reports by the same person 1 were verified"),
        (Facts(report(assigned_to="ada")), -5, "assigned to ada"),
        (Facts(report(withdrawn_at=NOON)), -30, "withdrawn by who sent it"),
        (Facts(report(withdrawn_at=NOON)), 26, "never less than 0"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_each_scale_says_what_it_gives_and_why(known: Facts, expected: int, words: str) -> None:
    assert (expected, words) in [(reason.points, reason.words) for reason in priority_of(known, NOON).reasons]


def test_two_reports_before_this_one_say_nothing_of_who_sent_it() -> None:
    assert priority_of(Facts(report(), record=Record(2, 0)), NOON) == priority_of(Facts(report()), NOON)


def points(known: Facts, **changed: Any) -> int:
    report = msgspec.structs.replace(known.report, **changed)
    return priority_of(msgspec.structs.replace(known, report=report), NOON).points


def waited(known: Facts, time: timedelta) -> Priority | int:
    return points(known, state=State.SUBMITTED, seen_at=NOON - time, submitted_at=NOON - time)
