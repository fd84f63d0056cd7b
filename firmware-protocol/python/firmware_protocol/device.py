"""A device without a socket: what to publish now, and what a receipt settles (SPEC 4 to 11).

Sans-I/O: every method is told the time and gives back bytes to publish. :mod:`firmware_protocol.mqtt` is one way
to carry them; any other does as well.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from firmware_protocol.errors import FrameError
from firmware_protocol.frames import (
    FLAG_RECEIPT_WANTED,
    LAST_WILL_SEQUENCE,
    Content,
    Header,
    frames_topic,
    parse_receipt,
    read_header,
    receipts_topic,
    sign_frame,
    status_topic,
    verify_frame,
)
from firmware_protocol.receipts import Receipt
from firmware_protocol.resend import DEFAULT_WINDOW, ResendSchedule, window_left
from firmware_protocol.senml import Reading, split_packs
from firmware_protocol.store import Numbers, Settlement, SpooledFrame, SpoolStore

MAX_QUESTIONS = 8
"""How many unanswered questions for the time are remembered (SPEC 10.3)."""
MAX_ROUND_TRIP_MS = 10_000
"""An answer that took longer says too little about now (SPEC 10.3)."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys by id, each 32 bytes, and which of them signs. The others only read receipts (SPEC 11.2)."""

    keys: Mapping[int, bytes] = field(repr=False)
    current: int

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise ValueError(f"key {self.current} is to sign, but is not among the keys")

    def rotated(self, key_id: int, key: bytes) -> "KeyRing":
        """The same with one more key, which signs from now on."""
        return KeyRing({**self.keys, key_id: key}, key_id)


@dataclass(frozen=True, slots=True)
class Options:
    """What one device does otherwise than another.

    ``firmware`` is said in its status; ``window`` is W of SPEC 9.4; ``cbor`` chooses content 1 over 0.
    """

    firmware: str = "firmware-protocol"
    window: int = DEFAULT_WINDOW
    schedule: ResendSchedule = field(default_factory=ResendSchedule)
    cbor: bool = False


