"""What a scenario test reads off a course, and how one is run."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from benchmarks.scenarios.cases import Scenario
from hydroalert.domain.alerts import BLIND, Transition
from hydroalert.domain.severity import Severity, rank_of
from hydroalert.judging.backtest import Course, Revision, back_test
from hydroalert.judging.telling import CapMessage, cap_message
from hydroalert.judging.voice import Voice
from hydroalert.store.reading_cap import EarlierMessage
from tests.judging.warned import AREA

FLOOD = "flood"
VOICE = Voice(sender="warnings@example.org")


def run(scenario: Scenario) -> Course:
    """What would have been told."""
    return back_test(scenario.case, scenario.start, scenario.end)


def raises(course: Course, hazard: str = FLOOD) -> list[datetime]:
    """When an alert of the hazard was raised."""
    return [one.at for one in of(course, hazard) if one.change.transition is Transition.RAISED]


def of(course: Course, hazard: str = FLOOD) -> list[Revision]:
    """The revisions of one hazard."""
    return [one for one in course.revisions if one.change.alert.hazard == hazard]


def first_told(course: Course, since: datetime | None = None) -> dict[Severity, datetime]:
    """When the public first heard of each severity, or of a worse one; of what it was told from `since` on."""
    first: dict[Severity, datetime] = {}
    for one in (one for one in course.revisions if since is None or one.at >= since):
        for severity in Severity:
            if rank_of(one.change.alert.public_severity) >= severity.rank:
                first.setdefault(severity, one.at)
    return first


def public(course: Course) -> list[Revision]:
    """Revisions of alerts that the public heard of."""
    return [one for one in course.revisions if one.change.alert.public_severity is not None]


def messages_of(course: Course) -> list[list[CapMessage]]:
    """The message of each revision that the public hears of, alert by alert."""
    area = msgspec.structs.replace(AREA, code=course.area, official_code=course.area)
    by_alert: dict[UUID, list[CapMessage]] = {}
    for one in (one for one in course.revisions if one.change.public and one.change.alert.hazard != BLIND):
        told = by_alert.setdefault(one.change.alert.id, [])
        earlier = [EarlierMessage(it.identifier, VOICE.sender, it.sent, it.expires, it.message_type) for it in told]
        message = cap_message(area, one.change, VOICE, revision=one.number, drill=False, sent=one.at, earlier=earlier)
        assert message is not None
        told.append(message)
    return list(by_alert.values())


def assert_in_order(course: Course) -> None:
    """Numbers without gaps, times that never go back, and at most one alert of a hazard at a time."""
    assert [one.number for one in course.revisions] == list(range(1, len(course.revisions) + 1))
    assert [one.at for one in course.revisions] == sorted(one.at for one in course.revisions)
    for hazard in {one.change.alert.hazard for one in course.revisions}:
        _assert_one_at_a_time(of(course, hazard))


def _assert_one_at_a_time(revisions: Sequence[Revision]) -> None:
    standing = None
    for one in revisions:
        alert, transition = one.change.alert, one.change.transition
        assert (transition is Transition.RAISED) == (standing is None), one
        assert standing in (None, alert.id)
        standing = None if transition is Transition.CLEARED else alert.id
