"""Receipts that the platform signs: whole, split, and never two answers for one sequence."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.domain.refusals import Reason
from hydroalert.wire.frame import body_of, has_good_tag, read_header
from hydroalert.wire.receipt import ranges, sign_receipts

KEY = bytes(range(32))
AT_MS = 1_764_311_400_000
TOPIC = "hydroalert/v1/devices/gauge-1/receipts"

sequences = st.lists(st.integers(0, 2**32 - 1), max_size=300)
refusals = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.sampled_from(list(Reason))), max_size=300)


def receipts(stored: list[int], refused: list[tuple[int, Reason]], boot: int = 7, key_id: int = 3) -> list[bytes]:
    """Signed for gauge-1."""
    return sign_receipts(KEY, "gauge-1", (boot, key_id), AT_MS, stored, refused)


def body(frame: bytes) -> dict[str, Any]:
    """What a receipt says."""
    said: dict[str, Any] = json.loads(body_of(frame))
    return said


@given(sequences)
def test_ranges_hold_exactly_the_sequences_given_in_order_and_never_touch(given_sequences: list[int]) -> None:
    found = ranges(given_sequences)
    assert [first for first, _ in found] == sorted(first for first, _ in found)
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))
    assert sum(last - first + 1 for first, last in found) == len(set(given_sequences))
    assert all(any(first <= one <= last for first, last in found) for one in given_sequences)


@given(sequences, refusals, st.integers(0, 2**32 - 1), st.integers(0, 255))
def test_every_receipt_verifies_and_repeats_boot_and_key_id(
    stored: list[int], refused: list[tuple[int, Reason]], boot: int, key_id: int
) -> None:
    for frame in receipts(stored, refused, boot, key_id):
        header = read_header(frame)
        assert has_good_tag(KEY, TOPIC, frame)
        assert (header.content, header.flags, header.key_id, header.boot, header.sequence) == (16, 0, key_id, boot, 0)  # type: ignore[union-attr]
        assert (body(frame)["boot"], body(frame)["at"]) == (boot, AT_MS)


@given(sequences, refusals)
def test_each_settled_sequence_is_answered_once_over_all_receipts(
    stored: list[int], refused: list[tuple[int, Reason]]
) -> None:
    said = [body(frame) for frame in receipts(stored, refused)]
    in_ranges = [one for part in said for first, last in part["stored"] for one in range(first, last + 1)]
    as_refused = [sequence for part in said for sequence, _ in part["refused"]]
    assert sorted(in_ranges + as_refused) == sorted({*stored, *(sequence for sequence, _ in refused)})


@pytest.mark.parametrize("reason", list(Reason))
def test_no_receipt_body_passes_4096_bytes_even_with_the_longest_words(reason: Reason) -> None:
    stored = [2**32 - 1 - 2 * step for step in range(500)]
    refused = [(2**32 - 2 - 2 * step, reason) for step in range(500)]
    frames = receipts(stored, refused, 2**32 - 1, 255)
    assert len(frames) > 1
    assert max(len(body_of(frame)) for frame in frames) <= 4096


def test_a_refused_sequence_is_not_also_stored() -> None:
    (frame,) = receipts([1, 2, 3], [(2, Reason.BAD_BODY)])
    assert (body(frame)["stored"], body(frame)["refused"]) == ([[1, 1], [3, 3]], [[2, "bad_body"]])


def test_nothing_settled_is_nothing_said() -> None:
    assert receipts([], []) == []
