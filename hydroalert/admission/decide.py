"""Whether a frame becomes observations: pure, in the order of SPEC 8, nothing parsed before its tag is good."""

from collections.abc import Set as AbstractSet
from math import floor, isfinite

import msgspec

from hydroalert.domain.quality import UNTESTED, Verdict, range_test
from hydroalert.domain.refusals import Reason
from hydroalert.domain.registry import Datastream, Device, Registry
from hydroalert.domain.units import divisor
from hydroalert.wire import frame as wire
from hydroalert.wire.senml import Record, read_cbor, read_json
from hydroalert.wire.status import Status, read_status
from hydroalert.wire.strict_json import BadBody
from hydroalert.wire.topics import Channel, device_topic

ABSOLUTE_FROM_S = 2.0**28
"""RFC 8428, section 4.5.3: below this a time is relative."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """Bytes that came in the name of a device. Of a frame that is too long, its first 4125 bytes are enough."""

    device: str
    channel: Channel
    frame: bytes


class Rules(msgspec.Struct, frozen=True):
    """What admission goes by at one moment (Unix ms): good times lie in [earliest_ms, latest_ms]."""

    now_ms: float
    earliest_ms: float
    latest_ms: float
    over_quota: AbstractSet[int] = frozenset()


class Row(msgspec.Struct, frozen=True, gc=False):
    """One observation to store, and what its range test said."""

    datastream_id: int
    time_ms: int
    result: float
    verdict: Verdict = UNTESTED


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What is to be done with one arrival.

    `authentic`: its tag was good. `reason`: why the whole frame is refused. `refused`: the reasons of the records
    that are refused while `rows` are taken.
    """

    arrival: Arrival
    device: Device | None
    header: wire.Header | None
    authentic: bool
    reason: Reason | None
    rows: tuple[Row, ...] = ()
    refused: tuple[Reason, ...] = ()
    status: Status | None = None

    @property
    def first_reason(self) -> Reason | None:
        """The word for the receipt; None where everything is taken."""
        return self.reason or (self.refused[0] if self.refused else None)


def decide(arrival: Arrival, registry: Registry, rules: Rules) -> Decision:
    """Judge one arrival against what is registered."""
    device = registry.get(arrival.device)
    header = wire.read_header(arrival.frame)
    if not isinstance(header, wire.Header):
        return Decision(arrival, device, None, authentic=False, reason=header)
    unproven = _unproven(arrival, device, header, rules)
    reason = wire.header_fault(header, arrival.channel) or unproven
    if reason is not None or device is None:
        return Decision(arrival, device, header, authentic=unproven is None, reason=reason)
    if device.id in rules.over_quota and header.content != wire.STATUS:  # a status writes no rows
        return Decision(arrival, device, header, authentic=True, reason=Reason.OVER_QUOTA)
    return _read_body(arrival, device, header, rules)


def decide_again(arrival: Arrival, device: Device, rules: Rules) -> Decision:
    """Judge once more a frame whose tag was found good when it arrived."""
    header = wire.read_header(arrival.frame)
    if isinstance(header, Reason):
        return Decision(arrival, device, None, authentic=True, reason=header)
    fault = wire.header_fault(header, arrival.channel)
    if fault is not None:
        return Decision(arrival, device, header, authentic=True, reason=fault)
    return _read_body(arrival, device, header, rules)


def _unproven(arrival: Arrival, device: Device | None, header: wire.Header, rules: Rules) -> Reason | None:
    """Why the sender is not proven to be the device; None where the tag is good."""
    if device is None:
        return Reason.UNKNOWN_DEVICE
    if device.revoked:
        return Reason.REVOKED_DEVICE
    key = device.keys.get(header.key_id)
    if key is None or key.expires_ms <= rules.now_ms:
        return Reason.UNKNOWN_KEY
    topic = device_topic(arrival.device, arrival.channel)
    return None if wire.has_good_tag(key.secret, topic, arrival.frame) else Reason.BAD_TAG


def _read_body(arrival: Arrival, device: Device, header: wire.Header, rules: Rules) -> Decision:
    body = wire.body_of(arrival.frame)
    try:
        if header.content == wire.STATUS:
            return Decision(arrival, device, header, authentic=True, reason=None, status=read_status(body))
        records = read_json(body) if header.content == wire.SENML_JSON else read_cbor(body)
    except BadBody:
        return Decision(arrival, device, header, authentic=True, reason=Reason.BAD_BODY)
    return _decide_records(arrival, device, header, records, rules)


def _decide_records(
    arrival: Arrival, device: Device, header: wire.Header, records: list[Record], rules: Rules
) -> Decision:
    """Records are decided one by one: one that is refused takes no other with it."""
    rows, refused = [], []
    for record in records:
        decided = decide_record(record, device, rules)
        if isinstance(decided, Row):
            rows.append(decided)
        else:
            refused.append(decided)
    return Decision(arrival, device, header, authentic=True, reason=None, rows=tuple(rows), refused=tuple(refused))


def decide_record(record: Record, device: Device, rules: Rules) -> Row | Reason:
    """SPEC 5 and 8: datastream, unit, value, time, in this order."""
    time_ms = _milliseconds(record.time_s)
    datastream = _datastream_at(device, record.name, time_ms)
    if datastream is None:
        return Reason.UNKNOWN_DATASTREAM
    factor = 1 if record.unit is None else divisor(record.unit, datastream.unit)
    if factor is None:
        return Reason.WRONG_UNIT
    if record.value is None:
        return Reason.NOT_A_NUMBER
    fault = _time_fault(record.time_s, time_ms, rules)
    if fault is not None:
        return fault
    result, spans = record.value / factor, datastream.spans
    return Row(datastream.id, int(time_ms), result, UNTESTED if spans is None else range_test(spans, result))


def _datastream_at(device: Device, code: str, time_ms: float) -> Datastream | None:
    """The datastream of that code that is registered to the device at that phenomenon time."""
    for datastream in device.datastreams.get(code, ()):
        if datastream.from_ms <= time_ms <= datastream.until_ms:
            return datastream
    return None


def _milliseconds(time_s: float) -> float:
    """SPEC 5: floor(1000 t + 0.5) in IEEE double; infinite where that overflows."""
    scaled = 1000 * time_s + 0.5
    return floor(scaled) if isfinite(scaled) else scaled


def _time_fault(time_s: float, time_ms: float, rules: Rules) -> Reason | None:
    if time_s < ABSOLUTE_FROM_S:
        return Reason.RELATIVE_TIME
    if time_ms > rules.latest_ms:
        return Reason.TIME_IN_FUTURE
    return Reason.TIME_TOO_OLD if time_ms < rules.earliest_ms else None
