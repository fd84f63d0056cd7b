"""What is shown of observations, as JSON and as CSV (RFC 4180)."""

import csv
import io
from collections.abc import AsyncIterator, Sequence

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.domain.quality import word_of
from hydroalert.store import reading_observations as store

_ROWS_A_CHUNK = 500


class Observation(msgspec.Struct, frozen=True):
    """`quality` is QARTOD's flag: 1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing. `test` is what set it."""

    time: str
    received_at: str
    result: float
    quality: int
    test: str


class ObservationPage(msgspec.Struct, frozen=True):
    """Observations in the order of their times; `next` is the cursor of the next page, null on the last."""

    unit: str
    observations: list[Observation]
    next: str | None


def show_observation(observation: store.Observation) -> Observation:
    """An observation as JSON has it."""
    return Observation(
        rfc3339(observation.time),
        rfc3339(observation.received_at),
        observation.result,
        observation.quality,
        word_of(observation.test),
    )


async def stream_csv(observations: Sequence[store.Observation], unit: str) -> AsyncIterator[bytes]:
    """The head, then the rows, a few hundred at a time."""
    yield _lines([("time", "received_at", "result", "quality", "test", "unit")])
    for start in range(0, len(observations), _ROWS_A_CHUNK):
        yield _lines(
            [
                (rfc3339(one.time), rfc3339(one.received_at), repr(one.result), one.quality, word_of(one.test), unit)
                for one in observations[start : start + _ROWS_A_CHUNK]
            ]
        )


def _lines(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()
