"""ioos_qc, the reference implementation of QARTOD, judges the same series alike."""

import csv
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ioos_qc import qartod

from hydroalert.domain.quality import QualitySettings
from hydroalert.judging.context import Point
from hydroalert.judging.quality import judge_quality

DATA = Path(__file__).parents[3] / "shared" / "data" / "qartod-ioos_qc"
START = datetime(2026, 11, 1, tzinfo=UTC)
results = st.lists(st.integers(-6, 6).map(float), min_size=3, max_size=40)
"""Whole numbers, and thresholds between them: nothing hangs on the last bit."""


def ours(points: Sequence[Point], given: QualitySettings) -> list[int]:
    """Our flags."""
    return [flag for _, flag, _ in judge_quality(points, given, points[0].time)]


def hourly(values: Sequence[float]) -> list[Point]:
    """A point every hour."""
    return [Point(START + timedelta(hours=place), value) for place, value in enumerate(values)]


def seconds(points: Sequence[Point]) -> np.ndarray:
    """Unix time, as ioos_qc takes it."""
    return np.array([point.time.timestamp() for point in points])


def level_of(points: Sequence[Point]) -> list[float]:
    """The results."""
    return [point.result for point in points]


def gross_range(points: Sequence[Point], sensor: float, operator: float) -> tuple[list[int], list[int]]:
    """(our flags, theirs); they have no word for what is not evaluated yet."""
    spans = QualitySettings(sensor_min=-sensor, sensor_max=sensor, operator_min=-operator, operator_max=operator)
    theirs = qartod.gross_range_test(level_of(points), (-sensor, sensor), (-operator, operator))
    return ours(points, spans), list(theirs)


def spike(points: Sequence[Point], suspect: float, fail: float) -> tuple[list[int], list[int]]:
    """(our flags, theirs)."""
    theirs = qartod.spike_test(level_of(points), suspect, fail)
    return ours(points, QualitySettings(spike_suspect=suspect, spike_fail=fail)), list(theirs)


def rate(points: Sequence[Point], per_h: float) -> tuple[list[int], list[int]]:
    """(our flags, theirs), without the first, which they call good."""
    theirs = qartod.rate_of_change_test(level_of(points), seconds(points), per_h / 3600)
    return ours(points, QualitySettings(rise_per_h=per_h, fall_per_h=per_h))[1:], list(theirs)[1:]


def flat_line(points: Sequence[Point], suspect_s: int, fail_s: int) -> tuple[list[int], list[int]]:
    """(our flags, theirs), whose tolerance is exclusive."""
    theirs = qartod.flat_line_test(level_of(points), seconds(points), suspect_s, fail_s, 1.5)
    limits = QualitySettings(flat_suspect_s=suspect_s, flat_fail_s=fail_s, flat_tolerance=1.0)
    return ours(points, limits), list(theirs)


@given(results, st.integers(1, 6), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_ranges_agree(values: list[float], sensor: int, less: int) -> None:
    mine, theirs = gross_range(hourly(values), sensor + 0.5, max(sensor - less, 0) + 0.25)
    assert mine == theirs


@given(results, st.integers(0, 6), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_spikes_agree(values: list[float], suspect: int, more: int) -> None:
    mine, theirs = spike(hourly(values), suspect + 0.25, suspect + more + 0.25)
    assert mine == theirs


@given(results, st.integers(0, 12))
@settings(max_examples=60, deadline=None)
def test_rates_of_change_agree(values: list[float], per_h: int) -> None:
    mine, theirs = rate(hourly(values), per_h + 0.5)
    assert mine == theirs


@given(st.lists(st.integers(-2, 2).map(float), min_size=12, max_size=40), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_flat_lines_agree(values: list[float], suspect_h: int, more_h: int) -> None:
    mine, theirs = flat_line(hourly(values), suspect_h * 3600, (suspect_h + more_h) * 3600)
    assert mine == theirs


def water_level() -> list[Point]:
    """An hour's readings of a real gauge, with gaps."""
    if not DATA.exists():
        pytest.skip("the real data is not beside this repository")
    with (DATA / "water_level_example.csv").open() as file:
        return [
            Point(datetime.fromisoformat(row["time"]), float(row["sea_surface_height_above_sea_level"]))
            for row in csv.DictReader(file)
            if row["sea_surface_height_above_sea_level"]
        ]


def test_on_a_real_series_of_water_levels_they_agree() -> None:
    points = water_level()
    assert len(points) > 500
    for mine, theirs in (
        gross_range(points, 1.05, 0.55),
        spike(points, 0.123, 0.4567),
        rate(points, 0.0777),
    ):
        assert mine == theirs
        assert len(set(mine)) > 1
