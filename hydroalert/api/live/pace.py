"""How often one address may ask for all that stands: by joining, and over WebSocket by wanting something else."""

import math
import time
from collections.abc import Callable
from http import HTTPStatus

from hydroalert.api.limiter import Limiter
from hydroalert.api.parties import party_of
from hydroalert.api.problems import Refused

RATE_PER_S, BURST = 5.0, 50.0
"""Each look costs up to some ten milliseconds and megabytes: so one address takes no more than a part of a core."""


class Pace:
    """Joins and changes together. As with seats this machine itself is not held back: it may be a proxy."""

    def __init__(
        self,
        rate_per_s: float = RATE_PER_S,
        burst: float = BURST,
        clock: Callable[[], float] = time.monotonic,
        party: Callable[[str], str | None] = party_of,
    ) -> None:
        self._limiter = Limiter(rate_per_s=rate_per_s, burst=burst)
        self._clock = clock
        self._party = party

    def wait_s(self, address: str) -> int:
        """0: go ahead, that was counted; else the whole seconds until it may."""
        party = self._party(address)
        return 0 if party is None else math.ceil(self._limiter.wait_s(party, self._clock()))

    def check(self, address: str) -> None:
        """Raises Refused."""
        wait_s = self.wait_s(address)
        if wait_s:
            raise Refused(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too-many-requests",
                f"your address begins to follow too often: try again in {wait_s} s, or keep the connection",
                headers={"Retry-After": str(wait_s)},
            )
