"""How many may follow: in all, and from one address, so that nobody takes the others' place."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from hydroalert.api.parties import party_of
from hydroalert.api.problems import Refused

MAX_FOLLOWERS = 6_000
MAX_PER_ADDRESS = 200
"""A household or an office has one address, a phone network a few: neither needs more."""

_RETRY_AFTER = {"Retry-After": "30"}


class Seats:
    """Those that are taken. This machine itself is not bounded for itself: a proxy here stands for the whole world."""

    def __init__(self, total: int = MAX_FOLLOWERS, per_address: int = MAX_PER_ADDRESS) -> None:
        self._total = total
        self._per_address = per_address
        self._taken: Counter[str] = Counter()

    @contextmanager
    def seat(self, address: str) -> Iterator[None]:
        """Hold a seat for the time of the block. Raises Refused."""
        party = party_of(address)
        if self._taken.total() >= self._total:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "unavailable",
                "every seat is taken: try again later",
                headers=_RETRY_AFTER,
            )
        if party is not None and self._taken[party] >= self._per_address:
            raise Refused(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too-many-requests",
                f"{self._per_address} connections of your address follow already: close one",
                headers=_RETRY_AFTER,
            )
        self._taken[party or ""] += 1
        try:
            yield
        finally:
            self._taken[party or ""] -= 1
            self._taken += Counter()
