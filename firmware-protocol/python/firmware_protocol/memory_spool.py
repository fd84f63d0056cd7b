"""A spool in memory, for thousands of simulated devices in one process. It forgets when the process ends."""

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from firmware_protocol.frames import LAST_WILL_SEQUENCE
from firmware_protocol.receipts import MAX_BOOT, Receipt
from firmware_protocol.resend import UNDER_WAY_MS, ResendSchedule
from firmware_protocol.store import Bounds, Numbers, Settlement, SpooledFrame


@dataclass(slots=True)
class _Kept:
    content: int
    body: bytes
    newest_reading_ms: int
    sendings: int = 0
    sent_ms: int = 0
    next_send_ms: int = 0
    key_ids: frozenset[int] = frozenset()
    is_waiting: bool = False


class MemorySpool:
    """The interface and the rules of :class:`firmware_protocol.spool.Spool`, without a file.

    ``boot`` and ``client_id`` may be given, as what a device remembered from before; else they are drawn.
    """

    def __init__(
        self,
        *,
        bounds: Bounds = Bounds(),  # noqa: B008 - immutable
        schedule: ResendSchedule = ResendSchedule(),  # noqa: B008 - immutable
        random_bits: Callable[[int], int] = secrets.randbits,
        boot: int | None = None,
        client_id: str | None = None,
    ) -> None:
        self._bounds = bounds
        self._longest_ms = schedule.longest_ms
        self.boot = random_bits(32) if boot is None else boot
        self.client_id = f"{random_bits(128):032x}" if client_id is None else client_id
        self.dropped = 0
        self._sequence = 0
        self._bytes = 0
        self._latest_now_ms = 0
        self._kept: dict[Numbers, _Kept] = {}
        # Heaps hold what was once true; an entry that no longer is, is passed over when it comes up.
        self._ready: list[tuple[int, Numbers]] = []
        self._waiting: list[tuple[int, Numbers]] = []
        self._sent: deque[tuple[int, Numbers]] = deque()
        self._under_way: dict[Numbers, int] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def reboot(self) -> None:
        """What a restart does to a durable spool: the next boot, the same frames (SPEC 4.1, 4.4)."""
        self.boot = (self.boot + 1) & MAX_BOOT
        self._sequence = 0

    def next_numbers(self) -> Numbers:
        """Take the next sequence; at the last will's number a new boot begins (SPEC 4.5)."""
        if self._sequence == LAST_WILL_SEQUENCE:
            self.reboot()
        numbers = (self.boot, self._sequence)
        self._sequence += 1
        return numbers

    def append(self, body: bytes, content: int, newest_reading_ms: int) -> Numbers:
        """Keep a body, giving up others where the spool is full (SPEC 9.8)."""
        while self._kept and not self._fits(len(body)):
            self._forget(self._least_worth())
            self.dropped += 1
        numbers = self.next_numbers()
        self._kept[numbers] = _Kept(content, body, newest_reading_ms)
        self._bytes += len(body)
        heappush(self._ready, (-newest_reading_ms, numbers))
        return numbers

    def due(self, now_ms: int, window_left: int) -> list[SpooledFrame]:
        """Up to ``window_left`` frames to send now, newest reading first (SPEC 9.6, 9.9)."""
        self._wake(now_ms)
        chosen: list[tuple[int, Numbers]] = []
        while self._ready and len(chosen) < window_left:
            entry = heappop(self._ready)
            kept = self._kept.get(entry[1])
            if kept is None or kept.is_waiting or entry in chosen[-1:]:
                continue
            if self._is_due(kept, now_ms):
                chosen.append(entry)
            else:
                self._wait(entry[1], kept)
        for entry in chosen:
            heappush(self._ready, entry)  # until mark_sent says that it went out
        return [self._frame(numbers) for _, numbers in chosen]

    def under_way(self, now_ms: int) -> int:
        """How many frames were sent within the last 60 s and have no receipt (SPEC 9.4)."""
        over_ms = now_ms - UNDER_WAY_MS
        while self._sent and self._sent[0][0] <= over_ms:
            sent_ms, numbers = self._sent.popleft()
            if self._under_way.get(numbers) == sent_ms:
                del self._under_way[numbers]
        # Hardly more than a window of them; one by one, because a clock that was set back leaves some in the future.
        return sum(over_ms < sent_ms <= now_ms for sent_ms in self._under_way.values())

    def mark_sent(self, numbers: Numbers, key_id: int, now_ms: int, next_send_ms: int) -> None:
        """Note a sending, before it happens."""
        kept = self._kept[numbers]
        kept.sendings += 1
        kept.sent_ms, kept.next_send_ms = now_ms, next_send_ms
        kept.key_ids |= {key_id}
        self._wait(numbers, kept)
        self._sent.append((now_ms, numbers))
        self._under_way[numbers] = now_ms

    def settle(self, receipt: Receipt, key_id: int) -> Settlement:
        """Prune what the receipt answers, of what was sent signed with ``key_id`` (SPEC 7.5)."""
        stored: list[Numbers] = []
        refused: list[tuple[Numbers, str]] = []
        for first, last in receipt.stored:
            stored += self._prune(receipt.boot, first, last, key_id)
        for sequence, reason in receipt.refused:
            pruned = self._prune(receipt.boot, sequence, sequence, key_id)
            refused += [(numbers, reason) for numbers in pruned]
        return Settlement(tuple(stored), tuple(refused))

    def next_due_ms(self) -> int | None:
        """When the next frame may be due, 0 for at once; None where the spool is empty."""
        return min((kept.next_send_ms for kept in self._kept.values()), default=None)

    def close(self) -> None:
        """Nothing to let go of."""

    def _wake(self, now_ms: int) -> None:
        """Move to the ready heap what has waited long enough, or waits for a time that was set back (SPEC 9.9)."""
        if now_ms < self._latest_now_ms:
            self._waiting, asleep = [], self._waiting
            for next_send_ms, numbers in asleep:
                wakes_ms = now_ms if next_send_ms > now_ms + self._longest_ms else next_send_ms
                heappush(self._waiting, (wakes_ms, numbers))
        self._latest_now_ms = now_ms
        while self._waiting and self._waiting[0][0] <= now_ms:
            numbers = heappop(self._waiting)[1]
            kept = self._kept.get(numbers)
            if kept is None or not kept.is_waiting:
                continue
            if self._is_due(kept, now_ms):
                kept.is_waiting = False
                heappush(self._ready, (-kept.newest_reading_ms, numbers))
            else:
                self._wait(numbers, kept)

    def _wait(self, numbers: Numbers, kept: _Kept) -> None:
        kept.is_waiting = True
        heappush(self._waiting, (kept.next_send_ms, numbers))

    def _is_due(self, kept: _Kept, now_ms: int) -> bool:
        return not now_ms < kept.next_send_ms <= now_ms + self._longest_ms

    def _frame(self, numbers: Numbers) -> SpooledFrame:
        kept = self._kept[numbers]
        return SpooledFrame(*numbers, kept.content, kept.body, kept.newest_reading_ms, kept.sendings)

    def _prune(self, boot: int, first: int, last: int, key_id: int) -> list[Numbers]:
        pruned = self._sent_in(boot, first, last, key_id)
        for numbers in pruned:
            self._forget(numbers)
        return pruned

    def _sent_in(self, boot: int, first: int, last: int, key_id: int) -> list[Numbers]:
        """What was sent, signed with ``key_id``, in a range that may be far wider than the spool."""
        if last - first < len(self._kept):
            inside = [(boot, sequence) for sequence in range(first, last + 1) if (boot, sequence) in self._kept]
        else:
            inside = sorted(n for n in self._kept if n[0] == boot and first <= n[1] <= last)
        return [numbers for numbers in inside if key_id in self._kept[numbers].key_ids]

    def _fits(self, wanted_bytes: int) -> bool:
        bounds = self._bounds
        return len(self._kept) < bounds.max_frames and self._bytes + wanted_bytes <= bounds.max_bytes

    def _least_worth(self) -> Numbers:
        def worth(numbers: Numbers) -> tuple[bool, int, Numbers]:
            kept = self._kept[numbers]
            return kept.sendings == 0, kept.newest_reading_ms, numbers

        return min(self._kept, key=worth)

    def _forget(self, numbers: Numbers) -> None:
        self._bytes -= len(self._kept.pop(numbers).body)
        self._under_way.pop(numbers, None)
