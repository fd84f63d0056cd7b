"""What is shown of a conflict."""

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.store import conflicts as store


class Conflict(msgspec.Struct, frozen=True):
    """A value kept beside the one in the series, `series_result`; `superseded_at` where it stood there itself once."""

    id: int
    station: str
    datastream: str
    time: str
    result: float
    series_result: float | None
    received_at: str
    device: str | None
    superseded_at: str | None


class ConflictPage(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page; null on the last."""

    conflicts: list[Conflict]
    next: str | None


def show_conflict(conflict: store.Conflict) -> Conflict:
    """As JSON has it."""
    return Conflict(
        conflict.id,
        conflict.station,
        conflict.datastream,
        rfc3339(conflict.phenomenon_time),
        conflict.result,
        conflict.series_result,
        rfc3339(conflict.received_at),
        conflict.device,
        None if conflict.superseded_at is None else rfc3339(conflict.superseded_at),
    )
