"""How many pictures may come in at once, altogether and from one address."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus

from hydroalert.api.parties import party_of
from hydroalert.api.problems import Refused

AT_ONCE = 128
"""Each takes some 100 KB of memory while it comes in, and what was sent of disk."""
OF_ONE = 6


class Seats:
    """Of one process. This machine itself may take all of them."""

    def __init__(self, at_once: int = AT_ONCE, of_one: int = OF_ONE) -> None:
        self._at_once = at_once
        self._of_one = of_one
        self._taken: Counter[str | None] = Counter()

    @contextlib.contextmanager
    def one_for(self, address: str) -> Iterator[None]:
        """A seat while a picture comes in and is read. Raises Refused: 503 when all are taken, 429 when this address
        has as many as it may."""
        party = party_of(address)
        if self._taken.total() >= self._at_once:
            raise _full()
        if party is not None and self._taken[party] >= self._of_one:
            raise _too_many()
        self._taken[party] += 1
        try:
            yield
        finally:
            self._taken[party] -= 1
            self._taken += Counter()  # forget who has none


def _full() -> Refused:
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "unavailable",
        "Many pictures are coming in at once: send this one again in half a minute.",
        headers={"Retry-After": "30"},
    )


def _too_many() -> Refused:
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        "too-many-requests",
        f"At most {OF_ONE} pictures at once: wait until one of them is answered.",
        headers={"Retry-After": "10"},
    )
