"""One area's back-test as a picture: what was measured, the thresholds, and when which alert would have stood. SVG."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
import pygal
from lxml import etree
from pygal.style import Style

from hydroalert.domain.clock import EPOCH
from hydroalert.domain.rules import Member, Rule, threshold_of
from hydroalert.domain.severity import Severity
from hydroalert.judging.backtest import Case, Course
from hydroalert.judging.context import Stream
from hydroalert.judging.scoring import blind_spells_of, spells_of
from hydroalert.judging.signals import Sample, samples_of

_BUCKETS = 600
"""Of each, the lowest and the highest value are drawn: no crest is lost, however long the time."""
_SILENT_INTERVALS = 3
_SEVERITY_COLOURS = {
    Severity.MINOR: "#f2c400",
    Severity.MODERATE: "#ef7d00",
    Severity.SEVERE: "#d7191c",
    Severity.EXTREME: "#7b1fa2",
}
_BLIND_COLOUR = "#8a8f98"
_LINE_COLOURS = ("#1f5fa8", "#2a9d8f", "#5e548e", "#8d6e63", "#3d5a80", "#6a994e")
_HOURS_A_TICK = (1, 2, 3, 6, 12, 24, 48, 7 * 24, 14 * 24, 28 * 24, 91 * 24, 182 * 24, 364 * 24)
_MOST_TICKS = 10
_VALUES = {"width": 1.6}
_THRESHOLD = {"width": 1, "dasharray": "7, 5"}
_BAND = {"width": 0.4}
_LAYOUT = {
    "width": 1100,
    "height": 520,
    "show_dots": False,
    "allow_interruptions": True,
    "legend_at_bottom": True,
    "legend_at_bottom_columns": 3,
    "truncate_legend": -1,
    "x_label_rotation": 20,
    "js": (),
    "no_prefix": True,
}

_Dots = tuple[tuple[datetime, float | None], ...]


class _Curve(msgspec.Struct, frozen=True):
    """One series of the picture; a band is filled down to the axis."""

    name: str
    colour: str
    dots: _Dots
    stroke: Mapping[str, object]
    band: bool = False


def draw(case: Case, course: Course) -> bytes:
    """An SVG without scripts, the same for the same course. Everything shares one axis of values."""
    by_name = {line.name: line for one in case.rules for line in _lines(one.rule, course)}
    low, high = _reach(value for line in by_name.values() for _, value in line.dots if value is not None)
    curves = [*_bands(course, low, high), *by_name.values()]
    chart = pygal.DateTimeLine(
        title=f"{course.area}: what these rules would have told",
        style=_style([curve.colour for curve in curves]),
        x_labels=_ticks(course.start, course.end),
        x_value_formatter=lambda moment: f"{moment:%d %b %Y %H:%M}",
        xrange=(course.start, course.end),
        range=(low, high),
        zero=low,
        **_LAYOUT,
    )
    for curve in curves:
        chart.add(curve.name, list(curve.dots), fill=curve.band, stroke_style=curve.stroke)
    chart.add_xml_filter(_plain)
    drawn: bytes = chart.render()
    return drawn


def _ticks(start: datetime, end: datetime) -> list[datetime]:
    """Whole hours, as few as can be read."""
    steps = (timedelta(hours=hours) for hours in _HOURS_A_TICK)
    step = next((one for one in steps if (end - start) / one <= _MOST_TICKS), (end - start) / _MOST_TICKS)
    first = EPOCH + math.ceil((start - EPOCH) / step) * step
    return [first + place * step for place in range(math.floor((end - first) / step) + 1)]


def _lines(rule: Rule, course: Course) -> Iterator[_Curve]:
    """What each member measured, and the thresholds it is measured by."""
    for place, member in enumerate(rule.members):
        stream = course.heard.get((member.station, member.datastream))
        if stream is None:
            continue
        unit = f"{stream.unit}/h" if rule.signal == "rise" else stream.unit
        colour = _LINE_COLOURS[place % len(_LINE_COLOURS)]
        dots = _with_gaps(_thinned(samples_of(stream, rule.signal, rule.window_s), course), stream, course)
        yield _Curve(f"{member.station}/{member.datastream}: {rule.signal}, {unit}", colour, dots, _VALUES)
        yield from _thresholds(rule, member, unit, course)


def _thresholds(rule: Rule, member: Member, unit: str, course: Course) -> Iterator[_Curve]:
    whose = "" if member.thresholds is None else f" at {member.station}"
    for number, level in enumerate(rule.levels, start=1):
        value = threshold_of(rule, member, number)
        dots = ((course.start, value), (course.end, value))
        yield _Curve(f"{level.name}{whose}: {value:g} {unit}", _SEVERITY_COLOURS[level.severity], dots, _THRESHOLD)


def _thinned(samples: Sequence[Sample], course: Course) -> list[tuple[datetime, float]]:
    """The lowest and the highest of each bucket, in order of time."""
    bucket = _bucket(course)
    extremes: dict[int, tuple[Sample, Sample]] = {}
    for sample in samples:
        if course.start <= sample.time <= course.end:
            place = (sample.time - course.start) // bucket
            low, high = extremes.get(place, (sample, sample))
            extremes[place] = min(low, sample, key=_value), max(high, sample, key=_value)
    kept = {sample.time: sample.value for pair in extremes.values() for sample in pair}
    return sorted(kept.items())


def _with_gaps(dots: Sequence[tuple[datetime, float]], stream: Stream, course: Course) -> _Dots:
    """No line is drawn over a time in which the station was silent."""
    silent = max(timedelta(seconds=_SILENT_INTERVALS * stream.interval_s), 2 * _bucket(course))
    drawn: list[tuple[datetime, float | None]] = []
    for time, value in dots:
        if drawn and time - drawn[-1][0] > silent:
            drawn.append((time, None))
        drawn.append((time, value))
    return tuple(drawn)


def _bucket(course: Course) -> timedelta:
    return max((course.end - course.start) / _BUCKETS, timedelta(seconds=1))


def _value(sample: Sample) -> float:
    return sample.value


def _reach(values: Iterable[float]) -> tuple[float, float]:
    """From a little below the lowest to a little above the highest."""
    told = list(values) or [0.0, 1.0]
    margin = 0.05 * (max(told) - min(told)) or 1.0
    return min(told) - margin, max(told) + margin


def _bands(course: Course, low: float, high: float) -> Iterator[_Curve]:
    """Behind everything: when the public heard of each severity, and when the area was blind."""
    spells = spells_of(course)
    for severity, colour in _SEVERITY_COLOURS.items():
        times = [(spell.start, spell.end) for spell in spells if spell.severity is severity]
        if times:
            yield _Curve(f"told: {severity}", colour, _rectangles(times, low, high), _BAND, band=True)
    blind = blind_spells_of(course)
    if blind:
        yield _Curve("blind", _BLIND_COLOUR, _rectangles(blind, low, high), _BAND, band=True)


def _rectangles(times: Iterable[tuple[datetime, datetime]], low: float, high: float) -> _Dots:
    return tuple(
        dot for start, end in times for dot in ((start, low), (start, high), (end, high), (end, low), (end, None))
    )


def _style(colours: Sequence[str]) -> Style:
    return Style(
        colors=tuple(colours),
        background="white",
        plot_background="white",
        opacity=".3",
        stroke_opacity="1",
        guide_stroke_color="#e4e4e4",
        major_guide_stroke_color="#cfcfcf",
        font_family="sans-serif",
        legend_font_size=12,
    )


def _plain(root: etree._Element) -> etree._Element:
    """Without the library's scripts, and without the comment that tells the day."""
    for element in [*root.iter("{*}script"), *root.iter(etree.Comment)]:
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return root
