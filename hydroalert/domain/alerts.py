"""Alerts: the state of one hazard in one area, and the transitions that change it."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from hydroalert.domain.severity import Severity

TOLD_FOR = timedelta(hours=12)
"""How long what the public was told stands by itself: long enough to outlast a failure, short enough to end if nobody
cares."""
TELL_AGAIN_AFTER = TOLD_FOR - timedelta(hours=1)
"""When an alert that still stands is told again."""

BLIND = "blind"
LATE_CROSSING = "late-crossing"


class Transition(StrEnum):
    """What one revision did."""

    RAISED = "raised"
    ESCALATED = "escalated"
    LOWERED = "lowered"
    CLEARED = "cleared"
    BLINDED = "blinded"
    SIGHTED = "sighted"
    ACKNOWLEDGED = "acknowledged"
    RELEASED = "released"
    OVERRIDDEN = "overridden"
    CONTINUED = "continued"


class Cause(msgspec.Struct, frozen=True):
    """An observation that holds an alert up: `result` and `threshold` in `unit`.

    `heard_threshold`: of the level that the public hears of while what lies above waits for a release.
    """

    station: str
    datastream: str
    result: float
    unit: str
    threshold: float
    time: datetime
    quality: int
    heard_threshold: float | None = None


class Alert(msgspec.Struct, frozen=True):
    """The state of one hazard in one area. `level` counts from 1; 0 where a person or the platform raised it.

    `public_severity`: what the public hears, None while only operators do. `corroborated`: not a suspect value alone.
    `blind_since`: nothing that holds it speaks any more. `told_at`: when the public last heard of it.
    """

    id: UUID
    hazard: str
    severity: Severity
    raised_at: datetime
    onset: datetime
    level: int = 0
    level_name: str = ""
    public_severity: Severity | None = None
    corroborated: bool = True
    blind_since: datetime | None = None
    told_at: datetime | None = None
    acknowledged_by: str | None = None
    by_hand: bool = False
    causes: tuple[Cause, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One transition: the alert as it is after it. It becomes one revision of its area.

    `public`: it changes what the public sees. `author` and `reason`: of a person's act.
    """

    transition: Transition
    alert: Alert
    public: bool
    author: str | None = None
    reason: str | None = None


def heard(alert: Alert) -> Alert:
    """The alert as the public hears of it: nothing of what waits for a release. Unheard of, it is as it is."""
    if alert.public_severity in (None, alert.severity):
        return alert
    causes = tuple(
        one if one.heard_threshold is None else msgspec.structs.replace(one, threshold=one.heard_threshold)
        for one in alert.causes
    )
    return msgspec.structs.replace(alert, severity=alert.public_severity, level_name="", causes=causes)


def urgency_of(alert: Alert) -> str:
    """In CAP's words (1.2, section 3.2.2): from severe up, act at once; below it, within the hour."""
    return "immediate" if alert.severity.rank >= Severity.SEVERE.rank else "expected"


def certainty_of(alert: Alert) -> str:
    """In CAP's words: seen by instruments that agree, by one that is in doubt, or by none any more."""
    if alert.blind_since is not None:
        return "possible"
    return "observed" if alert.corroborated and alert.causes else "likely"
