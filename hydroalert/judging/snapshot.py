"""An area as a whole, as everyone is told of it: the JSON of `alerts/{area}` but for its `valid_until`. Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from hydroalert.domain.alerts import Alert, Cause, certainty_of, heard, urgency_of
from hydroalert.domain.clock import rfc3339
from hydroalert.judging.texts.facts import Place
from hydroalert.judging.texts.public import area_text

LANGUAGE = "en"
"""Of the headline and instruction here; CAP messages carry every language."""


class ShownCause(msgspec.Struct, frozen=True):
    """An observation that holds an alert up; `time` in RFC 3339."""

    station: str
    datastream: str
    result: float
    unit: str
    threshold: float
    time: str
    quality: int


class ShownAlert(msgspec.Struct, frozen=True):
    """One alert as the public hears of it."""

    id: str
    hazard: str
    severity: str
    urgency: str
    certainty: str
    onset: str
    causes: tuple[ShownCause, ...]


class Snapshot(msgspec.Struct, frozen=True):
    """The area as a whole, in the order and words of the contract."""

    area: str
    official_code: str
    name: str
    state: str
    severity: str | None
    status: str
    revision: int
    updated_at: str
    blind: bool
    blind_since: str | None
    headline: str
    instruction: str
    alerts: tuple[ShownAlert, ...]


class Standing(msgspec.Struct, frozen=True):
    """What is true of an area at one revision."""

    place: Place
    official_code: str
    revision: int
    at: datetime
    alerts: tuple[Alert, ...]
    blind_since: datetime | None
    drill: bool


def snapshot_of(standing: Standing) -> Snapshot:
    """The worst of the area's public alerts decides; `cleared` only when none stands, and then blind means unknown."""
    public = sorted(_heard(standing.alerts), key=lambda one: one.severity.rank, reverse=True)
    worst = public[0] if public else None
    text = area_text(LANGUAGE, standing.place, worst, standing.blind_since, standing.at, drill=standing.drill)
    return Snapshot(
        area=standing.place.code,
        official_code=standing.official_code,
        name=standing.place.name_in(LANGUAGE),
        state="active" if public else "cleared",
        severity=worst.severity.value if worst else None,
        status="exercise" if standing.drill else "actual",
        revision=standing.revision,
        updated_at=rfc3339(standing.at),
        blind=standing.blind_since is not None,
        blind_since=rfc3339(standing.blind_since) if standing.blind_since else None,
        headline=text.headline,
        instruction=text.instruction,
        alerts=tuple(map(_shown, public)),
    )


def _heard(alerts: Iterable[Alert]) -> Iterable[Alert]:
    """The alerts as bad as the public hears they are."""
    for alert in alerts:
        if alert.public_severity is not None:
            yield heard(alert)


def _shown(alert: Alert) -> ShownAlert:
    return ShownAlert(
        id=str(alert.id),
        hazard=alert.hazard,
        severity=alert.severity.value,
        urgency=urgency_of(alert),
        certainty=certainty_of(alert),
        onset=rfc3339(alert.onset),
        causes=tuple(map(_shown_cause, alert.causes)),
    )


def _shown_cause(cause: Cause) -> ShownCause:
    return ShownCause(
        cause.station, cause.datastream, cause.result, cause.unit, cause.threshold, rfc3339(cause.time), cause.quality
    )
