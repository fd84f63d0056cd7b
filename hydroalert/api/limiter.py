"""How often one address may send: a token bucket for each, forgotten when full again, bounded in number."""

from collections import OrderedDict

from hydroalert.api.parties import party_of


class Limiter:
    """`burst` requests at once, then `rate_per_s`, for each client address; in memory, for one process.

    At most `max_clients` addresses are remembered: beyond, the one that has been quiet for longest is forgotten.
    """

    def __init__(self, *, rate_per_s: float = 50.0, burst: float = 200.0, max_clients: int = 20_000) -> None:
        self._rate_per_s = rate_per_s
        self._burst = burst
        self._max_clients = max_clients
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str, now_s: float) -> float:
        """Take one token at `now_s` (monotonic seconds): 0, or the seconds until there is one."""
        name = party_of(client) or client
        tokens, since_s = self._buckets.pop(name, (self._burst, now_s))
        tokens = min(self._burst, tokens + (now_s - since_s) * self._rate_per_s)
        granted = tokens >= 1
        self._buckets[name] = (tokens - 1 if granted else tokens, now_s)
        if len(self._buckets) > self._max_clients:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1 - tokens) / self._rate_per_s
