"""Receipts for what is settled: one for each (device, boot, key id) of a batch (SPEC 7). Pure."""

from collections.abc import Iterable

import msgspec

from hydroalert.admission.decide import Decision
from hydroalert.domain.refusals import Reason
from hydroalert.domain.registry import Device
from hydroalert.wire.receipt import sign_receipts


class Receipt(msgspec.Struct, frozen=True):
    """A signed frame for the device named."""

    device: str
    frame: bytes


class _Answer(msgspec.Struct):
    device: Device
    stored: list[int]
    refused: list[tuple[int, Reason]]


def receipts_for(settled: Iterable[Decision], at_ms: int) -> list[Receipt]:
    """Sign what the senders of these settled, authentic frames asked to hear."""
    answers: dict[tuple[int, int, int], _Answer] = {}
    for decision in settled:
        device, header = decision.device, decision.header
        if device is None or header is None or not header.wants_receipt:
            continue
        key = (device.id, header.boot, header.key_id)
        answer = answers.setdefault(key, _Answer(device, [], []))
        if decision.first_reason is None:
            answer.stored.append(header.sequence)
        else:
            answer.refused.append((header.sequence, decision.first_reason))
    return [
        Receipt(answer.device.code, frame)
        for (_, boot, key_id), answer in answers.items()
        for frame in sign_receipts(
            answer.device.keys[key_id].secret,
            answer.device.code,
            (boot, key_id),
            at_ms,
            answer.stored,
            answer.refused,
        )
    ]
