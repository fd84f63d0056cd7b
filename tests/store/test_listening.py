"""Whoever listens learns in one way that the database does not: `Unavailable`, which all of them wait out."""

import pytest

from hydroalert.domain.errors import Unavailable
from hydroalert.store.listening import listening


async def test_a_database_that_lets_us_in_and_then_does_not_listen_is_unavailable(database_url: str) -> None:
    no_name = ""  # refused at LISTEN, as by a server that dies between the two
    with pytest.raises(Unavailable):
        async with listening(database_url, [no_name]):
            raise AssertionError("it listens")
