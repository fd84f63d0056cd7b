"""Import an operator's series: rows of time and result, checked as a device's are, stored as exactly once."""

import csv
import math
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path

import msgspec

from hydroalert.admission.batch import BY_IDENTITY, months_of, newest_of
from hydroalert.domain.clock import from_ms, to_ms
from hydroalert.domain.errors import InvalidInput
from hydroalert.store import Connection
from hydroalert.store.copying import Stored
from hydroalert.store.months import make_months
from hydroalert.store.settlements import Tallies, add_settlement, keep_conflicts, merge_observations

ROWS_A_COMMIT = 5_000
EARLIEST_YEAR = 1700
"""No river was gauged before; a year below is a slip, and would make its month all the same."""


class Imported(msgspec.Struct):
    """What became of the rows so far."""

    stored: int = 0
    already_there: int = 0
    conflicts: int = 0


def read_series(path: Path, earliest: datetime, latest: datetime) -> Iterator[tuple[int, float]]:
    """(Unix ms, result) of a CSV with the columns time (RFC 3339) and result.

    Raises InvalidInput naming the line, also where a time is not from `earliest` to `latest`.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"time", "result"} <= set(rows.fieldnames or ()):
                raise InvalidInput(f"{path}: the first line must name the columns time,result")
            for row in rows:
                yield _row(row, f"{path}, line {rows.line_num}", earliest, latest)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path}: {error}") from None


def _row(row: dict[str, str], where: str, earliest: datetime, latest: datetime) -> tuple[int, float]:
    try:
        time, result = datetime.fromisoformat(row["time"]), float(row["result"])
    except (ValueError, TypeError) as error:
        raise InvalidInput(f"{where}: {error}") from None
    if time.tzinfo is None:
        raise InvalidInput(f"{where}: {row['time']} has no offset; write 2025-11-28T06:30:00Z or +05:30")
    if time.year < EARLIEST_YEAR:
        raise InvalidInput(f"{where}: {row['time']} is before the year {EARLIEST_YEAR}")
    if not earliest <= time <= latest:
        raise InvalidInput(
            f"{where}: {row['time']} is {'in the future' if time > latest else 'older than the retention'}"
        )
    if not math.isfinite(result):
        raise InvalidInput(f"{where}: {row['result']} is not a finite number")
    return to_ms(time), result


async def import_series(
    connection: Connection, datastream_id: int, series: Iterable[tuple[int, float]]
) -> AsyncIterator[Imported]:
    """Store the rows, some thousands a commit; yields the counts after each. What was there already adds nothing."""
    done, rows = Imported(), iter(series)
    while some := list(islice(rows, ROWS_A_COMMIT)):
        await _import_some(connection, [(datastream_id, time_ms, 0, result) for time_ms, result in some], done)
        yield done


async def _import_some(connection: Connection, rows: list[Stored], done: Imported) -> None:
    rows.sort(key=BY_IDENTITY)
    firsts = [next(same) for _, same in groupby(rows, key=BY_IDENTITY)]
    now = datetime.now(UTC)
    await make_months(connection, months_of(rows))
    async with connection.transaction():
        new, contradictions = await merge_observations(connection, rows, to_ms(now))
        kept = await keep_conflicts(connection, contradictions, [(None, None)] * len(contradictions), to_ms(now))
        stored = newest_of([row for row in firsts if (row[0], from_ms(row[1])) in new])
        await add_settlement(connection, Tallies(stored, [], []), now)
    done.stored += len(new)
    done.conflicts += len(kept)
    done.already_there += len(rows) - len(new) - len(kept)
