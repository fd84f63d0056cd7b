"""What goes wrong in the field, as pure decisions: rates in, changed readings or frames out."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from random import Random

from firmware_protocol.device import Publication
from firmware_protocol.frames import HEADER_BYTES, MIN_FRAME_BYTES, Header, sign_frame
from firmware_protocol.senml import Reading

from device_sim.feeds import Feed, Pack
from device_sim.ledger import Sent

REMEMBERED = 50  # frames of a device that a thief may have recorded
SPELL_PACKS = 8  # how long a sensor stays stuck or a clock wrong
SPIKE_M = 40.0
LOW_BATTERY_V = 3.21


@dataclass(frozen=True, slots=True)
class Rates:
    """Probabilities. ``drop_out`` and ``reboot``: a device and second; the others: a frame."""

    drop_out: float = 0.01
    reboot: float = 0.005
    clock: float = 0.01
    duplicate: float = 0.05
    reorder: float = 0.1
    stuck: float = 0.01
    spike: float = 0.01
    low_battery: float = 0.01
    forged: float = 0.05
    replayed: float = 0.05
    truncated: float = 0.05

    @classmethod
    def none(cls) -> "Rates":
        """Nothing goes wrong."""
        return cls(**{one.name: 0.0 for one in fields(cls)})


class FaultySensor:
    """A feed between the river and the device: sticks, spikes, runs low, and loses its clock for a while.

    A clock that is more than 5 min ahead must be refused, ``time_in_future``; one that is behind is admitted as late.
    """

    def __init__(self, inner: Feed, rates: Rates, rng: Random) -> None:
        self._inner = inner
        self._rates = rates
        self._rng = rng
        self._stuck: dict[str, float] = {}
        self._stuck_packs = 0
        self._clock_ms = 0
        self._clock_packs = 0

    def next_ms(self) -> int | None:
        """As the inner feed."""
        return self._inner.next_ms()

    def take(self, now_ms: int, most: int) -> list[Pack]:
        """The inner feed's packs, each with what befell it."""
        return [self._befall(pack) for pack in self._inner.take(now_ms, most)]

    def _befall(self, pack: Pack) -> Pack:
        pack = self._stick(pack)
        if self._rng.random() < self._rates.spike:
            pack = Pack([_spiked(reading) for reading in pack.readings], "spike")
        if self._rng.random() < self._rates.low_battery:
            pack = Pack([_low(reading) for reading in pack.readings], "low_battery")
        return self._mistime(pack)

    def _stick(self, pack: Pack) -> Pack:
        if not self._stuck_packs and self._rng.random() < self._rates.stuck:
            self._stuck = {reading.code: reading.value for reading in pack.readings}
            self._stuck_packs = SPELL_PACKS
        if not self._stuck_packs:
            return pack
        self._stuck_packs -= 1
        frozen = [replace(one, value=self._stuck.get(one.code, one.value)) for one in pack.readings]
        return Pack(frozen, "stuck")

    def _mistime(self, pack: Pack) -> Pack:
        if not self._clock_packs and self._rng.random() < self._rates.clock:
            # Far enough that a late arrival does not heal it, or behind: never near the limit of 5 min.
            ahead_s = self._rng.choice((self._rng.uniform(3600, 7200), -self._rng.uniform(60, 3600)))
            self._clock_ms, self._clock_packs = int(ahead_s * 1000), SPELL_PACKS
        if not self._clock_packs:
            return pack
        self._clock_packs -= 1
        moved = [replace(one, time_ms=one.time_ms + self._clock_ms) for one in pack.readings]
        return Pack(moved, "clock", "time_in_future" if self._clock_ms > 0 else None)


def _spiked(reading: Reading) -> Reading:
    return replace(reading, value=SPIKE_M) if reading.code.startswith("level") else reading


def _low(reading: Reading) -> Reading:
    return replace(reading, value=LOW_BATTERY_V) if reading.code.startswith("battery") else reading


@dataclass(frozen=True, slots=True)
class Injected:
    """A frame that goes out beside the good ones, and what the ledger has to know of it."""

    publication: Publication
    entry: Sent


class Tamperer:
    """Between a device and the wire: duplicates, reorders, replays, and adds frames that must be refused."""

    def __init__(self, rates: Rates, rng: Random) -> None:
        self._rates = rates
        self._rng = rng
        self._heard: deque[Publication] = deque(maxlen=REMEMBERED)

    def tamper(self, device: str, going: Sequence[Publication]) -> tuple[list[Publication], list[Injected]]:
        """What goes out instead of ``going``, good frames included, and what of it was injected."""
        injected: list[Injected] = []
        for publication in going:
            if self._rng.random() < self._rates.duplicate:
                injected.append(_again(device, publication, "duplicate"))
            if self._heard and self._rng.random() < self._rates.replayed:
                injected.append(_again(device, self._rng.choice(self._heard), "replayed"))
            if self._rng.random() < self._rates.forged:
                injected.append(self._forge(device, publication))
            if self._rng.random() < self._rates.truncated:
                injected.append(self._truncate(device, publication))
            self._heard.append(publication)
        out = [*going, *(one.publication for one in injected)]
        if self._rng.random() < self._rates.reorder:
            self._rng.shuffle(out)
        return out, injected

    def _forge(self, device: str, publication: Publication) -> Injected:
        """Either one bit of the body turned under the old tag, or the whole frame signed with a key of one's own."""
        payload = bytearray(publication.payload)
        if self._rng.random() < 0.5:
            payload[self._rng.randrange(HEADER_BYTES, len(payload) - 16)] ^= 1
            return _bad(device, publication, bytes(payload), "forged")
        header = _header(publication.payload)
        forged = sign_frame(self._rng.randbytes(32), publication.topic, header, bytes(payload[HEADER_BYTES:-16]))
        return _bad(device, publication, forged, "forged")

    def _truncate(self, device: str, publication: Publication) -> Injected:
        size = self._rng.randrange(1, len(publication.payload))
        return _bad(device, publication, publication.payload[:size], "truncated")


def _again(device: str, publication: Publication, kind: str) -> Injected:
    """The same bytes once more: authentic, so they are answered, and must add nothing."""
    header = _header(publication.payload)
    return Injected(publication, Sent(device, header.boot, header.sequence, header.key_id, header.content, (), kind))


def _bad(device: str, publication: Publication, payload: bytes, kind: str) -> Injected:
    header = _header(publication.payload)
    expected = "bad_tag" if len(payload) >= MIN_FRAME_BYTES else "malformed"
    entry = Sent(device, header.boot, header.sequence, header.key_id, header.content, (), kind, expected)
    return Injected(replace(publication, payload=payload), entry)


def _header(frame: bytes) -> Header:
    boot, sequence = int.from_bytes(frame[4:8]), int.from_bytes(frame[8:12])
    return Header(frame[1], frame[2], frame[3], boot, sequence)
