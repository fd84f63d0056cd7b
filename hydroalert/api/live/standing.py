"""Whether what followers see can be trusted: pure, from what was found."""

from datetime import datetime

import msgspec

from hydroalert.domain.clock import is_doubtful


class Facts(msgspec.Struct, frozen=True):
    """What stands behind the stream. `read`: the last look at the database succeeded."""

    read: bool = False
    broker: bool = False
    alerting: bool = False
    failing: int = 0
    newest_arrival: datetime | None = None


def why_degraded(facts: Facts, now: datetime) -> str | None:
    """The gravest reason to doubt the stream, for people to read; None where all is well."""
    if not facts.read:
        return "the database does not answer: nothing new is heard"
    if is_doubtful(now, facts.newest_arrival):
        return "the platform doubts its own clock: alerts may be out of date"
    if not facts.alerting:
        return "no alerting process is alive: alerts may be out of date"
    if facts.failing:
        return f"{facts.failing} areas cannot be judged: their alerts may be out of date"
    if not facts.broker:
        return "the broker does not answer: changes come some seconds late"
    return None
