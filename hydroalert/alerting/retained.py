"""What stands on the retained topics: the state of each area, and the newest CAP message of each hazard. Pure."""

from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.store.publications import Cap, State, Withdrawal
from hydroalert.wire.topics import alert_topic, cap_topic

VALID_FOR = timedelta(minutes=5)
"""How long after an area was last known to be judged its message may be believed (G8)."""
RENEW_EVERY = timedelta(minutes=2)
"""Twice before it ceases to be valid: one renewal may fail."""


class Message(msgspec.Struct, frozen=True):
    """A retained message; an empty payload takes away what was retained (MQTT 5, section 3.3.1.3)."""

    topic: str
    payload: bytes


def area_message(state: State, pulse_at: datetime | None) -> Message:
    """The area as a whole. `pulse_at`: when judging last had nothing left to judge."""
    shown = msgspec.json.decode(state.snapshot) | {"valid_until": rfc3339(valid_until(state, pulse_at))}
    return Message(alert_topic(state.code, drill=state.drill), msgspec.json.encode(shown))


def valid_until(state: State, pulse_at: datetime | None) -> datetime:
    """Renewing what is no longer judged would make stale look live: so it counts from the last judgement (G8).

    The pulse says that nothing was due; an area whose judgement failed was due, and is as old as its last judgement.
    """
    known = [state.judged_at or state.updated_at]
    if pulse_at is not None and not state.failed:
        known.append(pulse_at)
    return max(known) + VALID_FOR


def cap_message(cap: Cap) -> Message:
    """The newest message of one hazard; a Cancel stays as the last word."""
    return Message(cap_topic(cap.area, cap.hazard, drill=cap.drill), cap.xml.encode())


def empty_messages(withdrawal: Withdrawal) -> list[Message]:
    """What takes a removed area from the broker."""
    topics = [alert_topic(withdrawal.area, drill=withdrawal.drill)]
    topics += [cap_topic(withdrawal.area, hazard, drill=withdrawal.drill) for hazard in withdrawal.hazards]
    return [Message(topic, b"") for topic in topics]
