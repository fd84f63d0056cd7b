"""What is shown of alerts, as JSON and as GeoJSON (RFC 7946)."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from hydroalert.domain.alerts import certainty_of, heard, urgency_of
from hydroalert.domain.clock import rfc3339
from hydroalert.store import reading_alerts as store


class Cause(msgspec.Struct, frozen=True):
    """An observation that holds an alert up; `result` and `threshold` in `unit`, `quality` is QARTOD's."""

    station: str
    datastream: str
    result: float
    unit: str
    threshold: float
    time: str
    quality: int


class Operators(msgspec.Struct, frozen=True):
    """What operators see beside: who took note, what the public hears of it, whether it rests on one suspect value."""

    public_severity: str | None
    level: int
    level_name: str
    corroborated: bool
    by_hand: bool
    acknowledged_by: str | None


class Alert(msgspec.Struct, frozen=True, omit_defaults=True):
    """The state of one hazard in one area. `operators` only for those who asked as such, on this machine."""

    id: str
    area: str
    names: dict[str, str]
    hazard: str
    state: Literal["active", "cleared"]
    status: Literal["actual", "exercise"]
    severity: str
    urgency: str
    certainty: str
    onset: str
    raised_at: str
    changed_at: str
    cleared_at: str | None
    blind_since: str | None
    causes: list[Cause]
    operators: Operators | None = None


class AlertPage(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page; null on the last."""

    alerts: list[Alert]
    next: str | None


class Revision(msgspec.Struct, frozen=True):
    """One change of the alert; `revision` counts those of its area, `headline` is the area's after it."""

    revision: int
    transition: str
    severity: str | None
    at: str
    headline: str | None


class AlertWithRevisions(msgspec.Struct, frozen=True):
    """One alert and what became of it, the first revision first."""

    alert: Alert
    revisions: list[Revision]


class Reason(msgspec.Struct, frozen=True):
    """Why a revision came: what each rule found (rule, version, value, threshold, quality, time, words), or who did it.

    `public`: whether the public saw it.
    """

    revision: int
    transition: str
    severity: str
    public_severity: str | None
    public: bool
    at: str
    author: str | None
    reason: str | None
    findings: list[dict[str, Any]]


class Remark(msgspec.Struct, frozen=True):
    """What a person said of an alert."""

    kind: str
    author: str
    text: str
    at: str


class AlertWhy(msgspec.Struct, frozen=True):
    """Why an alert came and changed, and what people said of it."""

    alert: Alert
    revisions: list[Reason]
    remarks: list[Remark]


class Decided(msgspec.Struct, frozen=True):
    """What is decided by hand, and until when."""

    hazard: str
    kind: str
    severity: str | None
    author: str
    reason: str
    created_at: str
    expires_at: str


class AreaWhy(msgspec.Struct, frozen=True):
    """Why an area stands as it does, or stayed quiet: what each rule found when it was last judged.

    `judge_at`: when it is judged again though nothing new arrives; `failure`: why it could not be judged.
    """

    area: str
    revision: int
    judged_at: str | None
    judge_at: str | None
    failure: str | None
    findings: list[dict[str, Any]]
    by_hand: list[Decided]


class Feature(msgspec.Struct, frozen=True):
    """GeoJSON Feature; its id is the alert's, its geometry the area's, simplified by at most about 100 m."""

    id: str
    geometry: dict[str, Any]
    properties: Alert
    type: Literal["Feature"] = "Feature"


class FeatureCollection(msgspec.Struct, frozen=True):
    """GeoJSON FeatureCollection, with `next` as a foreign member."""

    features: list[Feature]
    next: str | None
    type: Literal["FeatureCollection"] = "FeatureCollection"


def show_alert(alert: store.Alert, *, operators: bool = False) -> Alert:
    """An alert as JSON has it."""
    body = alert.body if operators else heard(msgspec.structs.replace(alert.body, public_severity=alert.severity))
    return Alert(
        id=str(body.id),
        area=alert.area,
        names=alert.names,
        hazard=body.hazard,
        state="active" if alert.active else "cleared",
        status="exercise" if alert.drill else "actual",
        severity=alert.severity.value,
        urgency=urgency_of(body),
        certainty=certainty_of(body),
        onset=rfc3339(body.onset),
        raised_at=rfc3339(body.raised_at),
        changed_at=rfc3339(alert.changed_at),
        cleared_at=_shown(alert.cleared_at),
        blind_since=_shown(body.blind_since),
        causes=[
            Cause(one.station, one.datastream, one.result, one.unit, one.threshold, rfc3339(one.time), one.quality)
            for one in body.causes
        ],
        operators=_show_operators(alert) if operators else None,
    )


def show_feature(alert: store.Alert, *, operators: bool = False) -> Feature:
    """The same alert as GeoJSON has it."""
    shown = show_alert(alert, operators=operators)
    return Feature(shown.id, msgspec.json.decode(alert.geometry or "null"), shown)


def show_revision(revision: store.Revision) -> Revision:
    """A revision as the public sees it."""
    severity = revision.public_severity
    return Revision(
        revision.revision,
        revision.transition,
        None if severity is None else severity.value,
        rfc3339(revision.at),
        revision.headline,
    )


def show_reason(revision: store.Revision) -> Reason:
    """A revision as operators see it."""
    return Reason(
        revision=revision.revision,
        transition=revision.transition,
        severity=revision.severity.value,
        public_severity=None if revision.public_severity is None else revision.public_severity.value,
        public=revision.public,
        at=rfc3339(revision.at),
        author=revision.author,
        reason=revision.reason,
        findings=_show_findings(revision.findings),
    )


def show_remark(remark: store.Remark) -> Remark:
    """A remark as JSON has it."""
    return Remark(remark.kind, remark.author, remark.text, rfc3339(remark.at))


def show_area_why(area: str, judged: store.Judged) -> AreaWhy:
    """How an area was last judged, as JSON has it."""
    by_hand = [
        Decided(
            one.hazard,
            one.kind,
            one.severity,
            one.author,
            one.reason,
            rfc3339(one.created_at),
            rfc3339(one.expires_at),
        )
        for one in judged.by_hand
    ]
    return AreaWhy(
        area,
        judged.revision,
        _shown(judged.judged_at),
        _shown(judged.judge_at),
        judged.failure,
        _show_findings(judged.findings),
        by_hand,
    )


def _show_operators(alert: store.Alert) -> Operators:
    body = alert.body
    return Operators(
        None if alert.public_severity is None else alert.public_severity.value,
        body.level,
        body.level_name,
        body.corroborated,
        body.by_hand,
        body.acknowledged_by,
    )


def _show_findings(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As they were kept, whatever version of the platform kept them; only their times are said as all times here."""
    return [
        one | {"time": rfc3339(datetime.fromisoformat(one["time"]))} if one.get("time") else one for one in findings
    ]


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
