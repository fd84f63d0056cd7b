"""What a batch of decisions amounts to, without a database."""

import pytest

from hydroalert.admission.batch import months_of, repeats_itself, rows_in_order, status_changes
from hydroalert.admission.decide import Arrival, Decision, Row
from hydroalert.domain.registry import Device
from hydroalert.wire.status import Status
from hydroalert.wire.topics import Channel

NOW_MS = 1_764_311_400_000
MINUTE_MS = 60_000
GAUGE = Device(1, "gauge-1", "avon", False, 1000, {}, {})


def rows(*given: tuple[int, int, float]) -> Decision:
    """One frame's rows."""
    made = tuple(Row(*one) for one in given)
    return Decision(Arrival("gauge-1", Channel.FRAMES, b""), GAUGE, None, True, None, rows=made)


def says(status: Status) -> Decision:
    """One status frame."""
    return Decision(Arrival("gauge-1", Channel.STATUS, b""), GAUGE, None, True, None, status=status)


def test_two_batches_with_the_same_rows_put_them_in_the_same_order() -> None:
    one, other = rows((2, 5, 1.0), (1, 9, 1.0)), rows((1, 3, 1.0))
    orders = [[row[:2] for row in rows_in_order(batch)] for batch in ([one, other], [other, one])]
    assert orders == [[(1, 3), (1, 9), (2, 5)]] * 2


def test_of_rows_with_one_key_the_first_to_arrive_comes_first() -> None:
    ordered = rows_in_order([rows((1, 5, 9.0)), rows((1, 5, 2.0))])
    assert [row[3] for row in ordered] == [9.0, 2.0]
    assert repeats_itself(ordered)


def test_of_two_values_for_one_time_in_one_frame_the_first_stays_first() -> None:
    assert [row[3] for row in rows_in_order([rows((1, 5, 9.0), (1, 5, 2.0), (1, 5, 4.0))])] == [9.0, 2.0, 4.0]


def test_rows_need_the_months_that_they_lie_in() -> None:
    ordered = rows_in_order([rows((1, 1_764_547_199_999, 1.0), (1, 1_764_547_200_000, 1.0))])
    assert months_of(ordered) == {(2025, 11), (2025, 12)}


@pytest.mark.parametrize(("skew_ms", "counts"), [(-300_001, 0), (-300_000, 1), (300_000, 1), (300_001, 0)])
def test_an_online_counts_within_five_minutes_of_the_platforms_clock(skew_ms: int, counts: int) -> None:
    changes = status_changes([says(Status("online", 1, NOW_MS + skew_ms))], NOW_MS, clock_is_good=True)
    assert len(changes) == counts


@pytest.mark.parametrize("at_ms", [0, NOW_MS - 60 * MINUTE_MS, 2**53 - 1])
def test_an_offline_counts_whatever_its_time_is(at_ms: int) -> None:
    assert len(status_changes([says(Status("offline", 1, at_ms))], NOW_MS, clock_is_good=True)) == 1


def test_a_clock_in_doubt_refuses_no_online() -> None:
    assert len(status_changes([says(Status("online", 1, 2**53 - 1))], NOW_MS, clock_is_good=False)) == 1


def test_firmware_is_kept_printable_and_short() -> None:
    said = Status("offline", 1, 0, "1.2\0\ud800" + "x" * 100)
    (change,) = status_changes([says(said)], NOW_MS, clock_is_good=True)
    assert change.firmware == "1.2??" + "x" * 59
