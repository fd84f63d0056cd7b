"""Receipts: the signed answer that frames are settled (SPEC 7)."""

from collections.abc import Iterable, Sequence

import msgspec

from hydroalert.domain.refusals import Reason
from hydroalert.wire.frame import MAX_BODY_BYTES, RECEIPT, Header, sign_frame
from hydroalert.wire.topics import receipts_topic

Range = tuple[int, int]
Refused = tuple[int, Reason]
_ENTRY_BYTES = 48
"""No entry, its comma included, is longer: two ten-digit sequences, or one and the longest reason."""
_FIXED_BYTES = 128
_ENTRIES = (MAX_BODY_BYTES - _FIXED_BYTES) // _ENTRY_BYTES


def ranges(sequences: Iterable[int]) -> list[Range]:
    """Runs of settled sequences, both ends included, in order: [7, 8, 9, 12] gives [(7, 9), (12, 12)]."""
    runs: list[Range] = []
    for sequence in sorted(set(sequences)):
        if runs and runs[-1][1] == sequence - 1:
            runs[-1] = (runs[-1][0], sequence)
        else:
            runs.append((sequence, sequence))
    return runs


def sign_receipts(
    secret: bytes,
    device: str,
    answered: tuple[int, int],
    at_ms: int,
    stored: Sequence[int],
    refused: Sequence[Refused],
) -> list[bytes]:
    """The receipt frames for one (boot, key id) of a device, split so that no body passes 4096 bytes.

    SPEC 7: the header repeats boot and key id, with sequence 0 and flags 0. A sequence that is refused is
    not also stored.
    """
    boot, key_id = answered
    header = Header(content=RECEIPT, flags=0, key_id=key_id, boot=boot, sequence=0)
    topic = receipts_topic(device)
    without = {sequence for sequence, _ in refused}
    bodies = _bodies(boot, at_ms, ranges(s for s in stored if s not in without), list(dict(refused).items()))
    return [sign_frame(secret, topic, header, body) for body in bodies]


def _bodies(boot: int, at_ms: int, stored: list[Range], refused: list[Refused]) -> Iterable[bytes]:
    while stored or refused:
        some_stored, stored = stored[:_ENTRIES], stored[_ENTRIES:]
        room = _ENTRIES - len(some_stored)
        some_refused, refused = refused[:room], refused[room:]
        yield msgspec.json.encode({"boot": boot, "at": at_ms, "stored": some_stored, "refused": some_refused})
