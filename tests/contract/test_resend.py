"""The laws of resending (SPEC 9.4, 9.5)."""

import random

import pytest
from firmware_protocol.resend import ResendSchedule, window_left
from hypothesis import given
from hypothesis import strategies as st

MINUTE_MS = 60_000


class _Dice(random.Random):
    """Dice that always show the same."""

    def __init__(self, shown: float) -> None:
        super().__init__(0)
        self._shown = shown

    def random(self) -> float:
        return self._shown


def test_the_first_wait_is_a_minute_and_each_next_twice_as_long_up_to_an_hour() -> None:
    waits = [ResendSchedule().wait_ms(sendings, _Dice(0.0)) for sendings in range(1, 10)]
    assert waits == [minutes * MINUTE_MS for minutes in (1, 2, 4, 8, 16, 32, 60, 60, 60)]


@given(st.integers(1, 10_000), st.integers())
def test_jitter_only_lengthens_and_by_a_quarter_at_most(sendings: int, seed: int) -> None:
    plain = ResendSchedule().wait_ms(sendings, _Dice(0.0))
    waited = ResendSchedule().wait_ms(sendings, random.Random(seed))
    assert plain <= waited <= plain * 1.25
    assert waited <= ResendSchedule().longest_ms


def test_a_fleet_does_not_return_in_step() -> None:
    waits = {ResendSchedule().wait_ms(1, random.Random(seed)) for seed in range(1000)}
    assert len(waits) > 900


@pytest.mark.parametrize(("under_way", "left"), [(0, 16), (15, 1), (16, 0), (17, 0)])
def test_never_more_than_the_window_is_under_way(under_way: int, left: int) -> None:
    assert window_left(16, under_way) == left
