"""How often one client may ask: named rates that stand beside the guards, counted by all api processes together."""

import asyncio
import math
import time
from collections import OrderedDict
from datetime import timedelta
from typing import Literal

import msgspec

from hydroalert.api.parties import party_of
from hydroalert.domain.actors import Caller
from hydroalert.domain.errors import Unavailable
from hydroalert.store import TRANSIENT, Pool
from hydroalert.store.rates import Taken, prune_rates, take

_PRUNED_EVERY_S = 60.0
_MOST_REMEMBERED = 20_000


class Rate(msgspec.Struct, frozen=True):
    """`quota` at once, then as many in each `window_s`, by account where there is one (`by="caller"`) or by address.

    `closed`: what is refused while nobody can count; else it is let through.
    """

    name: str
    quota: int
    window_s: int
    by: Literal["caller", "address"] = "caller"
    closed: bool = False

    @property
    def interval_s(self) -> float:
        """After which one more is granted."""
        return self.window_s / self.quota

    def __str__(self) -> str:
        return f"{self.name}: {self.quota} in {self.window_s} s by {self.by}"


READING = Rate("reading", 600, 60)
"""What is public. An office, a school, a phone network have one address each."""
WORKING = Rate("working", 600, 60)
"""What needs a login: people at their work, machines that follow."""
UNPROVEN = Rate("unproven", 60, 60, by="address")
"""Tokens that prove nothing: who guesses, and programs that do not notice."""
LOGIN = Rate("login", 10, 60, by="address", closed=True)
REFRESH = Rate("refresh", 30, 60, by="address", closed=True)
PROVING = Rate("proving", 10, 60, closed=True)
"""Passwords and codes of who is logged in: who found a screen unlocked guesses no further."""
REPORTING = Rate("reporting", 300, 600, by="address")
"""In a flood thousands of telephones share the few addresses of their network: none of them may be turned away."""
EVIDENCE = Rate("evidence", 1_500, 600, by="address")
"""Five pictures to each report."""
TRACKING = Rate("tracking", 600, 600, by="address")
"""Tracking codes hold 100 bits: nobody guesses one at any rate."""


class Standing(msgspec.Struct, frozen=True):
    """Where a client stands: `remaining` at once, and one more after `wait_s`."""

    granted: bool
    remaining: int
    wait_s: float

    def headers(self, rate: Rate) -> dict[str, str]:
        """The fields RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers); `t`: until `r` grows."""
        wait_s = math.ceil(self.wait_s)
        return {
            "RateLimit-Policy": f'"{rate.name}";q={rate.quota};w={rate.window_s}',
            "RateLimit": f'"{rate.name}";r={self.remaining};t={wait_s}',
        }


def standing_of(rate: Rate, taken: Taken) -> Standing:
    """From how far ahead of its time a bucket is."""
    ahead_s = rate.interval_s if taken.ahead is None else max(taken.ahead.total_seconds(), 0.0)
    room_s = rate.window_s - ahead_s
    remaining = max(int(room_s / rate.interval_s), 0) if taken.granted else 0
    return Standing(taken.granted, remaining, max((remaining + 1) * rate.interval_s - room_s, 0.0))


def bucket_of(rate: Rate, caller: Caller | None, address: str) -> str:
    """Whose count it is: an account's, wherever it asks from, else an address's (of IPv6 a customer's network)."""
    if rate.by == "caller" and caller is not None and caller.actor.account_id is not None:
        return f"{rate.name} account {caller.actor.account_id}"
    return f"{rate.name} {party_of(address) or address}"


class Rates:
    """The counts, and who was refused until when: who comes back too early is not counted again."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._refused_until_s: OrderedDict[str, float] = OrderedDict()

    async def ask(self, rate: Rate, bucket: str) -> Standing | None:
        """Take one; None where nobody can count now. Raises Unavailable where that must not be."""
        wait_s = self._refused_until_s.get(bucket, 0.0) - time.monotonic()
        if wait_s > 0:
            return Standing(granted=False, remaining=0, wait_s=wait_s)
        try:
            interval, window = timedelta(seconds=rate.interval_s), timedelta(seconds=rate.window_s)
            standing = standing_of(rate, await take(self._pool, bucket, interval, window))
        except Unavailable:
            if rate.closed:
                raise
            return None
        if not standing.granted:
            self._remember(bucket, standing.wait_s)
        return standing

    def _remember(self, bucket: str, wait_s: float) -> None:
        self._refused_until_s[bucket] = time.monotonic() + wait_s
        self._refused_until_s.move_to_end(bucket)
        if len(self._refused_until_s) > _MOST_REMEMBERED:
            self._refused_until_s.popitem(last=False)

    async def run(self) -> None:
        """Forget, every minute, what counts no more; until cancelled."""
        while True:
            await asyncio.sleep(_PRUNED_EVERY_S)
            now_s = time.monotonic()
            for bucket in [one for one, until_s in self._refused_until_s.items() if until_s < now_s]:
                del self._refused_until_s[bucket]
            try:
                await prune_rates(self._pool)
            except TRANSIENT:
                continue
