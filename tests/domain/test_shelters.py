"""Laws of shelters: no data is never room."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.shelters import (
    STALE_AFTER,
    Candidate,
    Count,
    Known,
    NewShelter,
    answer_of,
    caution_of,
    check_count,
    checked,
    free_places,
    in_order,
    is_stale,
    note_of,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SCHOOL = NewShelter("School 1", "School", 80.0, 7.0, 200)
COUNTED, UNCERTAIN = Candidate("counted", 900.0, "counted"), Candidate("uncertain", 500.0, "uncertain")


def test_nobody_counted_is_neither_room_nor_fresh_and_over_full_has_no_room() -> None:
    assert (free_places(200, None), free_places(200, 150), free_places(200, 260)) == (None, 50, 0)
    ages = (None, NOW, NOW - STALE_AFTER, NOW - STALE_AFTER - timedelta(seconds=1))
    assert [is_stale(at, NOW) for at in ages] == [True, False, False, True]


def test_who_may_be_full_ranks_as_if_twice_as_far_away() -> None:
    near = msgspec.structs.replace(UNCERTAIN, distance_m=400.0)
    assert in_order([UNCERTAIN, COUNTED], 5) == [COUNTED, UNCERTAIN]
    assert in_order([COUNTED, near], 5) == [near, COUNTED]
    assert in_order([UNCERTAIN, COUNTED], 1) == [COUNTED]


@pytest.mark.parametrize(
    ("known", "offered", "answer"),
    [
        (Known(2, 2), [UNCERTAIN, COUNTED], "found"),
        (Known(2, 2), [UNCERTAIN], "no-data"),
        (Known(2, 1), [], "none-with-room"),
        (Known(0, 0), [], "no-data"),
    ],
)
def test_only_a_count_lets_anybody_say_that_there_is_room(known: Known, offered: list[Candidate], answer: str) -> None:
    assert answer_of(known, offered) == answer
    note = note_of(answer_of(known, offered), known, offered, 3)
    assert "safe" not in note
    assert ("does not mean" in note) == (not known.shelters)


def test_what_is_not_known_of_alerts_is_said_and_what_lies_in_one_too() -> None:
    assert caution_of(alerts_are_known=True, some_inside_alert=False) == ""
    assert "no all-clear" in caution_of(alerts_are_known=False, some_inside_alert=False)
    assert "inside_alert" in caution_of(alerts_are_known=True, some_inside_alert=True)


@pytest.mark.parametrize(
    ("changed", "parameter"),
    [
        ({"code": "…"}, "code"),
        ({"code": "Nearest"}, "code"),
        ({"lon": 181.0}, "lon"),
        ({"lat": float("nan")}, "lon"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 10**9}, "capacity"),
        ({"name": " "}, "name"),
        ({"phone": "1\x002"}, "phone"),
        ({"remarks": "x" * 1001}, "remarks"),
    ],
)
def test_what_can_be_no_shelter_is_refused_with_what_is_wrong(changed: dict[str, object], parameter: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(msgspec.structs.replace(SCHOOL, **changed))
    assert refused.value.parameter == parameter
    assert checked(SCHOOL).code == "school-1"


def test_more_people_than_places_are_kept_and_fewer_than_none_or_those_to_come_are_not() -> None:
    ahead = timedelta(minutes=5)
    check_count(Count(10_000, NOW + ahead), NOW, ahead)
    for count in (Count(-1, NOW), Count(10**7, NOW), Count(1, NOW + ahead + timedelta(seconds=1))):
        with pytest.raises(InvalidInput):
            check_count(count, NOW, ahead)
