"""What one device still has to send: with receipts through its spool, without them until the broker's PUBACK."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from firmware_protocol.device import Answer, Device, Publication
from firmware_protocol.frames import FLAG_RECEIPT_WANTED, Content, Header, sign_frame
from firmware_protocol.resend import UNDER_WAY_MS
from firmware_protocol.senml import Reading, split_packs
from firmware_protocol.store import Numbers, Settlement

_NO_WINDOW = 1 << 30


@dataclass(frozen=True, slots=True)
class Recorded:
    """A frame that was numbered and kept, not yet sent."""

    numbers: Numbers
    content: int
    readings: Sequence[Reading]


class Outbox(Protocol):
    """Numbers and keeps frames until they count as delivered."""

    device: Device
    wants_receipts: bool

    @property
    def pending(self) -> int:
        """Frames kept."""

    def record(self, readings: Sequence[Reading], *, cbor: bool) -> Iterator[Recorded]:
        """Keep readings as one frame, or as several where they do not fit one."""

    def keep(self, body: bytes, content: int, newest_ms: int) -> Numbers:
        """Keep a body that is packed already."""

    def publications(self, now_ms: int) -> list[Publication]:
        """What to publish now, noted as sent."""

    def acknowledged(self, publication: Publication) -> None:
        """The broker took it."""

    def receipt(self, payload: bytes) -> Answer:
        """What a message on the receipts topic settled."""

    @property
    def is_eager(self) -> bool:
        """Whether :attr:`publications` may have more as soon as the broker acknowledges something."""

    def unsettled(self) -> list[Numbers]:
        """Frames that nobody has vouched for, and that this outbox will forget when the run ends."""

    def disconnected(self, unsent: Iterable[Publication]) -> None:
        """What was under way on that connection is no longer; ``unsent`` had not gone out and still will."""


class _Recording:
    device: Device

    def record(self, readings: Sequence[Reading], *, cbor: bool) -> Iterator[Recorded]:
        content = Content.SENML_CBOR if cbor else Content.SENML_JSON
        for body, packed in split_packs(readings, cbor=cbor):
            newest_ms = max(reading.time_ms for reading in packed)
            yield Recorded(self.keep(body, content, newest_ms), content, packed)

    def keep(self, body: bytes, content: int, newest_ms: int) -> Numbers:
        raise NotImplementedError


class SpoolOutbox(_Recording):
    """The firmware's own way: a frame is forgotten when a receipt says so."""

    wants_receipts = True

    def __init__(self, device: Device) -> None:
        self.device = device

    @property
    def pending(self) -> int:
        return len(self.device.spool)

    def keep(self, body: bytes, content: int, newest_ms: int) -> Numbers:
        return self.device.spool.append(body, content, newest_ms)

    def publications(self, now_ms: int) -> list[Publication]:
        return self.device.publications(now_ms) if self.pending else []

    def acknowledged(self, publication: Publication) -> None:
        """Says nothing: only a receipt counts (G3)."""

    def receipt(self, payload: bytes) -> Answer:
        return self.device.on_receipt(payload)

    def disconnected(self, unsent: Iterable[Publication]) -> None:
        """Says nothing: the spool resends on its own schedule."""

    @property
    def is_eager(self) -> bool:
        return False

    def unsettled(self) -> list[Numbers]:
        return []


class ExpressOutbox(_Recording):
    """A fast lane in memory for load: a frame is signed once, when it is recorded.

    Without receipts it is forgotten at the broker's PUBACK, with them at its receipt. What was under way when a
    connection ended goes out again on the next one, what has no receipt after a minute too.
    """

    def __init__(self, device: Device, window: int, *, wants_receipts: bool) -> None:
        self.device = device
        self.wants_receipts = wants_receipts
        self._window = window if wants_receipts else _NO_WINDOW
        self._flags = FLAG_RECEIPT_WANTED if wants_receipts else 0
        self._waiting: deque[tuple[Numbers, Publication]] = deque()
        self._under_way: dict[Numbers, tuple[int, Publication]] = {}

    @property
    def pending(self) -> int:
        return len(self._waiting) + len(self._under_way)

    @property
    def is_eager(self) -> bool:
        return bool(self._waiting)

    def keep(self, body: bytes, content: int, newest_ms: int) -> Numbers:
        keys = self.device.keys
        numbers = self.device.spool.next_numbers()
        header = Header(content, self._flags, keys.current, *numbers)
        payload = sign_frame(keys.keys[keys.current], self.device.frames_topic, header, body)
        self._waiting.append((numbers, Publication(self.device.frames_topic, payload)))
        return numbers

    def publications(self, now_ms: int) -> list[Publication]:
        going = self._overdue(now_ms)
        for _ in range(min(len(self._waiting), self._window - len(self._under_way))):
            numbers, publication = self._waiting.popleft()
            self._under_way[numbers] = (now_ms, publication)
            going.append(publication)
        return going

    def acknowledged(self, publication: Publication) -> None:
        if not self.wants_receipts:
            self._under_way.pop(frame_numbers(publication.payload), None)

    def receipt(self, payload: bytes) -> Answer:
        answer = self.device.on_receipt(payload)
        boot = answer.receipt.boot
        inside = ((boot, sequence) for first, last in answer.receipt.stored for sequence in range(first, last + 1))
        stored = tuple(numbers for numbers in inside if self._under_way.pop(numbers, None) is not None)
        named = (((boot, sequence), reason) for sequence, reason in answer.receipt.refused)
        refused = tuple(one for one in named if self._under_way.pop(one[0], None) is not None)
        return replace(answer, settlement=Settlement(stored, refused))

    def disconnected(self, unsent: Iterable[Publication]) -> None:
        still = {frame_numbers(publication.payload) for publication in unsent}
        lost = [(numbers, one) for numbers, (_, one) in self._under_way.items() if numbers not in still]
        self._waiting.extendleft(reversed(lost))
        for numbers, _ in lost:
            del self._under_way[numbers]

    def unsettled(self) -> list[Numbers]:
        return [*self._under_way, *(numbers for numbers, _ in self._waiting)]

    def _overdue(self, now_ms: int) -> list[Publication]:
        """What has waited a minute for its receipt; the dict is in the order of sending, so a look at its head does."""
        if not self.wants_receipts or not self._under_way:
            return []
        oldest_ms, _ = next(iter(self._under_way.values()))
        if now_ms - oldest_ms < UNDER_WAY_MS:
            return []
        overdue = [(n, one) for n, (sent_ms, one) in self._under_way.items() if now_ms - sent_ms >= UNDER_WAY_MS]
        for numbers, publication in overdue:
            del self._under_way[numbers]
            self._under_way[numbers] = (now_ms, publication)
        return [publication for _, publication in overdue]


def frame_numbers(frame: bytes) -> Numbers:
    """Boot and sequence of a frame."""
    return int.from_bytes(frame[4:8]), int.from_bytes(frame[8:12])
