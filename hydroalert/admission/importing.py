"""Import an operator's series: rows of time and result, checked as a device's are, stored as exactly once."""

import csv
import math
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path

import msgspec

from hydroalert.admission.batch import BY_IDENTITY, due_of, months_of, newest_of
from hydroalert.domain.clock import from_ms, to_ms
from hydroalert.domain.errors import InvalidInput
from hydroalert.domain.quality import UNTESTED, Flag, QualitySettings, Test, Verdict, range_test
from hydroalert.store import Connection
from hydroalert.store.copying import Stored
from hydroalert.store.months import make_months
from hydroalert.store.settlements import Tallies, add_settlement, keep_conflicts, merge_observations

ROWS_A_COMMIT = 5_000
EARLIEST_YEAR = 1700
"""No river was gauged before; a year below is a slip, and would make its month all the same."""


Value = tuple[int, float, Verdict]
"""(phenomenon time in Unix ms, result, the source's own verdict or UNTESTED)."""

_FLAGS = {word: flag for flag in Flag for word in (str(flag.value), flag.name.lower())}


class Imported(msgspec.Struct):
    """What became of the rows so far."""

    stored: int = 0
    already_there: int = 0
    conflicts: int = 0


def read_series(path: Path, earliest: datetime, latest: datetime) -> Iterator[Value]:
    """The rows of a CSV with the columns time (RFC 3339) and result.

    A column quality is optional: QARTOD's flag as a number or a word, kept as the source's; a row without is tested as
    a device's would be, and so is one that its source did not evaluate. Raises InvalidInput naming the line, also where
    a time is not from `earliest` to `latest`.
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


def _row(row: dict[str, str], where: str, earliest: datetime, latest: datetime) -> Value:
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
    return to_ms(time), result, _verdict(row.get("quality"), where)


def _verdict(text: str | None, where: str) -> Verdict:
    given = (text or "").strip().lower().replace(" ", "_")
    flag = _FLAGS.get(given) if given else Flag.NOT_EVALUATED
    if flag is None:
        raise InvalidInput(f"{where}: quality {text!r} is none of {', '.join(_FLAGS)}")
    return UNTESTED if flag is Flag.NOT_EVALUATED else (flag, Test.SOURCE)


async def import_series(
    connection: Connection, datastream_id: int, settings: QualitySettings, series: Iterable[Value]
) -> AsyncIterator[Imported]:
    """Store the rows, some thousands a commit; yields the counts after each. What was there already adds nothing."""
    done, values = Imported(), iter(series)
    while some := list(islice(values, ROWS_A_COMMIT)):
        rows = [(datastream_id, time_ms, 0, result, _tested(settings, result, said)) for time_ms, result, said in some]
        await _import_some(connection, rows, done)
        yield done


def _tested(settings: QualitySettings, result: float, said: Verdict) -> Verdict:
    """The source's word, where it gave one: it may know what no span does."""
    return range_test(settings, result) if said is UNTESTED else said


async def _import_some(connection: Connection, rows: list[Stored], done: Imported) -> None:
    rows.sort(key=BY_IDENTITY)
    firsts = [next(same) for _, same in groupby(rows, key=BY_IDENTITY)]
    now = datetime.now(UTC)
    await make_months(connection, months_of(rows))
    async with connection.transaction():
        new, contradictions = await merge_observations(connection, rows, to_ms(now))
        kept = await keep_conflicts(connection, contradictions, [(None, None)] * len(contradictions), to_ms(now))
        stored = [row for row in firsts if (row[0], from_ms(row[1])) in new]
        await add_settlement(connection, Tallies(newest_of(stored), [], [], due_of(stored)), now)
    done.stored += len(new)
    done.conflicts += len(kept)
    done.already_there += len(rows) - len(new) - len(kept)
