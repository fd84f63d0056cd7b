"""The ledger, read: what every frame's fate says about its records."""

import sqlite3
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from device_sim.compare import Claim, Expected, Refusals
from device_sim.ledger import LedgerError

COPIES = {"duplicate", "replayed"}
UNSIGNED = {"bad_tag", "malformed"}
_INDEXES = """
CREATE INDEX IF NOT EXISTS frame_device ON frame (device);
CREATE INDEX IF NOT EXISTS record_frame ON record (frame);
CREATE INDEX IF NOT EXISTS answer_device ON answer (device);
"""
# Indexes would slow down the next run.
_NO_INDEXES = "DROP INDEX frame_device; DROP INDEX record_frame; DROP INDEX answer_device;"
_FRAMES = "SELECT id, boot, sequence, key_id, kind, expected, wants_receipt FROM frame WHERE device = ? ORDER BY id"
_RECORDS = """
SELECT record.frame, record.datastream, record.time_ms, record.value
FROM frame JOIN record ON record.frame = frame.id WHERE frame.device = ? ORDER BY frame.id
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One device of the ledger: its series by datastream and time, and how its frames were refused."""

    device: str
    station: str
    series: dict[str, dict[int, Expected]]
    refusals: Refusals
    frames: int
    waiting_frames: int


class Books:
    """A ledger opened for reading. One device at a time is held in memory."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise LedgerError(f"no ledger at {path}: give the --state of a run")
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript(_INDEXES)

    def close(self) -> None:
        """Close the file, as lean as it was."""
        self._database.executescript(_NO_INDEXES)
        self._database.close()

    def devices(self) -> list[tuple[int, str, str]]:
        """Number, code and station of each device that sent anything."""
        query = "SELECT id, code, station FROM device WHERE id IN (SELECT DISTINCT device FROM frame) ORDER BY code"
        return self._database.execute(query).fetchall()

    def unsigned(self) -> Counter[str]:
        """Frames sent without a good tag, by the refusal that they must meet: no receipt tells of them."""
        rows = self._database.execute(
            "SELECT expected, count(*) FROM frame WHERE expected IN ('bad_tag', 'malformed') GROUP BY expected"
        )
        return Counter(dict(rows))

    def kinds(self) -> dict[str, int]:
        """Frames by kind."""
        return dict(self._database.execute("SELECT kind, count(*) FROM frame GROUP BY kind ORDER BY kind"))

    def source_repeats(self) -> dict[str, int]:
        """Rows of replayed files whose time already had a value: the same one again, or another."""
        rows = self._database.execute("SELECT conflicting, count(*) FROM source_repeat GROUP BY conflicting").fetchall()
        return {("conflicting" if other else "repeated"): count for other, count in rows}

    def entries(self) -> Iterator[Entry]:
        """Device by device."""
        for number, device, station in self.devices():
            yield self._entry(number, device, station)

    def _entry(self, number: int, device: str, station: str) -> Entry:
        answers = _Answers(self._database, number)
        refusals = Refusals()
        claims: dict[int, Claim] = {}
        unsettled = set(self._database.execute("SELECT boot, sequence FROM unsettled WHERE device = ?", (number,)))
        waiting = 0
        for frame, boot, sequence, key_id, kind, expected, wants_receipt in self._database.execute(_FRAMES, (number,)):
            if kind in COPIES or expected in UNSIGNED:
                continue  # a copy shares the fate of its frame; of what has no good tag no receipt speaks
            answered, reason = answers.of(boot, key_id, sequence)
            if answered:
                refusals.judge(expected, reason)
            unsure = bool(wants_receipt) or (boot, sequence) in unsettled
            claims[frame] = _claim(answered=answered, reason=reason, unsure=unsure)
            waiting += claims[frame] is Claim.WAITING
        return Entry(device, station, self._series(number, claims), refusals, len(claims), waiting)

    def _series(self, number: int, claims: dict[int, Claim]) -> dict[str, dict[int, Expected]]:
        series: dict[str, dict[int, Expected]] = defaultdict(dict)
        for frame, datastream, time_ms, value in self._database.execute(_RECORDS, (number,)):
            claim = claims.get(frame, Claim.TOLERATED)
            known = series[datastream].setdefault(time_ms, Expected([], claim))
            known.values.append(value)
            known.claim = max(known.claim, claim)
        return series


def _claim(*, answered: bool, reason: str | None, unsure: bool) -> Claim:
    if answered:
        return Claim.OWED if reason is None else Claim.TOLERATED
    return Claim.WAITING if unsure else Claim.OWED


class _Answers:
    """The receipts of one device, to be asked by sequence."""

    def __init__(self, database: sqlite3.Connection, device: int) -> None:
        self._stored: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        self._refused: dict[tuple[int, int, int], str] = {}
        rows = database.execute("SELECT boot, key_id, first, last, reason FROM answer WHERE device = ?", (device,))
        for boot, key_id, first, last, reason in rows:
            if reason is None:
                self._stored[boot, key_id].append((first, last))
            else:
                self._refused.setdefault((boot, key_id, first), reason)
        self._stored = {key: _joined(ranges) for key, ranges in self._stored.items()}

    def of(self, boot: int, key_id: int, sequence: int) -> tuple[bool, str | None]:
        """Whether any receipt answered it, and the refusal if one did."""
        reason = self._refused.get((boot, key_id, sequence))
        if reason is not None:
            return True, reason
        ranges = self._stored.get((boot, key_id), [])
        place = bisect_right(ranges, (sequence, 0xFFFFFFFF)) - 1
        return place >= 0 and ranges[place][1] >= sequence, None


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same sequences in ranges that neither touch nor overlap."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
