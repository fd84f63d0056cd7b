"""Carry a judgement out: each change a numbered revision, written with everything that must tell of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from hydroalert.domain.alerts import BLIND, Alert, Change, Transition
from hydroalert.judging.context import Context, Judgement
from hydroalert.judging.judge import judge
from hydroalert.judging.loading import load_contexts
from hydroalert.judging.snapshot import LANGUAGE, Snapshot, Standing, snapshot_of
from hydroalert.judging.telling import cap_message
from hydroalert.judging.texts.facts import Place
from hydroalert.judging.voice import Voice
from hydroalert.store import Connection
from hydroalert.store.deliveries import enqueue
from hydroalert.store.judging import HeldArea
from hydroalert.store.reading_cap import AreaFacts, area_facts, earlier_messages
from hydroalert.store.revisions import (
    AlertRow,
    JudgedArea,
    RevisionRow,
    add_revision,
    change_state,
    keep_judged,
    keep_message,
    refresh_alerts,
    renew_publication,
)

Judged = tuple[HeldArea, Context, Judgement]


class _Told(msgspec.Struct, frozen=True):
    """One change on its way to everyone who must hear of it."""

    facts: AreaFacts
    change: Change
    row: RevisionRow


async def judge_areas(connection: Connection, held: Sequence[HeldArea], now: datetime, voice: Voice) -> int:
    """Judge areas that this transaction holds; returns how many revisions follow.

    All within the caller's transaction: killed anywhere, nothing of it happened, and what woke the areas still does.
    """
    contexts = await load_contexts(connection, held, now)
    judged = [(one, context, judge(context)) for one, context in zip(held, contexts, strict=True)]
    return await carry_out(connection, judged, voice)


async def carry_out(connection: Connection, judged: Sequence[Judged], voice: Voice) -> int:
    """Write what follows from these judgements."""
    revised = [one for one in judged if one[2].changes]
    quiet = [one for one in judged if not one[2].changes]
    for one in revised:
        await _revise(connection, one, voice)
    await _keep_quiet(connection, quiet)
    return sum(len(judgement.changes) for _, _, judgement in revised)


async def _revise(connection: Connection, judged: Judged, voice: Voice) -> None:
    held, context, judgement = judged
    facts = (await area_facts(connection, [held.area_id]))[held.area_id]
    alerts, revision = {alert.hazard: alert for alert in context.alerts}, held.revision
    snapshot = None
    for change in judgement.changes:
        revision += 1
        alerts[change.alert.hazard] = change.alert
        if change.transition is Transition.CLEARED:
            del alerts[change.alert.hazard]
        snapshot = _snapshot(judged, facts, revision, tuple(alerts.values()))
        await _add(connection, judged, _Told(facts, change, _revision_row(judged, change, snapshot)), voice)
    await change_state(connection, _judged_area(judged), revision, at=context.now, snapshot=_json(snapshot))
    await _refresh(connection, [judged])


async def _add(connection: Connection, judged: Judged, told: _Told, voice: Voice) -> None:
    held, change, row = judged[0], told.change, told.row
    await add_revision(connection, _alert_row(held, change, row.at), row)
    if change.public and change.alert.hazard != BLIND:
        await _tell(connection, told, voice)
    await enqueue(connection, held.area_id, held.drill, row.revision, public=change.public, operators=True)


async def _tell(connection: Connection, told: _Told, voice: Voice) -> None:
    """What the public hears of, it reads in a CAP message."""
    row = told.row
    earlier = await earlier_messages(connection, row.alert_id)
    message = cap_message(
        told.facts, told.change, voice, revision=row.revision, drill=row.drill, sent=row.at, earlier=earlier
    )
    if message is not None:
        await keep_message(connection, row, msgspec.structs.astuple(message))


async def _keep_quiet(connection: Connection, quiet: Sequence[Judged]) -> None:
    """Nothing changed for anyone; only what is kept of it does, and what is shown where that was not so before."""
    stale = [one for one in quiet if not _shows(one)]
    for held, facts in await _with_facts(connection, stale):
        snapshot = _snapshot(held, facts, held[0].revision, held[2].alerts)
        await change_state(connection, _judged_area(held), held[0].revision, at=held[1].now, snapshot=_json(snapshot))
        await renew_publication(connection, held[0].area_id, drill=held[0].drill)
    await keep_judged(connection, [_judged_area(one) for one in quiet if _shows(one)])
    await _refresh(connection, quiet)


async def _with_facts(connection: Connection, judged: Sequence[Judged]) -> list[tuple[Judged, AreaFacts]]:
    facts = await area_facts(connection, {held.area_id for held, _, _ in judged}) if judged else {}
    return [(one, facts[one[0].area_id]) for one in judged]


async def _refresh(connection: Connection, judged: Sequence[Judged]) -> None:
    """Standing alerts carry the values of today, though they make no revision."""
    bodies: list[tuple[UUID, str]] = []
    for _, context, judgement in judged:
        before = {alert.id: alert for alert in context.alerts}
        bodies += [(alert.id, _json(alert)) for alert in judgement.alerts if before.get(alert.id, alert) != alert]
    await refresh_alerts(connection, bodies)


class _Shown(msgspec.Struct, frozen=True):
    """What of a snapshot may change without a revision: whether anybody informs the area, and what it is called."""

    blind: bool | None = None
    name: str = ""
    official_code: str = ""


def _shows(judged: Judged) -> bool:
    held, _, judgement = judged
    place = Place(held.code, msgspec.json.decode(held.names, type=dict[str, str]))
    return _shown(judged) == _Shown(judgement.blind_since is not None, place.name_in(LANGUAGE), held.official_code)


def _turned(judged: Judged) -> bool:
    """Whether the area went blind, or sees again: that the public sees, though it hears nothing of the alert."""
    shown = _shown(judged).blind
    return shown is not None and shown is not (judged[2].blind_since is not None)


def _shown(judged: Judged) -> _Shown:
    return msgspec.json.decode(judged[0].snapshot, type=_Shown)


def _snapshot(judged: Judged, facts: AreaFacts, revision: int, alerts: tuple[Alert, ...]) -> Snapshot:
    held, context, judgement = judged
    place = Place(facts.code, facts.names, facts.stations)
    standing = Standing(place, facts.official_code, revision, context.now, alerts, judgement.blind_since, held.drill)
    return snapshot_of(standing)


def _revision_row(judged: Judged, change: Change, snapshot: Snapshot) -> RevisionRow:
    held, context, judgement = judged
    alert = change.alert
    return RevisionRow(
        area_id=held.area_id,
        drill=held.drill,
        revision=snapshot.revision,
        alert_id=alert.id,
        transition=change.transition.value,
        hazard=alert.hazard,
        severity=alert.severity.value,
        public=change.public or _turned(judged),
        at=context.now,
        author=change.author,
        reason=change.reason,
        why=_json({"findings": judgement.findings, "alert": alert}),
        snapshot=_json(snapshot),
    )


def _alert_row(held: HeldArea, change: Change, at: datetime) -> AlertRow:
    alert = change.alert
    return AlertRow(
        id=alert.id,
        area_id=held.area_id,
        hazard=alert.hazard,
        drill=held.drill,
        active=change.transition is not Transition.CLEARED,
        severity=alert.severity.value,
        public_severity=None if alert.public_severity is None else alert.public_severity.value,
        body=_json(alert),
        raised_at=alert.raised_at,
        changed_at=at,
    )


def _judged_area(judged: Judged) -> JudgedArea:
    held, context, judgement = judged
    memory, findings = _json(judgement.memory), _json(judgement.findings)
    return JudgedArea(held.area_id, held.drill, memory, findings, judgement.judge_at, context.now)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
