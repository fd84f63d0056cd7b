"""Time as the platform keeps it: whole Unix milliseconds inside, aware UTC outside; and when to doubt it (G10)."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BUILT = datetime(2026, 11, 21, tzinfo=UTC)
"""No clock that is right can show a time before this."""

MAX_AHEAD = timedelta(minutes=5)
"""How far ahead of the platform's clock a phenomenon time may lie (SPEC 5.5)."""

_TOLERANCE = timedelta(seconds=5)


def from_ms(unix_ms: int) -> datetime:
    """The aware UTC time of Unix milliseconds."""
    return EPOCH + timedelta(milliseconds=unix_ms)


def to_ms(moment: datetime) -> int:
    """Whole Unix milliseconds of an aware time, rounded down."""
    return span_ms(moment - EPOCH)


def span_ms(span: timedelta) -> int:
    """Whole milliseconds of a span."""
    return span // timedelta(milliseconds=1)


def rfc3339(moment: datetime) -> str:
    """`2025-11-28T06:30:00.000Z`: RFC 3339, UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def is_doubtful(now: datetime, newest_arrival: datetime | None) -> bool:
    """Whether the platform's own clock must be wrong: before its build, or behind what it has already stored."""
    return now < BUILT or (newest_arrival is not None and now < newest_arrival - _TOLERANCE)
