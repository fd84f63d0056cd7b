"""What a spool is, whatever it is kept in (SPEC 4, 9)."""

from dataclasses import dataclass
from typing import Protocol

from firmware_protocol.receipts import Receipt

Numbers = tuple[int, int]
"""(boot, sequence): the name of a frame in receipts."""


@dataclass(frozen=True, slots=True)
class SpooledFrame:
    """A body that waits for its receipt. ``sendings`` says how often it was sent; times in Unix milliseconds."""

    boot: int
    sequence: int
    content: int
    body: bytes
    newest_reading_ms: int
    sendings: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one receipt pruned: ``stored`` frames, and ``refused`` ones with their refusal word."""

    stored: tuple[Numbers, ...] = ()
    refused: tuple[tuple[Numbers, str], ...] = ()

    def __len__(self) -> int:
        return len(self.stored) + len(self.refused)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Where a spool is full (SPEC 9.8): the first of the two that is reached. Bytes are those of bodies."""

    max_frames: int = 50_000
    max_bytes: int = 32 * 1024 * 1024


class SpoolStore(Protocol):
    """The spool and what must live with it: boot counter and MQTT client id (SPEC 1.5, 4.1)."""

    @property
    def boot(self) -> int:
        """The boot that new frames are numbered under."""

    @property
    def client_id(self) -> str:
        """32 hex digits, drawn once."""

    @property
    def dropped(self) -> int:
        """How many frames a full spool has given up since it was made (SPEC 9.8)."""

    def __len__(self) -> int:
        """How many frames wait for a receipt."""

    def next_numbers(self) -> Numbers:
        """Take the next sequence, for a frame that is not spooled: a status (SPEC 4.3, 6.8)."""

    def append(self, body: bytes, content: int, newest_reading_ms: int) -> Numbers:
        """Keep a body. When this returns, the body is as safe as the store is."""

    def due(self, now_ms: int, window_left: int) -> list[SpooledFrame]:
        """Up to ``window_left`` frames to send now, newest reading first (SPEC 9.6)."""

    def under_way(self, now_ms: int) -> int:
        """How many frames were sent within the last 60 s and have no receipt (SPEC 9.4)."""

    def mark_sent(self, numbers: Numbers, key_id: int, now_ms: int, next_send_ms: int) -> None:
        """Note a sending. Call it *before* publishing: a receipt may be quicker than the call after."""

    def settle(self, receipt: Receipt, key_id: int) -> Settlement:
        """Prune what the receipt answers, of what was sent signed with ``key_id`` (SPEC 7.5)."""

    def next_due_ms(self) -> int | None:
        """When the next frame may be due, 0 for at once; None where the spool is empty. For sleepers."""

    def close(self) -> None:
        """Let the store go."""
