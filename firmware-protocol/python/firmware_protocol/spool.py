"""The durable spool: one SQLite file that survives ``kill -9`` and power cuts (SPEC 9).

Appending and starting a boot are synced to the medium (WAL, ``synchronous=FULL``). Notes of sendings and prunings
are only written: what a power cut takes of them costs a second sending, which adds nothing (SPEC 9.10).
"""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from firmware_protocol.errors import SpoolError
from firmware_protocol.frames import LAST_WILL_SEQUENCE
from firmware_protocol.memory_spool import MemorySpool
from firmware_protocol.receipts import MAX_BOOT, Receipt
from firmware_protocol.resend import UNDER_WAY_MS, ResendSchedule
from firmware_protocol.store import Bounds, Numbers, Settlement, SpooledFrame, SpoolStore

__all__ = ["Bounds", "MemorySpool", "Settlement", "Spool", "SpoolStore", "SpooledFrame"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS device (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    boot INTEGER NOT NULL, client_id TEXT NOT NULL, dropped INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS frame (
    boot INTEGER NOT NULL, sequence INTEGER NOT NULL, content INTEGER NOT NULL, body BLOB NOT NULL,
    newest_reading_ms INTEGER NOT NULL,
    sendings INTEGER NOT NULL DEFAULT 0,
    sent_ms INTEGER,
    next_send_ms INTEGER NOT NULL DEFAULT 0,
    key_ids BLOB NOT NULL DEFAULT x'',  -- one byte for each sending: which key signed it
    PRIMARY KEY (boot, sequence)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS frame_by_reading ON frame (newest_reading_ms DESC, boot, sequence, next_send_ms);
CREATE INDEX IF NOT EXISTS frame_by_worth ON frame (sendings = 0, newest_reading_ms);
CREATE INDEX IF NOT EXISTS frame_by_sending ON frame (sent_ms);
CREATE INDEX IF NOT EXISTS frame_by_next_sending ON frame (next_send_ms);
"""
# Answered by an index: most of the time nothing is due, and then the frames need not be looked through.
_ANY_DUE = """
SELECT EXISTS (SELECT 1 FROM frame WHERE next_send_ms <= :now)
    OR EXISTS (SELECT 1 FROM frame WHERE next_send_ms > :set_back)
"""
_DUE = """
SELECT boot, sequence, content, body, newest_reading_ms, sendings FROM frame
WHERE next_send_ms <= :now OR next_send_ms > :set_back
ORDER BY newest_reading_ms DESC, boot, sequence LIMIT :limit
"""
_MARK_SENT = """
UPDATE frame SET sendings = sendings + 1, sent_ms = :now, next_send_ms = :next,
    key_ids = CASE WHEN instr(key_ids, :key) THEN key_ids ELSE CAST(key_ids || :key AS BLOB) END
WHERE boot = :boot AND sequence = :sequence
"""
_SETTLE = """
DELETE FROM frame WHERE boot = ? AND sequence BETWEEN ? AND ? AND instr(key_ids, ?)
RETURNING boot, sequence, length(body)
"""
_LEAST_WORTH = """
SELECT boot, sequence, length(body) FROM frame ORDER BY sendings = 0, newest_reading_ms, boot, sequence LIMIT 1
"""

_Pruned = tuple[int, int, int]
"""Boot, sequence, bytes of the body."""


class Spool:
    """A spool in one file. Opening it begins a new boot; one process at a time may hold it.

    Raises SpoolError where the file cannot be opened, is held by another process, or is no spool.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        bounds: Bounds = Bounds(),  # noqa: B008 - immutable
        schedule: ResendSchedule = ResendSchedule(),  # noqa: B008 - immutable
        random_bits: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._bounds = bounds
        self._longest_ms = schedule.longest_ms
        self._sequence = 0
        with _as_spool_error(path):
            self._database = _open(path)
            self._boot, self._client_id = self._begin_boot(random_bits)
            self._frames, self._bytes = self._measure()

    @property
    def boot(self) -> int:
        """The boot that new frames are numbered under."""
        return self._boot

    @property
    def client_id(self) -> str:
        """32 hex digits, drawn once with the file."""
        return self._client_id

    @property
    def dropped(self) -> int:
        """How many frames were given up since the file was made."""
        return int(self._database.execute("SELECT dropped FROM device").fetchone()[0])

    def __len__(self) -> int:
        return self._frames

    def next_numbers(self) -> Numbers:
        """Take the next sequence; at the last will's number a new boot begins (SPEC 4.5)."""
        if self._sequence == LAST_WILL_SEQUENCE:
            self._boot, _ = self._begin_boot(secrets.randbits)
            self._sequence = 0
        numbers = (self._boot, self._sequence)
        self._sequence += 1
        return numbers

    def append(self, body: bytes, content: int, newest_reading_ms: int) -> Numbers:
        """Keep a body: synced to the medium when this returns. Raises SpoolError where it cannot be."""
        numbers = self.next_numbers()
        with _as_spool_error(), self._transaction():
            given_up = self._make_room(len(body))
            self._database.execute(
                "INSERT INTO frame (boot, sequence, content, body, newest_reading_ms) VALUES (?, ?, ?, ?, ?)",
                (*numbers, content, body, newest_reading_ms),
            )
        self._forget_sizes(given_up)
        self._frames += 1
        self._bytes += len(body)
        return numbers

    def due(self, now_ms: int, window_left: int) -> list[SpooledFrame]:
        """Up to ``window_left`` frames to send now, newest reading first (SPEC 9.6, 9.9)."""
        places = {"now": now_ms, "set_back": now_ms + self._longest_ms, "limit": window_left}
        if not self._database.execute(_ANY_DUE, places).fetchone()[0]:
            return []
        return [SpooledFrame(*row) for row in self._database.execute(_DUE, places)]

    def under_way(self, now_ms: int) -> int:
        """How many frames were sent within the last 60 s and have no receipt (SPEC 9.4)."""
        query = "SELECT count(*) FROM frame WHERE sent_ms > ? AND sent_ms <= ?"
        return int(self._database.execute(query, (now_ms - UNDER_WAY_MS, now_ms)).fetchone()[0])

    def mark_sent(self, numbers: Numbers, key_id: int, now_ms: int, next_send_ms: int) -> None:
        """Note a sending, before it happens."""
        boot, sequence = numbers
        places = {"boot": boot, "sequence": sequence, "now": now_ms, "next": next_send_ms, "key": bytes((key_id,))}
        with _as_spool_error(), self._transaction(synced=False):
            self._database.execute(_MARK_SENT, places)

    def settle(self, receipt: Receipt, key_id: int) -> Settlement:
        """Prune what the receipt answers, of what was sent signed with ``key_id`` (SPEC 7.5)."""
        stored: list[_Pruned] = []
        refused: list[tuple[_Pruned, str]] = []
        with _as_spool_error(), self._transaction(synced=False):
            for first, last in receipt.stored:
                stored += self._prune(receipt.boot, first, last, key_id)
            for sequence, reason in receipt.refused:
                refused += [(row, reason) for row in self._prune(receipt.boot, sequence, sequence, key_id)]
        self._forget_sizes([row[2] for row in [*stored, *(row for row, _ in refused)]])
        return Settlement(tuple(row[:2] for row in stored), tuple((row[:2], reason) for row, reason in refused))

    def next_due_ms(self) -> int | None:
        """When the next frame may be due, 0 for at once; None where the spool is empty."""
        earliest = self._database.execute("SELECT min(next_send_ms) FROM frame").fetchone()[0]
        return None if earliest is None else int(earliest)

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def _begin_boot(self, random_bits: Callable[[int], int]) -> tuple[int, str]:
        """SPEC 4.1, 4.2: one more than the stored boot, or all random; on the medium before it is used."""
        with self._transaction():
            row = self._database.execute("SELECT boot, client_id FROM device").fetchone()
            boot = random_bits(32) if row is None else (row[0] + 1) & MAX_BOOT
            client_id = f"{random_bits(128):032x}" if row is None else row[1]
            upsert = (
                "INSERT INTO device (only_row, boot, client_id) VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET boot = ?"
            )
            self._database.execute(upsert, (boot, client_id, boot))
        return boot, client_id

    def _make_room(self, wanted_bytes: int) -> list[int]:
        """Give up frames until one more fits (SPEC 9.8); the sizes of those given up."""
        given_up: list[int] = []
        while len(given_up) < self._frames and not self._fits(wanted_bytes, given_up):
            boot, sequence, size = self._database.execute(_LEAST_WORTH).fetchone()
            self._database.execute("DELETE FROM frame WHERE boot = ? AND sequence = ?", (boot, sequence))
            given_up.append(size)
        if given_up:
            self._database.execute("UPDATE device SET dropped = dropped + ?", (len(given_up),))
        return given_up

    def _fits(self, wanted_bytes: int, given_up: list[int]) -> bool:
        frames = self._frames - len(given_up) + 1
        return frames <= self._bounds.max_frames and (
            self._bytes - sum(given_up) + wanted_bytes <= self._bounds.max_bytes
        )

    def _prune(self, boot: int, first: int, last: int, key_id: int) -> list[_Pruned]:
        return sorted(self._database.execute(_SETTLE, (boot, first, last, bytes((key_id,)))))

    def _forget_sizes(self, sizes: list[int]) -> None:
        self._frames -= len(sizes)
        self._bytes -= sum(sizes)

    def _measure(self) -> tuple[int, int]:
        frames, size = self._database.execute("SELECT count(*), ifnull(sum(length(body)), 0) FROM frame").fetchone()
        return int(frames), int(size)

    @contextmanager
    def _transaction(self, *, synced: bool = True) -> Iterator[None]:
        self._database.execute(f"PRAGMA synchronous = {'FULL' if synced else 'NORMAL'}")
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise


def _open(path: str | Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, isolation_level=None, timeout=1.0)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.executescript(_SCHEMA)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def _as_spool_error(path: str | Path = "") -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        where = f" {path}" if path else ""
        raise SpoolError(
            f"the spool{where} cannot be used: {error}. Is another process holding it, is the disk full, "
            "or is it another kind of file? Move a broken one away: the next start makes a new one."
        ) from error
