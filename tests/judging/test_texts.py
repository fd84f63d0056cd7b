"""Laws of the texts that people read: what is happening, where, what to do; and an exercise is one at first sight."""

import unicodedata

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hydroalert.domain.alerts import Change, Transition
from hydroalert.domain.plain_text import cut_at_word, one_line
from hydroalert.domain.severity import Severity
from hydroalert.judging.texts.facts import Place, Text
from hydroalert.judging.texts.operators import operator_text
from hydroalert.judging.texts.public import area_text, public_text
from hydroalert.judging.texts.templates import LANGUAGES, known_language, templates
from tests.judging.warned import ALL, AT, PLACE, SILENT_SINCE, change, facts

EXERCISE = {"en": "EXERCISE", "es": "SIMULACRO"}
wild = st.text(max_size=400) | st.sampled_from(
    [
        "<&>\"'{}{area}",
        "a" * 400,
        "word " * 80,
        "\x00\x1b[31m",
        "\u202egnp",
        "قرية النهر" * 20,
        "👩\u200d👧" * 100,
        "",
        " ",
    ]
)
everything = st.sampled_from(ALL)
languages = st.sampled_from(LANGUAGES)


def parts(text: Text) -> tuple[str, ...]:
    """All that a person reads of it."""
    return text.event, text.headline, text.description, text.instruction


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_change_has_words_in_every_language_and_no_blank_is_left_unfilled(language: str) -> None:
    for hazard, severity, transition, drill in ALL:
        of = facts(change(transition, hazard, severity), drill=drill)
        for text in (public_text(language, of), operator_text(language, of)):
            assert text.language == language
            assert all(part.strip() for part in parts(text))
            assert not any(sign in part for part in parts(text) for sign in "{}")


def test_all_languages_know_the_same_hazards_properties_severities_and_transitions() -> None:
    known = [templates(language) for language in LANGUAGES]
    assert {frozenset(one.hazards) for one in known} == {frozenset({"flood", "flash-flood", "heavy-rain"})}
    assert len({frozenset(one.hazard_names) for one in known}) == 1
    assert len({frozenset(one.properties) for one in known}) == 1
    assert all(set(one.severities) == set(Severity) and set(one.transitions) == set(Transition) for one in known)


@given(everything, languages, wild)
def test_a_headline_is_one_line_under_160_characters_whatever_the_area_is_called(
    what: tuple[str, Severity, Transition, bool], language: str, name: str
) -> None:
    hazard, severity, transition, drill = what
    of = facts(change(transition, hazard, severity), drill=drill, name=name)
    for text in (public_text(language, of), operator_text(language, of)):
        assert 0 < len(text.headline) < 160
        assert not any(unicodedata.category(sign) in ("Cc", "Cs") for sign in text.headline)


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True), st.sampled_from(Severity), languages, st.booleans())
def test_any_hazard_has_a_headline_under_160_characters(
    hazard: str, severity: Severity, language: str, drill: bool
) -> None:
    of = facts(change(Transition.ESCALATED, hazard, severity), drill=drill, name="word " * 80)
    assert len(public_text(language, of).headline) < 160


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_an_exercise_begins_with_that_word_and_no_other_text_has_it(language: str) -> None:
    for hazard, severity, transition, drill in ALL:
        of = facts(change(transition, hazard, severity), drill=drill)
        for text in (public_text(language, of), operator_text(language, of)):
            assert all(part.startswith(EXERCISE[language]) is drill for part in parts(text))
    for drill in (False, True):
        for blind_since in (None, SILENT_SINCE):
            calm = area_text(language, PLACE, None, blind_since, AT, drill=drill)
            assert all(part.startswith(EXERCISE[language]) is drill for part in parts(calm))


def test_a_long_name_is_cut_at_a_word_and_says_so() -> None:
    name = "Low-lying land and properties along the river " * 5
    headline = public_text("en", facts(change(Transition.RAISED), name=name)).headline
    assert "…: flooding is expected, act now" in headline
    assert headline.split("…")[0].rsplit(" ", 1)[-1] in name.split()


@pytest.mark.parametrize(
    ("transition", "headline"),
    [
        (Transition.RAISED, "Flood warning for Hebden Bridge: flooding is expected, act now"),
        (Transition.ESCALATED, "Flood warning for Hebden Bridge, raised from a lower level: flooding is expected, act"),
        (Transition.LOWERED, "Flood warning for Hebden Bridge, lowered from a higher level: flooding is expected, act"),
        (Transition.CONTINUED, "Flood warning for Hebden Bridge stays in force: flooding is expected, act now"),
        (Transition.BLINDED, "Flood warning for Hebden Bridge stays in force: we no longer hear from its gauges"),
        (Transition.CLEARED, "No flood warning in force for Hebden Bridge"),
    ],
)
def test_a_headline_says_what_and_where(transition: Transition, headline: str) -> None:
    assert public_text("en", facts(change(transition))).headline.startswith(headline)


