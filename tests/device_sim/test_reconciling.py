"""The ledger, and what it is compared with."""

from pathlib import Path

import pytest
from device_sim.books import Books
from device_sim.compare import Claim, Expected, Refusals, compare
from device_sim.ledger import FILE_NAME, Answer, Ledger, LedgerError, Sent
from firmware_protocol.senml import Reading

NOW = 1_760_000_000_000


def owed(*values: float) -> Expected:
    return Expected(list(values), Claim.OWED)


def test_what_is_owed_and_not_there_is_lost_and_what_nobody_vouched_for_is_waiting() -> None:
    expected = {1: owed(1.0), 2: Expected([2.0], Claim.WAITING), 3: Expected([3.0], Claim.TOLERATED)}
    finding = compare(expected, [])
    assert (finding.sent, finding.lost, finding.waiting, finding.stored) == (3, 1, 1, 0)


def test_the_same_time_twice_in_a_series_is_doubled() -> None:
    finding = compare({1: owed(1.0)}, [(1, 1.0), (1, 1.0)])
    assert (finding.stored, finding.doubled) == (1, 1)


def test_a_value_that_was_never_sent_is_wrong_and_a_time_that_was_never_sent_is_unsent() -> None:
    finding = compare({1: owed(1.0)}, [(1, 1.5), (2, 1.0)])
    assert (finding.stored, finding.wrong, finding.unsent, finding.lost) == (0, 1, 1, 0)


def test_of_conflicting_values_the_platform_may_keep_either() -> None:
    for kept in (1.0, 2.0):
        finding = compare({1: owed(1.0, 2.0)}, [(1, kept)])
        assert (finding.stored, finding.wrong, finding.conflicting) == (1, 0, 1)


def test_a_refusal_counts_as_expected_only_for_the_reason_that_was_injected() -> None:
    refusals = Refusals()
    for expected, reason in [(None, None), ("time_in_future",) * 2, (None, "over_quota"), ("time_in_future", None)]:
        refusals.judge(expected, reason)
    assert dict(refusals.expected) == {"time_in_future": 1}
    assert dict(refusals.unexpected) == {"over_quota": 1}
    assert dict(refusals.accepted) == {"time_in_future": 1}


def frame(sequence: int, **more: object) -> Sent:
    readings = (Reading("level", NOW + sequence, float(sequence), "m"),)
    return Sent("d", 7, sequence, 3, 0, readings, **more)  # type: ignore[arg-type]


def claims(path: Path) -> dict[int, Claim]:
    books = Books(path)
    try:
        (entry,) = books.entries()
        return {time_ms - NOW: one.claim for time_ms, one in entry.series["level"].items()}
    finally:
        books.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / FILE_NAME)
    ledger.begin_run("test", 1, NOW, [("d", "s")])
    return ledger


def test_a_receipts_ranges_say_what_is_owed_and_silence_says_waiting(ledger: Ledger, tmp_path: Path) -> None:
    ledger.sent([frame(n) for n in range(6)], NOW)
    ledger.answered([Answer("d", 7, 3, 0, 1, None, NOW), Answer("d", 7, 3, 3, 3, "wrong_unit", NOW)])
    ledger.answered([Answer("d", 7, 2, 4, 4, None, NOW), Answer("d", 8, 3, 5, 5, None, NOW)])  # other key, other boot
    ledger.close()
    assert claims(tmp_path / FILE_NAME) == {
        0: Claim.OWED, 1: Claim.OWED, 2: Claim.WAITING, 3: Claim.TOLERATED, 4: Claim.WAITING, 5: Claim.WAITING,
    }  # fmt: skip


def test_without_receipts_a_frame_is_owed_unless_the_run_ended_before_its_acknowledgement(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.sent([frame(n, wants_receipt=False) for n in range(2)], NOW)
    ledger.unsettled("d", [(7, 1)])
    ledger.close()
    assert claims(tmp_path / FILE_NAME) == {0: Claim.OWED, 1: Claim.WAITING}


def test_a_reading_that_was_sent_twice_is_owed_once_either_frame_was_stored(ledger: Ledger, tmp_path: Path) -> None:
    again = Sent("d", 8, 0, 3, 0, frame(0).readings)
    ledger.sent([frame(0), again], NOW)
    ledger.answered([Answer("d", 8, 3, 0, 0, None, NOW)])
    ledger.close()
    assert claims(tmp_path / FILE_NAME) == {0: Claim.OWED}


def test_a_ledger_remembers_over_runs(ledger: Ledger, tmp_path: Path) -> None:
    ledger.sent([frame(0)], NOW)
    ledger.close()
    second = Ledger(tmp_path / FILE_NAME)
    second.begin_run("test", 1, NOW, [("d", "s")])
    second.sent([frame(1)], NOW)
    assert second.knows("d", 7, 0)
    assert second.knows("d", 7, 1)
    assert not second.knows("d", 7, 2)
    second.close()
    assert set(claims(tmp_path / FILE_NAME)) == {0, 1}


def test_a_state_directory_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="--state"):
        Books(tmp_path / FILE_NAME)
