"""The templates of each language, as its TOML file has them: one text too few or too many is a fault."""

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from hydroalert.domain.alerts import Transition
from hydroalert.domain.severity import Severity

DEFAULT_LANGUAGE = "en"


class _Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every table of texts is."""


class Sentences(_Texts, frozen=True):
    """Parts of a description. Filled in: values; station, property, result, unit, time, threshold; count; level;
    since."""

    measured: str
    last_known: str
    value: str
    more: str
    level: str
    blind: str
    by_hand: str


class Family(_Texts, frozen=True):
    """What a transition does to the sentence. Filled in: headline event, area, happening; opening area, time."""

    headline: str
    opening: str


class Families(_Texts, frozen=True):
    """The families of transitions that the public can tell apart."""

    raised: Family
    escalated: Family
    lowered: Family
    continued: Family
    blind: Family
    cleared: Family


class Grade(_Texts, frozen=True):
    """One severity of one hazard, or its end: what it is called, what happens in few words and in full, what to do.

    Filled in, for other hazards: hazard.
    """

    event: str
    happening: str
    situation: str
    instruction: str


class Grades(_Texts, frozen=True):
    """A hazard from its least severity to its worst, and its end."""

    minor: Grade
    moderate: Grade
    severe: Grade
    extreme: Grade
    cleared: Grade


class Calm(_Texts, frozen=True):
    """An area without any warning. Filled in: area, time, since."""

    event: str
    headline: str
    situation: str
    instruction: str


class Why(_Texts, frozen=True):
    """Sentences that tell an operator why. Filled in: hazard, severity, public; level; values; since; author; reason;
    time."""

    state: str
    level: str
    measured: str
    blind: str
    suspect: str
    author: str
    reason: str
    time: str


class Call(_Texts, frozen=True):
    """What an operator is called for, and to do. Filled in: area, hazard, severity, transition."""

    headline: str
    instruction: str


class Calls(_Texts, frozen=True):
    """Everything an operator is called for."""

    blind: Call
    blind_cleared: Call
    late_crossing: Call
    late_crossing_cleared: Call
    release: Call
    by_hand: Call
    plain: Call
    cleared: Call


class Templates(_Texts, frozen=True):
    """One language. `decimal`: its decimal mark. `unknown`: a time that nobody knows. `nothing`: what the public hears
    of an operators' alert. `other`: hazards without texts of their own.
    """

    decimal: str
    exercise_headline: str
    exercise_text: str
    unknown: str
    nothing: str
    severities: dict[Severity, str]
    hazard_names: dict[str, str]
    properties: dict[str, str]
    sentences: Sentences
    families: Families
    quiet: Calm
    quiet_and_blind: Calm
    hazards: dict[str, Grades]
    other: Grades
    why: Why
    transitions: dict[Transition, str]
    operators: Calls


_SUFFIX = ".toml"
LANGUAGES = tuple(
    sorted(path.name.removesuffix(_SUFFIX) for path in files(__package__).iterdir() if path.name.endswith(_SUFFIX))
)
"""The languages that there are templates of."""


def known_language(tag: str) -> str:
    """The language of `LANGUAGES` that a tag such as `es-MX` means; English where there is none."""
    primary = tag.partition("-")[0].lower()
    return primary if primary in LANGUAGES else DEFAULT_LANGUAGE


@cache
def templates(language: str) -> Templates:
    """The templates of one of `LANGUAGES`."""
    text = files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Templates)
