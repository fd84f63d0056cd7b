"""What the public reads: what is happening, where, and what to do."""

from datetime import datetime

from hydroalert.domain.alerts import Alert, Change, Transition, heard
from hydroalert.domain.plain_text import one_line
from hydroalert.judging.texts.facts import Facts, Place, Text
from hydroalert.judging.texts.templates import Families, Family, Grade, Templates, known_language, templates
from hydroalert.judging.texts.wording import exercise, hazard_name, headline, values, when


def public_text(language: str, facts: Facts) -> Text:
    """One change of an alert in words for the public, in `language` or, where there are no templates, in English.

    It tells of what the public hears: an alert without a public severity is one that no longer stands for it. Who set
    it by hand, and why, is not said.
    """
    language = known_language(language)
    words = templates(language)
    grade = _grade(facts.change, words)
    family = _family(facts.change, words.families)
    area = facts.place.name_in(language)
    text = Text(
        language=language,
        event=grade.event,
        headline=headline(
            family.headline, area, words, drill=facts.drill, event=grade.event, happening=grade.happening
        ),
        description=_description(family, grade, facts, one_line(area), words),
        instruction=grade.instruction,
    )
    return exercise(text, words) if facts.drill else text


def area_text(
    language: str, place: Place, worst: Alert | None, blind_since: datetime | None, at: datetime, *, drill: bool
) -> Text:
    """An area as it stands: the words of `worst`, its worst public alert, or that there is none, or that nobody knows.

    `blind_since`: nothing that informs the area has spoken since then.
    """
    if worst is not None:
        transition = Transition.RAISED if worst.blind_since is None else Transition.BLINDED
        return public_text(language, Facts(place, Change(transition, worst, public=True), at, drill))
    return _calm_text(known_language(language), place, blind_since, at, drill=drill)


def is_over(change: Change) -> bool:
    """Whether no warning of this alert stands for the public after the change."""
    return change.transition is Transition.CLEARED or change.alert.public_severity is None


def _calm_text(language: str, place: Place, blind_since: datetime | None, at: datetime, *, drill: bool) -> Text:
    words = templates(language)
    calm = words.quiet if blind_since is None else words.quiet_and_blind
    area = place.name_in(language)
    text = Text(
        language=language,
        event=calm.event,
        headline=headline(calm.headline, area, words, drill=drill),
        description=calm.situation.format(area=one_line(area), time=when(at, words), since=when(blind_since, words)),
        instruction=calm.instruction,
    )
    return exercise(text, words) if drill else text


def _grade(change: Change, words: Templates) -> Grade:
    hazard = change.alert.hazard
    grades = words.hazards.get(hazard, words.other)
    name = "cleared" if is_over(change) else str(change.alert.public_severity)
    grade: Grade = getattr(grades, name)
    named = hazard_name(hazard, words)
    return Grade(
        grade.event.format(hazard=named),
        grade.happening.format(hazard=named),
        grade.situation.format(hazard=named),
        grade.instruction.format(hazard=named),
    )


def _family(change: Change, families: Families) -> Family:
    """A warning whose gauges are silent says so as long as nothing else is news."""
    if is_over(change):
        return families.cleared
    match change.transition:
        case Transition.RAISED | Transition.RELEASED | Transition.OVERRIDDEN:
            return families.raised
        case Transition.ESCALATED:
            return families.escalated
        case Transition.LOWERED:
            return families.lowered
    return families.continued if change.alert.blind_since is None else families.blind


def _description(family: Family, grade: Grade, facts: Facts, area: str, words: Templates) -> str:
    opening = family.opening.format(area=area, time=when(facts.at, words))
    return " ".join([opening, grade.situation, *_particulars(facts, words)])


def _particulars(facts: Facts, words: Templates) -> list[str]:
    alert, sentences = facts.change.alert, words.sentences
    if is_over(facts.change):
        return []
    measured = sentences.measured if alert.blind_since is None else sentences.last_known
    hears_all = alert.public_severity == alert.severity and alert.corroborated
    return [
        *([sentences.blind.format(since=when(alert.blind_since, words))] if alert.blind_since else []),
        *([measured.format(values=values(heard(alert).causes, facts.place, words))] if alert.causes else []),
        *([sentences.level.format(level=one_line(alert.level_name))] if alert.level_name and hears_all else []),
        *([sentences.by_hand] if alert.by_hand else []),
    ]
