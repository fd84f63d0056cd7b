"""What every reader gives back: series of readings of real stations, in time order."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_OTHER = re.compile(r"[^a-z0-9]+")


class SourceError(Exception):
    """A file that cannot be replayed as it is; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """A station as its source names it. ``lon`` and ``lat`` are WGS 84 degrees, None where unknown."""

    code: str
    name: str
    official_code: str
    river: str | None = None
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one datastream: ``time_ms`` is Unix milliseconds, ``value`` in the series' unit."""

    time_ms: int
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """One observed property at one station, as the source tells it: rows may repeat, order is the file's."""

    place: Place
    datastream: str
    unit: str
    interval_s: int
    samples: tuple[Sample, ...]
    skipped: int = 0  # rows without a value that a gauge measured: missing, or filled in by a tool


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A series in time order with one value per time. The first row of the source counts."""

    samples: tuple[Sample, ...]
    repeated: tuple[Sample, ...] = field(default=())  # same time, same value as the first
    conflicting: tuple[Sample, ...] = field(default=())  # same time, another value


def slug(text: str) -> str:
    """The code of a name from elsewhere: lower case, runs of other characters become ``-`` (design 4.1)."""
    code = _OTHER.sub("-", text.lower()).strip("-")[:63].rstrip("-")
    if not code:
        raise SourceError(f"{text!r} holds no letter or digit to make a station's code of")
    return code


def clean(samples: Iterable[Sample]) -> Cleaned:
    """Sort by time and set rows aside whose time already has a value."""
    first: dict[int, Sample] = {}
    repeated: list[Sample] = []
    conflicting: list[Sample] = []
    for sample in samples:
        known = first.setdefault(sample.time_ms, sample)
        if known is not sample:
            (repeated if known.value == sample.value else conflicting).append(sample)
    ordered = tuple(first[time_ms] for time_ms in sorted(first))
    return Cleaned(ordered, tuple(repeated), tuple(conflicting))


def merge(series: Iterable[Series]) -> list[Series]:
    """Join series of the same station and datastream (a gauge's files of two months), in order of first sight."""
    joined: dict[tuple[str, str], Series] = {}
    for one in series:
        key = (one.place.code, one.datastream)
        known = joined.get(key)
        joined[key] = one if known is None else _join(known, one)
    return list(joined.values())


def _join(known: Series, more: Series) -> Series:
    if known.unit != more.unit:
        raise SourceError(
            f"{known.place.code}/{known.datastream} comes in {known.unit} and in {more.unit}: "
            "replay the files one by one, as different stations"
        )
    return Series(
        known.place,
        known.datastream,
        known.unit,
        min(known.interval_s, more.interval_s),
        known.samples + more.samples,
        known.skipped + more.skipped,
    )
