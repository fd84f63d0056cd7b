"""What operators read: what happened, why, and what they are wanted for."""

from hydroalert.domain.alerts import BLIND, LATE_CROSSING, Alert, Transition
from hydroalert.domain.plain_text import one_line
from hydroalert.domain.severity import rank_of
from hydroalert.judging.texts.facts import Facts, Text
from hydroalert.judging.texts.templates import Call, Calls, Templates, known_language, templates
from hydroalert.judging.texts.wording import exercise, hazard_name, headline, values, when


def operator_text(language: str, facts: Facts) -> Text:
    """One change of an alert in words for operators, with who did it and the reason given."""
    language = known_language(language)
    words = templates(language)
    alert = facts.change.alert
    call = _call(facts, words.operators)
    named = {
        "hazard": hazard_name(alert.hazard, words),
        "severity": words.severities[alert.severity],
        "transition": words.transitions[facts.change.transition],
    }
    text = Text(
        language=language,
        event=named["hazard"],
        headline=headline(call.headline, facts.place.name_in(language), words, drill=facts.drill, **named),
        description=" ".join(_why(facts, words)),
        instruction=call.instruction,
    )
    return exercise(text, words) if facts.drill else text


def wants_release(alert: Alert) -> bool:
    """Whether the public hears less than the alert's severity, because an operator has not released it."""
    return alert.hazard not in (BLIND, LATE_CROSSING) and rank_of(alert.public_severity) < alert.severity.rank


def _call(facts: Facts, calls: Calls) -> Call:
    alert, cleared = facts.change.alert, facts.change.transition is Transition.CLEARED
    match alert.hazard:
        case "blind":
            return calls.blind_cleared if cleared else calls.blind
        case "late-crossing":
            return calls.late_crossing_cleared if cleared else calls.late_crossing
    if cleared:
        return calls.cleared
    if wants_release(alert):
        return calls.release
    return calls.by_hand if alert.by_hand else calls.plain


def _why(facts: Facts, words: Templates) -> list[str]:
    alert, why = facts.change.alert, words.why
    public = words.nothing if alert.public_severity is None else words.severities[alert.public_severity]
    state = why.state.format(
        hazard=hazard_name(alert.hazard, words), severity=words.severities[alert.severity], public=public
    )
    return [
        why.time.format(time=when(facts.at, words)),
        state,
        *([why.level.format(level=one_line(alert.level_name))] if alert.level_name else []),
        *([why.measured.format(values=values(alert.causes, facts.place, words))] if alert.causes else []),
        *([why.blind.format(since=when(alert.blind_since, words))] if alert.blind_since else []),
        *([] if alert.corroborated else [why.suspect]),
        *([why.author.format(author=one_line(facts.change.author))] if facts.change.author else []),
        *([why.reason.format(reason=one_line(facts.change.reason))] if facts.change.reason else []),
    ]
