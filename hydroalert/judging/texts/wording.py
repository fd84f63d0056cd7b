"""How values, times and names are written in a text, and how an exercise is marked in all of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from hydroalert.domain.alerts import Cause
from hydroalert.domain.plain_text import cut_at_word, one_line
from hydroalert.judging.texts.facts import Place, Text
from hydroalert.judging.texts.templates import Templates

MAX_HEADLINE = 159
"""CAP 1.2, section 3.2.2: a headline longer than 160 characters is cut by some displays."""

_MAX_VALUES = 4
_MAX_NAME = 80
_HUGE = 1e9


def when(moment: datetime | None, templates: Templates) -> str:
    """`2025-11-28 06:30 UTC`: read alike in every language."""
    return templates.unknown if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def number(value: float, templates: Templates) -> str:
    """At most two decimals, with the language's decimal mark."""
    text = f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < _HUGE else f"{value:.3g}"
    return text.replace(".", templates.decimal)


def hazard_name(hazard: str, templates: Templates) -> str:
    """A hazard's name, or its code in words."""
    return templates.hazard_names.get(hazard) or hazard.replace("-", " ")


def values(causes: Sequence[Cause], place: Place, templates: Templates) -> str:
    """The observations that hold an alert up, with units and times; the first few of many."""
    shown = [_value(cause, place, templates) for cause in causes[:_MAX_VALUES]]
    rest = len(causes) - len(shown)
    return "; ".join([*shown, templates.sentences.more.format(count=rest)] if rest else shown)


def _value(cause: Cause, place: Place, templates: Templates) -> str:
    property_code = cause.datastream.partition("_")[0]
    return templates.sentences.value.format(
        station=cut_at_word(one_line(place.stations.get(cause.station) or cause.station), _MAX_NAME),
        property=templates.properties.get(property_code) or cause.datastream.replace("_", " "),
        result=number(cause.result, templates),
        threshold=number(cause.threshold, templates),
        unit=one_line(cause.unit),
        time=when(cause.time, templates),
    )


def headline(template: str, area: str, templates: Templates, *, drill: bool, **words: str) -> str:
    """The template with its words; the area's name is cut at a word to what leaves it under 160 characters."""
    marked = (templates.exercise_headline if drill else "") + template
    room = MAX_HEADLINE - len(one_line(marked.format(area="", **words)))
    return cut_at_word(one_line(marked.format(area=cut_at_word(one_line(area), room), **words)), MAX_HEADLINE)


def exercise(text: Text, templates: Templates) -> Text:
    """The same text, said to be an exercise wherever a person may look; `headline` has marked its own."""
    return Text(
        language=text.language,
        event=templates.exercise_headline + text.event,
        headline=text.headline,
        description=templates.exercise_text + text.description,
        instruction=templates.exercise_text + text.instruction,
    )
