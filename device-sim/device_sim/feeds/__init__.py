"""What a device has to say, and when. A feed does no I/O: the clock is an argument."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from firmware_protocol.senml import Reading


class Pack(NamedTuple):
    """The readings of one frame; ``kind`` and ``expected`` (the refusal it must meet) go to the ledger."""

    readings: Sequence[Reading]
    kind: str = "good"
    expected: str | None = None
    body: bytes | None = None  # packed already, SenML JSON


class Feed(Protocol):
    """The readings of one device, in the order in which it takes them."""

    def next_ms(self) -> int | None:
        """When the next pack is due, in Unix milliseconds, 0 for at once; None when nothing will come any more."""

    def take(self, now_ms: int, most: int) -> list[Pack]:
        """Up to ``most`` packs that are due; each of them becomes one frame."""
