"""When a frame without a receipt is sent again (SPEC 9.4, 9.5, 9.9). Pure: the clock and the dice are arguments."""

from dataclasses import dataclass
from random import Random

DEFAULT_WINDOW = 16
UNDER_WAY_MS = 60_000


@dataclass(frozen=True, slots=True)
class ResendSchedule:
    """First after ``first_ms``, each wait doubled up to ``most_ms``, each lengthened by up to ``jitter`` of itself."""

    first_ms: int = 60_000
    most_ms: int = 3_600_000
    jitter: float = 0.25

    @property
    def longest_ms(self) -> int:
        """No wait is longer; a time further ahead is a clock that was set back (SPEC 9.9)."""
        return int(self.most_ms * (1 + self.jitter))

    def wait_ms(self, sendings: int, rng: Random) -> int:
        """How long to wait for a receipt after the ``sendings``-th sending, counted from 1."""
        doublings = min(sendings - 1, 32)  # 2**32 s passes any bound; a larger shift would only cost
        plain_ms = min(self.first_ms << doublings, self.most_ms)
        return int(plain_ms * (1 + self.jitter * rng.random()))


def window_left(window: int, under_way: int) -> int:
    """How many frames may be sent now (SPEC 9.4)."""
    return max(0, window - under_way)
