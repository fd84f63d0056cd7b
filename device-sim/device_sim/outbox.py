"""What one device still has to send: with receipts through its spool, without them until the broker's PUBACK."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from firmware_protocol.device import Answer, Device, Publication
from firmware_protocol.frames import Content, Header, sign_frame
from firmware_protocol.senml import Reading, split_packs
from firmware_protocol.store import Numbers


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


class ExpressOutbox(_Recording):
    """Receipts off: signed at once, without the flag, forgotten at the broker's PUBACK. In memory only."""

    wants_receipts = False

    def __init__(self, device: Device) -> None:
        self.device = device
        self._waiting: dict[bytes, Publication] = {}
        self._under_way: dict[bytes, Publication] = {}

    @property
    def pending(self) -> int:
        return len(self._waiting) + len(self._under_way)

    def keep(self, body: bytes, content: int, newest_ms: int) -> Numbers:
        keys = self.device.keys
        numbers = self.device.spool.next_numbers()
        header = Header(content, 0, keys.current, *numbers)
        payload = sign_frame(keys.keys[keys.current], self.device.frames_topic, header, body)
        self._waiting[payload] = Publication(self.device.frames_topic, payload)
        return numbers

    def publications(self, now_ms: int) -> list[Publication]:
        going = list(self._waiting.values())
        self._under_way.update(self._waiting)
        self._waiting.clear()
        return going

    def acknowledged(self, publication: Publication) -> None:
        self._under_way.pop(publication.payload, None)

    def receipt(self, payload: bytes) -> Answer:
        return self.device.on_receipt(payload)

    def disconnected(self, unsent: Iterable[Publication]) -> None:
        still = {publication.payload: publication for publication in unsent}
        lost = {payload: sent for payload, sent in self._under_way.items() if payload not in still}
        self._waiting = {**lost, **self._waiting}
        self._under_way = still