@dataclass(frozen=True, slots=True)
class Publication:
    """What to hand to MQTT, always with QoS 1."""

    topic: str
    payload: bytes
    retain: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receipt brought: what it pruned, and the platform's time where this device had just asked for it.

    ``platform_ms`` is the Unix time at which the receipt arrived, right within ``error_ms`` (SPEC 10.3).
    """

    receipt: Receipt
    settlement: Settlement
    platform_ms: int | None = None
    error_ms: int | None = None


class Device:
    """One device: its keys, its spool, its numbers.

    Times are Unix milliseconds; where a clock may be set back, only waiting is lengthened or cut short, nothing is
    lost. ``rng`` gives jitter and needs no cryptographic strength.
    """

    def __init__(
        self,
        name: str,
        keys: KeyRing,
        spool: SpoolStore,
        *,
        rng: Random,
        options: Options = Options(),
    ) -> None:
        self.name = name
        self.keys = keys
        self.spool = spool
        self.frames_topic = frames_topic(name)
        self.status_topic = status_topic(name)
        self.receipts_topic = receipts_topic(name)
        self._rng = rng
        self._options = options
        self._connections = 0
        self._questions: dict[tuple[Numbers, int], int] = {}

    def record(self, readings: Sequence[Reading]) -> list[Numbers]:
        """Keep readings in the spool, in as many frames as they need. Raises PackError, SpoolError (SPEC 9.1)."""
        content = Content.SENML_CBOR if self._options.cbor else Content.SENML_JSON
        return [
            self.spool.append(body, content, max(reading.time_ms for reading in packed))
            for body, packed in split_packs(readings, cbor=self._options.cbor)
        ]

    def publications(self, now_ms: int) -> list[Publication]:
        """The frames to publish now, newest reading first (SPEC 9.4 to 9.6); noted as sent already."""
        left = window_left(self._options.window, self.spool.under_way(now_ms))
        return [self._send(frame, now_ms) for frame in self.spool.due(now_ms, left)] if left else []

    def last_will(self, now_ms: int) -> Publication:
        """Begin a new session: the will to connect with (SPEC 6.2, 6.4). Call it before every CONNECT."""
        self._connections += 1
        numbers = (self.spool.boot, LAST_WILL_SEQUENCE)
        return self._status("offline", now_ms, numbers, flags=0, uptime_s=None)

    def online(self, now_ms: int, *, uptime_s: int, ask_time: bool = False, monotonic_ms: int = 0) -> Publication:
        """The first thing on a connection (SPEC 6.3). ``now_ms`` is 0 where the clock is not set (SPEC 6.5).

        With ``ask_time`` the receipt gives the time: ``monotonic_ms`` is then the moment of sending on a clock
        that nobody sets, the same that :meth:`on_receipt` is told (SPEC 10.3).
        """
        numbers = self.spool.next_numbers()
        if ask_time:
            self._remember_question(numbers, monotonic_ms)
        flags = FLAG_RECEIPT_WANTED if ask_time else 0
        return self._status("online", now_ms, numbers, flags=flags, uptime_s=uptime_s)

    def offline(self, now_ms: int, *, uptime_s: int) -> Publication:
        """The last thing on a connection that ends on purpose (SPEC 6.7)."""
        return self._status("offline", now_ms, self.spool.next_numbers(), flags=0, uptime_s=uptime_s)

    def on_receipt(self, payload: bytes, *, monotonic_ms: int = 0) -> Answer:
        """Settle what a message on the receipts topic answers (SPEC 7.4, 7.5).

        Raises FrameError where the message is to be dropped; nothing was pruned then.
        """
        header, receipt = self._read_receipt(payload)
        settlement = self.spool.settle(receipt, header.key_id)
        asked_ms = self._answered(receipt, header.key_id)
        if asked_ms is None or not 0 <= monotonic_ms - asked_ms <= MAX_ROUND_TRIP_MS:
            return Answer(receipt, settlement)
        half_ms = (monotonic_ms - asked_ms) // 2
        return Answer(receipt, settlement, receipt.at_ms + half_ms, half_ms)

    def _send(self, frame: SpooledFrame, now_ms: int) -> Publication:
        next_send_ms = now_ms + self._options.schedule.wait_ms(frame.sendings + 1, self._rng)
        numbers = (frame.boot, frame.sequence)
        self.spool.mark_sent(numbers, self.keys.current, now_ms, next_send_ms)
        payload = self._sign(self.frames_topic, frame.content, FLAG_RECEIPT_WANTED, numbers, frame.body)
        return Publication(self.frames_topic, payload)

    def _status(self, word: str, at_ms: int, numbers: Numbers, *, flags: int, uptime_s: int | None) -> Publication:
        fields: dict[str, object] = {"status": word, "session": self._session(), "at": at_ms}
        fields["firmware"] = self._options.firmware
        if uptime_s is not None:
            fields["uptime_s"] = uptime_s
        if self.spool.dropped:
            fields["dropped"] = self.spool.dropped
        body = json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode()
        payload = self._sign(self.status_topic, Content.STATUS, flags, numbers, body)
        return Publication(self.status_topic, payload, retain=True)

    def _session(self) -> int:
        """SPEC 6.2: new at every connection, and never again."""
        return (self.spool.boot << 20) + (self._connections & 0xFFFFF)

    def _sign(self, topic: str, content: int, flags: int, numbers: Numbers, body: bytes) -> bytes:
        header = Header(content, flags, self.keys.current, *numbers)
        return sign_frame(self.keys.keys[self.keys.current], topic, header, body)

    def _remember_question(self, numbers: Numbers, monotonic_ms: int) -> None:
        self._questions[numbers, self.keys.current] = monotonic_ms
        while len(self._questions) > MAX_QUESTIONS:
            del self._questions[next(iter(self._questions))]

    def _read_receipt(self, payload: bytes) -> tuple[Header, Receipt]:
        key = self.keys.keys.get(read_header(payload).key_id)
        if key is None:
            raise FrameError("unknown_key", "signed with a key that this device does not have")
        header, body = verify_frame(key, self.receipts_topic, payload)
        if header.content != Content.RECEIPT:
            raise FrameError("unsupported_content", "not a receipt")
        receipt = parse_receipt(body)
        if (header.flags, header.sequence, header.boot) != (0, 0, receipt.boot):
            raise FrameError("bad_body", "the fixed part of the receipt does not fit its body")
        return header, receipt

    def _answered(self, receipt: Receipt, key_id: int) -> int | None:
        """When the latest question that this receipt answers was asked; it and older ones are forgotten."""
        answered = [
            (asked_ms, question)
            for question, asked_ms in self._questions.items()
            if self._answers(receipt, key_id, question)
        ]
        for _, question in answered:
            del self._questions[question]
        return max(answered)[0] if answered else None

    @staticmethod
    def _answers(receipt: Receipt, key_id: int, question: tuple[Numbers, int]) -> bool:
        (boot, sequence), asked_with = question
        settled = receipt.is_stored(sequence) or receipt.refusal_of(sequence) is not None
        return boot == receipt.boot and asked_with == key_id and settled
