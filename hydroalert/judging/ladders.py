"""Which level of a ladder is held: hysteresis, hold-up and hold-down over the newest run of samples. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hydroalert.domain.rules import Level
from hydroalert.judging.signals import Sample, Samples

Rung = tuple[Level, float]
"""A level, and its threshold at this member."""


def held_level(ladder: Sequence[Rung], samples: Samples, held: int) -> int:
    """The level held now, counted from 1, 0 for none; `held` is what was held before.

    It rises to the highest level that is reached, and falls step by step past those that are released. A level cannot
    be reached and released at once, so a constant input never flaps.
    """
    reached = reached_level(ladder, samples)
    while held > reached and _is_released(*ladder[held - 1], samples):
        held -= 1
    return max(held, reached)


def reached_level(ladder: Sequence[Rung], samples: Samples) -> int:
    """The highest level whose threshold the newest samples reached for long enough."""
    for number in range(len(ladder), 0, -1):
        level, threshold = ladder[number - 1]
        if _is_reached(level, threshold, samples):
            return number
    return 0


def corroborated_level(ladder: Sequence[Rung], samples: Samples, held: int) -> int:
    """The highest level up to `held` that the newest samples reach and that does not rest on a suspect value alone."""
    for number in range(held, 0, -1):
        run = _newest_run(samples, ladder[number - 1][1])
        doubts = {doubt for sample in run for doubt in sample.doubts}
        if len(doubts) > 1 or any(not sample.doubts for sample in run):
            return number
    return 0


def onset_of(threshold: float, samples: Samples) -> datetime | None:
    """When the newest run at or above the threshold began."""
    onset = None
    for sample in samples:
        if sample.value < threshold:
            break
        onset = sample.time
    return onset


def _newest_run(samples: Samples, least: float) -> list[Sample]:
    """The newest samples at or above `least`, newest first; two tell all."""
    run: list[Sample] = []
    for sample in samples:
        if sample.value < least or len(run) == 2:
            break
        run.append(sample)
    return run


def _is_reached(level: Level, threshold: float, samples: Samples) -> bool:
    for count, sample in enumerate(samples, start=1):
        if sample.value < threshold:
            return False
        if count >= level.hold_up_count and _lasts(sample, samples, level.hold_up_s):
            return True
    return False


def _is_released(level: Level, threshold: float, samples: Samples) -> bool:
    least = release_point(threshold, level.hysteresis)
    for sample in samples:
        if sample.value >= least:
            return False
        if _lasts(sample, samples, level.hold_down_s):
            return True
    return False


def _lasts(first: Sample, samples: Samples, hold_s: int) -> bool:
    """Whether it is long enough from `first` to the newest."""
    return samples.newest is not None and samples.newest.time - first.time >= timedelta(seconds=hold_s)


def release_point(threshold: float, hysteresis: float) -> float:
    """Below which a level is released; rounded as values are written, so that 0.8 - 0.1 is 0.7 and no more."""
    return min(threshold, round(threshold - hysteresis, 9))
