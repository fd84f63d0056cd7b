"""What was sent against what the platform has: pure, one series at a time."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import IntEnum


class Claim(IntEnum):
    """What may be expected of a record, by the fate of its frame; the strongest of several sendings counts."""

    TOLERATED = 0  # its frame was refused: it may be there, for each record is decided by itself
    WAITING = 1  # nobody has said yet
    OWED = 2  # a receipt said stored, or none was wanted and the broker took it


@dataclass(slots=True)
class Expected:
    """What the ledger says of one (datastream, time): every value sent, first one first, and its claim."""

    values: list[float]
    claim: Claim


@dataclass(slots=True)
class Finding:
    """Counts of observations. ``unsent``: the platform has them, the ledger does not; somebody else sent them."""

    sent: int = 0
    stored: int = 0
    lost: int = 0
    doubled: int = 0
    wrong: int = 0
    unsent: int = 0
    waiting: int = 0
    conflicting: int = 0  # several values were sent for one time: the platform keeps one of them

    def add(self, other: "Finding") -> None:
        """Add another series' counts to these."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def compare(expected: Mapping[int, Expected], found: Iterable[tuple[int, float]]) -> Finding:
    """Judge one series: ``expected`` by time in ms, ``found`` as (time in ms, result)."""
    finding = Finding(sent=len(expected))
    finding.conflicting = sum(len(set(one.values)) > 1 for one in expected.values())
    seen: set[int] = set()
    for time_ms, result in found:
        if time_ms in seen:
            finding.doubled += 1
            continue
        seen.add(time_ms)
        known = expected.get(time_ms)
        if known is None:
            finding.unsent += 1
        elif result not in known.values:
            finding.wrong += 1
        else:
            finding.stored += 1
    missing = [one.claim for time_ms, one in expected.items() if time_ms not in seen]
    finding.lost = missing.count(Claim.OWED)
    finding.waiting = missing.count(Claim.WAITING)
    return finding


@dataclass(slots=True)
class Refusals:
    """Frames refused by reason: as they should be, or not; and those that should have been and were not."""

    expected: Counter[str] = field(default_factory=Counter)
    unexpected: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)

    def judge(self, expected: str | None, reason: str | None) -> None:
        """Count one answered frame: the refusal it had to meet, against what the receipt said."""
        if reason is None:
            if expected is not None:
                self.accepted[expected] += 1
        elif reason == expected:
            self.expected[reason] += 1
        else:
            self.unexpected[reason] += 1
