"""The ledger: every frame and record that was sent, and every answer. One SQLite file below ``--state``.

A batch is committed before its frames go out, so the ledger never knows less than the platform. It survives
``kill -9`` of the simulator; a power cut of the whole machine may take the last batch with it (no fsync: the
simulator must not compete for the disk it measures).
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from firmware_protocol.senml import Reading

FILE_NAME = "ledger.sqlite"
GOOD = "good"


class LedgerError(Exception):
    """There is no ledger to read, or it cannot be written."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One frame as it is about to go out. ``readings`` are those that the platform may keep because of it."""

    device: str
    boot: int
    sequence: int
    key_id: int
    content: int
    readings: Sequence[Reading]
    kind: str = GOOD
    expected: str | None = None
    wants_receipt: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """One range of a receipt; ``reason`` is None where it says stored."""

    device: str
    boot: int
    key_id: int
    first: int
    last: int
    reason: str | None
    at_ms: int


class Ledger:
    """Append-only writer of one run. Not for several processes at a time on one state directory."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA busy_timeout=5000;")
        self._database.executescript(_schema())
        self._devices: dict[str, int] = dict(self._database.execute("SELECT code, id FROM device"))
        self._next_frame: int = self._one("SELECT coalesce(max(id), 0) + 1 FROM frame")
        self._run = 0
        self._answers: list[Answer] = []

    def begin_run(self, command: str, seed: int | None, now_ms: int, devices: Iterable[tuple[str, str]]) -> None:
        """Open a run of these (device, station) pairs; must come before :meth:`sent`."""
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR IGNORE INTO device (code, station) VALUES (?, ?)", devices)
        self._database.execute("INSERT INTO run (command, seed, started_ms) VALUES (?, ?, ?)", (command, seed, now_ms))
        self._run = self._one("SELECT max(id) FROM run")
        self._database.execute("COMMIT")
        self._devices = dict(self._database.execute("SELECT code, id FROM device"))

    def sent(self, frames: Sequence[Sent], now_ms: int) -> None:
        """Commit frames, and with them the answers noted so far. Call it before the frames go out."""
        first = self._next_frame
        self._next_frame += len(frames)
        self._database.execute("BEGIN")
        self._database.executemany(
            "INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    number, self._run, self._devices[frame.device], frame.boot, frame.sequence,
                    frame.key_id, frame.content, frame.kind, frame.expected, frame.wants_receipt, now_ms,
                )
                for number, frame in enumerate(frames, first)
            ),
        )  # fmt: skip
        self._database.executemany(
            "INSERT INTO record VALUES (?, ?, ?, ?)",
            (
                (number, reading.code, reading.time_ms, reading.value)
                for number, frame in enumerate(frames, first)
                for reading in frame.readings
            ),
        )
        self._write_answers()
        self._database.execute("COMMIT")

    def answered(self, answers: Iterable[Answer]) -> None:
        """Note what a receipt said; committed with the next batch, or by :meth:`flush`."""
        self._answers.extend(answers)

    def flush(self) -> None:
        """Commit the answers noted so far."""
        if self._answers:
            self._database.execute("BEGIN")
            self._write_answers()
            self._database.execute("COMMIT")

    def repeats(self, device: str, rows: Iterable[tuple[str, int, float, bool]]) -> None:
        """Keep rows (datastream, time_ms, value, conflicting) of a source whose time already had a value."""
        number = self._devices[device]
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO source_repeat VALUES (?, ?, ?, ?, ?)", ((number, *row) for row in rows))
        self._database.execute("COMMIT")

    def unsettled(self, device: str, frames: Iterable[tuple[int, int]]) -> None:
        """Keep the (boot, sequence) of frames that nobody vouched for when the run ended."""
        number = self._devices[device]
        self._database.execute("BEGIN")
        self._database.executemany("INSERT INTO unsettled VALUES (?, ?, ?)", ((number, *one) for one in frames))
        self._database.execute("COMMIT")

    def knows(self, device: str, boot: int, sequence: int) -> bool:
        """Whether this frame is on record: a spool may hold one that a killed run had no time to write down."""
        return (
            self._one(
                "SELECT EXISTS (SELECT 1 FROM frame WHERE device = ? AND boot = ? AND sequence = ?)",
                (self._devices.get(device, -1), boot, sequence),
            )
            != 0
        )

    def close(self) -> None:
        """Commit what is left and close the file."""
        self.flush()
        self._database.close()

    def _write_answers(self) -> None:
        self._database.executemany(
            "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                (self._devices[one.device], one.boot, one.key_id, one.first, one.last, one.reason, one.at_ms)
                for one in self._answers
            ),
        )
        self._answers.clear()

    def _one(self, query: str, parameters: tuple[object, ...] = ()) -> int:
        return int(self._database.execute(query, parameters).fetchone()[0])


def _schema() -> str:
    return files("device_sim").joinpath("ledger_schema.sql").read_text(encoding="utf-8")
