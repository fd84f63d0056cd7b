"""The queue: what is asked for, the most urgent first."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hydroalert.reports.priority import Priority, priority_of
from hydroalert.store import Connection
from hydroalert.store.queue import MOST_REPORTS, Facts, Question, count_matching, facts_of


class Ranked(msgspec.Struct, frozen=True):
    """A report, and how urgent it is."""

    facts: Facts
    priority: Priority


async def ranked(connection: Connection, question: Question, now: datetime) -> list[Ranked]:
    """All that match, as many as are weighed. Among equals the one that was sent first comes first."""
    found = [Ranked(facts, priority_of(facts, now)) for facts in await facts_of(connection, question, now)]
    return sorted(found, key=lambda one: (-one.priority.points, one.facts.report.submitted_at, one.facts.report.id))


async def matching(connection: Connection, question: Question, found: Sequence[Ranked], now: datetime) -> int:
    """How many there are, ranked or not."""
    return len(found) if len(found) < MOST_REPORTS else await count_matching(connection, question, now)
