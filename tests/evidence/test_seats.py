"""Laws of seats: no more pictures come in at once than there are seats, and one address cannot take them all."""

import contextlib

import pytest

from hydroalert.api.evidence.seats import Seats
from hydroalert.api.problems import Refused


def refused(seats: Seats, address: str) -> tuple[int, str] | None:
    """The status and the patience that who comes from there is answered with; None where there is a seat."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(seats.one_for(address))
        except Refused as error:
            return error.problem.status, error.headers["Retry-After"]
    return None


def test_one_address_has_so_many_seats_and_all_together_so_many_and_each_comes_free_again() -> None:
    seats = Seats(at_once=3, of_one=2)
    with seats.one_for("192.0.2.1"), seats.one_for("192.0.2.1"):
        assert refused(seats, "192.0.2.1") == (429, "10")
        assert refused(seats, "192.0.2.2") is None
        with seats.one_for("127.0.0.1"):
            assert refused(seats, "192.0.2.2") == (503, "30")
    with pytest.raises(RuntimeError), seats.one_for("2001:db8::1"):
        raise RuntimeError
    assert refused(seats, "2001:db8::2") is None
    assert not seats._taken


def test_this_machine_may_take_all_seats_and_a_whole_ipv6_network_is_one_address() -> None:
    seats = Seats(at_once=4, of_one=1)
    with seats.one_for("127.0.0.1"), seats.one_for("127.0.0.1"), seats.one_for("2001:db8::1"):
        assert refused(seats, "2001:db8::2") == (429, "10")
        assert refused(seats, "2001:db8:0:1::2") is None