def test_values_stand_with_unit_threshold_and_time_in_utc() -> None:
    of = facts(change(Transition.RAISED))
    english, spanish = (public_text(language, of).description for language in ("en", "es"))
    assert "Hebden Bridge weir, water level 2.31 m at 2025-11-28 04:30 UTC (threshold 2 m)" in english
    assert "was issued at 2025-11-28 06:30 UTC" in english
    assert "Hebden Bridge weir, nivel del agua 2,31 m el 2025-11-28 04:30 UTC (umbral 2 m)" in spanish


def test_a_blind_warning_says_since_when_what_was_last_known_and_that_it_stays() -> None:
    description = public_text("en", facts(change(Transition.BLINDED))).description
    assert "not heard from the gauges behind this warning since 2025-11-28 04:30 UTC" in description
    assert "Last known: Hebden Bridge weir, water level 2.31 m" in description
    assert "the warning stays in force" in description
    assert "Measured" not in description


@pytest.mark.parametrize("transition", [Transition.CONTINUED, Transition.ACKNOWLEDGED, Transition.BLINDED])
def test_a_warning_that_is_blind_says_so_whenever_it_is_told_again(transition: Transition) -> None:
    blind = msgspec.structs.replace(change(Transition.BLINDED), transition=transition)
    assert "no longer hear" in public_text("en", facts(blind)).headline
    assert "no longer hear" in area_text("en", PLACE, blind.alert, SILENT_SINCE, AT, drill=False).headline


@given(everything, languages)
def test_the_public_does_not_read_who_did_it_nor_the_reason_given_and_operators_do(
    what: tuple[str, Severity, Transition, bool], language: str
) -> None:
    hazard, severity, transition, drill = what
    of = facts(change(transition, hazard, severity, by_hand=True), drill=drill)
    assert not any("secret" in part or "anna" in part for part in parts(public_text(language, of)))
    told = operator_text(language, of).description
    assert "anna" in told
    assert "the secret reason" in told


def test_the_public_reads_no_level_that_it_is_not_to_hear_of_yet() -> None:
    held = change(Transition.ESCALATED, severity=Severity.EXTREME, public_severity=Severity.MODERATE)
    text = public_text("en", facts(held))
    assert text.event == "Flood alert"
    assert "Flood level" not in text.description


def test_what_the_public_no_longer_hears_is_over_for_it() -> None:
    hidden = change(Transition.LOWERED, public_severity=None)
    assert public_text("en", facts(hidden)).headline == "No flood warning in force for Hebden Bridge"


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (change(Transition.RAISED, "blind", public_severity=None), "Blind: no gauge speaks for"),
        (change(Transition.CLEARED, "blind", public_severity=None), "No longer blind"),
        (change(Transition.RAISED, "late-crossing", public_severity=None), "Late news from"),
        (change(Transition.CLEARED, "late-crossing", public_severity=None), "overtaken by newer values"),
        (change(Transition.RAISED, public_severity=None), "Your release is wanted: Flood, severe"),
        (change(Transition.OVERRIDDEN, by_hand=True), "By hand: Flood, severe"),
        (change(Transition.ESCALATED), "Flood, severe, for Hebden Bridge: escalated"),
        (change(Transition.CLEARED), "Flood for Hebden Bridge: cleared"),
    ],
)
def test_operators_read_what_they_are_wanted_for(of: Change, words: str) -> None:
    text = operator_text("en", facts(of))
    assert words in text.headline
    assert text.instruction


def test_an_operator_reads_that_a_value_is_suspect_and_what_the_public_hears() -> None:
    doubtful = change(Transition.RAISED, public_severity=None, corroborated=False)
    told = operator_text("en", facts(doubtful)).description
    assert "the public hears: nothing" in told
    assert "suspect values" in told


def test_an_area_without_warning_is_calm_or_unknown_but_never_calm_when_nobody_speaks() -> None:
    calm = area_text("en", PLACE, None, None, AT, drill=False)
    unknown = area_text("en", PLACE, None, SILENT_SINCE, AT, drill=False)
    assert calm.headline == "No warning in force for Hebden Bridge"
    assert unknown.headline == "Conditions unknown for Hebden Bridge: we do not hear from its gauges"
    assert calm.instruction != unknown.instruction


@pytest.mark.parametrize(("tag", "language"), [("es-MX", "es"), ("ES", "es"), ("en", "en"), ("xx", "en"), ("", "en")])
def test_a_language_without_texts_is_told_in_english(tag: str, language: str) -> None:
    assert known_language(tag) == language
    assert public_text(tag, facts(change(Transition.RAISED))).language == language


@pytest.mark.parametrize(
    ("names", "name"),
    [({"en": "A", "es": "B"}, "B"), ({"en": "A"}, "A"), ({"fr": "C"}, "C"), ({}, "code")],
)
def test_an_area_without_a_name_in_the_language_has_its_english_one_or_any_or_its_code(
    names: dict[str, str], name: str
) -> None:
    assert Place("code", names).name_in("es") == name


@given(st.text(max_size=50), st.integers(-3, 60))
def test_what_is_cut_is_never_longer_than_it_may_be_and_what_fits_is_left_alone(text: str, most: int) -> None:
    assert len(cut_at_word(text, most)) <= max(most, 0)
    assert cut_at_word(text, len(text)) == text


@settings(max_examples=50)
@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    line = one_line(text)
    assert line == one_line(line)
    assert not set(line) & set("\n\r\t\x00\u202e")
