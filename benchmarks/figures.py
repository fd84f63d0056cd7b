"""How figures are written: medians with their spread, and tables of Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.trial import Trial


@dataclass
class Table:
    """A heading row and rows of text."""

    head: list[str]
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Section:
    """What one benchmark has to say. `verdicts`: each an acceptance figure against its bound."""

    title: str
    about: str
    tables: list[Table] = field(default_factory=list)
    verdicts: list[str] = field(default_factory=list)


def spread(values: Sequence[float], digits: int = 0) -> str:
    """`median (least–most)`."""
    least, middle, most = (f"{value:,.{digits}f}" for value in (min(values), median(values), max(values)))
    return f"{middle} ({least}–{most})" if len(values) > 1 else middle


def medians(trials: Sequence[Trial], of: Callable[[Trial], float]) -> float:
    """The median of one figure over trials."""
    return median(of(trial) for trial in trials)


def cost_row(name: str, trials: Sequence[Trial]) -> list[str]:
    """One subscriber's figures."""
    return [
        name,
        spread([one.frames_per_s for one in trials]),
        spread([one.subscriber_us for one in trials], 1),
        spread([one.broker_us for one in trials], 1),
        spread([one.database_us for one in trials], 1),
        spread([one.publisher_us for one in trials], 1),
        spread([one.subscriber_mb for one in trials]),
    ]


COST_HEAD = [
    "subscriber",
    "frames/s",
    "its CPU, µs a frame",
    "broker, µs",
    "database, µs",
    "all devices, µs",
    "its memory, MB",
]


def percentile_ms(latencies_s: Sequence[float], share: float) -> float:
    """The latency that `share` of all stay below, in milliseconds."""
    ordered = sorted(latencies_s)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def verdict(said: str, value: float, bound: float, *, at_least: bool) -> str:
    """One acceptance figure in words."""
    good = value >= bound if at_least else value <= bound
    return (
        f"{said}: **{value:.2f}** ({'at least' if at_least else 'at most'} {bound:g}: {'met' if good else 'NOT met'})"
    )
