"""How long a program that ended stays away."""

import pytest

from hydroalert.embedded.supervision import FIRST_DELAY_S, LONGEST_DELAY_S, STEADY_S, delay_after


def test_a_program_that_ends_again_and_again_waits_longer_each_time_and_never_longer_than_the_longest() -> None:
    delays_s = [0.0]
    for _ in range(8):
        delays_s.append(delay_after(0.0, delays_s[-1]))
    assert delays_s[1:] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0, 8.0]


@pytest.mark.parametrize("former_s", [FIRST_DELAY_S, 2.0, LONGEST_DELAY_S])
def test_a_program_that_was_steady_starts_again_as_soon_as_after_its_first_end(former_s: float) -> None:
    assert delay_after(STEADY_S, former_s) == FIRST_DELAY_S
    assert delay_after(STEADY_S - 0.001, former_s) > FIRST_DELAY_S
