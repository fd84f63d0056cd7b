"""The queue: what is asked for, the most urgent first."""

from datetime import datetime

import msgspec

from hydroalert.reports.priority import Priority, priority_of
from hydroalert.store import Connection
from hydroalert.store.queue import Facts, Question, facts_of


class Ranked(msgspec.Struct, frozen=True):
    """A report, and how urgent it is."""

    facts: Facts
    priority: Priority


async def ranked(connection: Connection, question: Question, now: datetime) -> list[Ranked]:
    """All that match, at most 5,000. Among equals the one that was sent first comes first: that order never wavers."""
    found = [Ranked(facts, priority_of(facts, now)) for facts in await facts_of(connection, question, now)]
    return sorted(found, key=lambda one: (-one.priority.points, one.facts.report.submitted_at, one.facts.report.id))
