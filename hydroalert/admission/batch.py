"""What a batch of decisions amounts to: rows in order, counts, frames to keep. Pure."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise
from operator import itemgetter

from hydroalert.admission.decide import Decision
from hydroalert.domain.clock import from_ms
from hydroalert.domain.registry import Device
from hydroalert.store.copying import Stored
from hydroalert.store.months import Month, month_of
from hydroalert.store.refused import ToKeep
from hydroalert.store.settlements import Due, Newest, Tallies
from hydroalert.store.statuses import StatusChange
from hydroalert.wire.frame import MIN_FRAME_BYTES, tag_of

UNREGISTERED = 0
"""The device id under which refusals of unknown devices are counted."""
MAX_FIRMWARE_CHARS = 64
_MAX_STATUS_SKEW_MS = 5 * 60 * 1000
_LAST_MS = 253_402_300_799_999
"""The end of the year 9999, after which there is no datetime; a will may carry any `at`."""
BY_IDENTITY = itemgetter(0, 1)
"""Sorting is stable: of two values for one time, the one that came first stays first."""
_DAY_MS = 24 * 60 * 60 * 1000


def rows_in_order(decisions: Sequence[Decision]) -> list[Stored]:
    """All rows by (datastream, time), then arrival: two batches with the same rows never wait crosswise."""
    rows = [
        (row.datastream_id, row.time_ms, position, row.result, row.verdict)
        for position, decision in enumerate(decisions)
        for row in decision.rows
    ]
    rows.sort(key=BY_IDENTITY)
    return rows


def repeats_itself(rows: Sequence[Stored]) -> bool:
    """Whether two rows, in order, share datastream and time."""
    return any(later[1] == earlier[1] and later[0] == earlier[0] for earlier, later in pairwise(rows))


def months_of(rows: Sequence[Stored]) -> set[Month]:
    """The months that the rows need. Most batches lie within one day."""
    days = {row[1] // _DAY_MS for row in rows}
    return {month_of(from_ms(day * _DAY_MS)) for day in days}


def origin(decision: Decision) -> tuple[int, bytes]:
    """Which device sent it, and the bytes."""
    return _device(decision).id, decision.arrival.frame


def is_settled(decision: Decision, kept: Collection[tuple[int, bytes]]) -> bool:
    """Whether its sender may forget it: everything is stored, or it is refused and kept."""
    if decision.first_reason is None:
        return True
    return (_device(decision).id, _to_keep(decision).tag) in kept


def frames_to_keep(decisions: Sequence[Decision]) -> list[ToKeep]:
    """Refused frames worth keeping: each authentic one, and one other of each known device."""
    authentic = [_to_keep(one) for one in decisions if one.authentic and one.first_reason is not None]
    samples = {one.device.id: _to_keep(one) for one in decisions if not one.authentic and one.device is not None}
    return [*authentic, *samples.values()]


def _to_keep(decision: Decision) -> ToKeep:
    frame, reason = decision.arrival.frame, decision.first_reason
    assert decision.device is not None
    assert reason is not None
    tag = tag_of(frame) if len(frame) >= MIN_FRAME_BYTES else frame
    return ToKeep(decision.device.id, decision.arrival.channel, reason, decision.authentic, tag, frame)


def status_changes(decisions: Sequence[Decision], now_ms: int, *, clock_is_good: bool) -> list[StatusChange]:
    """The statuses that count, in order of device: an online whose `at` is more than 5 min off does not (SPEC 6)."""
    changes = [
        StatusChange(
            one.device.id,
            one.status.online,
            one.status.session,
            from_ms(min(one.status.at, _LAST_MS)),
            _shown(one.status.firmware),
            one.status.uptime_s,
        )
        for one in decisions
        if one.status is not None
        and one.device is not None
        and not (one.status.online and clock_is_good and abs(one.status.at - now_ms) > _MAX_STATUS_SKEW_MS)
    ]
    return sorted(changes, key=lambda change: change.device_id)


def _shown(firmware: str | None) -> str | None:
    """Text from a device as it can be kept and shown: printable, and not long."""
    if firmware is None:
        return None
    return "".join(sign if sign.isprintable() else "?" for sign in firmware[:MAX_FIRMWARE_CHARS])


def tally_new(decisions: Sequence[Decision], rows: Sequence[Stored]) -> Tallies:
    """Counts of a batch whose rows are all new."""
    devices = [(device_id, frames, stored, 0, 0) for device_id, (frames, stored) in _offered(decisions).items()]
    return Tallies(newest_of(rows), devices, _refusals(decisions), due_of(rows))


def tally_merged(
    decisions: Sequence[Decision],
    rows: Sequence[Stored],
    new: set[tuple[int, datetime]],
    conflicting: Collection[tuple[int, datetime, float]],
) -> Tallies:
    """Counts of a batch of which only `new` (datastream, time) were stored, and `conflicting` newly kept beside."""
    stored_rows, stored, conflicts = [], Counter[int](), Counter[int]()
    left, clashes = set(new), set(conflicting)
    for row in rows:
        datastream_id, time_ms, position, result, _ = row
        device_id, moment = _device(decisions[position]).id, from_ms(time_ms)
        if (datastream_id, moment) in left:
            left.remove((datastream_id, moment))
            stored[device_id] += 1
            stored_rows.append(row)
        elif (datastream_id, moment, result) in clashes:
            clashes.remove((datastream_id, moment, result))
            conflicts[device_id] += 1
    devices = [
        (device_id, frames, stored[device_id], offered - stored[device_id] - conflicts[device_id], conflicts[device_id])
        for device_id, (frames, offered) in _offered(decisions).items()
    ]
    return Tallies(newest_of(stored_rows), devices, _refusals(decisions), due_of(stored_rows))


def newest_of(rows: Sequence[Stored]) -> list[Newest]:
    """The last of each datastream's rows, which are in order."""
    return [(row[0], row[1], row[3], *row[4]) for row in {row[0]: row for row in rows}.values()]


def due_of(rows: Sequence[Stored]) -> list[Due]:
    """The time of the first of each datastream's rows, which are in order."""
    return list({row[0]: row[1] for row in reversed(rows)}.items())


def _offered(decisions: Sequence[Decision]) -> dict[int, tuple[int, int]]:
    """For each device whose frames were authentic: (frames, rows)."""
    frames: dict[int, int] = defaultdict(int)
    rows: dict[int, int] = defaultdict(int)
    for one in decisions:
        if one.authentic and one.device is not None:
            frames[one.device.id] += 1
            rows[one.device.id] += len(one.rows)
    return {device_id: (count, rows[device_id]) for device_id, count in sorted(frames.items())}


def _refusals(decisions: Sequence[Decision]) -> list[tuple[int, str, int, int]]:
    frames, records = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    for one in decisions:
        if one.reason is None and not one.refused:
            continue
        device_id = one.device.id if one.device is not None else UNREGISTERED
        frames[device_id, one.first_reason or ""] += 1
        for reason in one.refused:
            records[device_id, reason] += 1
    return [(*key, frames[key], records[key]) for key in sorted(frames | records)]


def _device(decision: Decision) -> Device:
    assert decision.device is not None
    return decision.device
