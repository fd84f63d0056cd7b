"""What people do to alerts: one function for the command line and for HTTP. Each is one transaction and judges anew."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID, uuid4

import msgspec

from hydroalert.domain.alerts import Alert, Transition
from hydroalert.domain.clock import is_doubtful
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound, Unavailable
from hydroalert.domain.rules import PLATFORM_HAZARDS
from hydroalert.domain.severity import Severity
from hydroalert.judging.by_hand import Act, acted
from hydroalert.judging.judge import judge
from hydroalert.judging.loading import load_contexts
from hydroalert.judging.revise import carry_out
from hydroalert.judging.voice import Voice
from hydroalert.store import Connection
from hydroalert.store.acts import (
    NewOverride,
    PlacedAlert,
    add_remark,
    end_override,
    end_overrides,
    find_alert,
    put_override,
)
from hydroalert.store.digest import newest_arrival
from hydroalert.store.judging import HeldArea, forget_due, hold_area

MAX_TEXT = 2_000
MAX_AUTHOR = 100
LONGEST_OVERRIDE = timedelta(days=7)
"""What was decided by hand and forgotten must end."""

Kind = Literal["raise", "hold", "clear"]


class Deed(msgspec.Struct, frozen=True):
    """Who acts, why, and when."""

    author: str
    reason: str
    at: datetime


class ByHand(msgspec.Struct, frozen=True):
    """What is to be decided by hand. `severity`: wanted for `raise`; the others take it from the alert that stands."""

    area: str
    hazard: str
    kind: Kind
    expires_at: datetime
    severity: Severity | None = None
    drill: bool = False


async def acknowledge(connection: Connection, alert_id: UUID, deed: Deed, voice: Voice) -> None:
    """An operator has seen it. Raises NotFound, Conflicting where it is over, InvalidInput."""
    await _remark(connection, alert_id, "acknowledge", deed, Transition.ACKNOWLEDGED, voice)


async def comment(connection: Connection, alert_id: UUID, deed: Deed) -> None:
    """A remark on an alert, also on one that is over; no revision. Raises NotFound, InvalidInput."""
    _check(deed)
    await _find(connection, alert_id)
    await add_remark(connection, alert_id, "comment", author=deed.author, text=deed.reason, at=deed.at)


async def release(connection: Connection, alert_id: UUID, deed: Deed, voice: Voice) -> None:
    """The public may hear all of it. Raises NotFound, Conflicting where it is over, InvalidInput."""
    await _remark(connection, alert_id, "release", deed, Transition.RELEASED, voice)


async def confirm(connection: Connection, alert_id: UUID, deed: Deed, voice: Voice) -> None:
    """An operator vouches for a suspect value. Raises NotFound, Conflicting where it is over, InvalidInput."""
    await _remark(connection, alert_id, "confirm", deed, None, voice)


async def override(connection: Connection, by_hand: ByHand, deed: Deed, voice: Voice) -> None:
    """Raise, hold or clear a hazard by hand, until it expires. Raises NotFound, Conflicting, InvalidInput."""
    _check(deed)
    _check_override(by_hand, deed.at)
    async with _held(connection, by_hand.area, deed.at, drill=by_hand.drill) as held:
        standing = await _standing(connection, held, by_hand.hazard, deed.at)
        asked = by_hand.severity if by_hand.kind == "raise" else None
        severity = asked or (standing.severity if standing else None)
        if severity is None:
            raise Conflicting(f"no {by_hand.hazard} alert stands in {by_hand.area}: there is nothing to {by_hand.kind}")
        await put_override(
            connection,
            NewOverride(
                id=uuid4(),
                area_id=held.area_id,
                hazard=by_hand.hazard,
                drill=by_hand.drill,
                kind=by_hand.kind,
                severity=severity.value,
                reason=deed.reason,
                author=deed.author,
                created_at=deed.at,
                expires_at=by_hand.expires_at,
            ),
        )
        act = Act(by_hand.hazard, deed.author, deed.reason, Transition.OVERRIDDEN)
        await _judge_anew(connection, held, act, deed.at, voice)


async def end(connection: Connection, area: str, hazard: str, deed: Deed, voice: Voice) -> None:
    """Let the rules decide again what was decided by hand. Raises NotFound, InvalidInput."""
    _check(deed)
    async with _held(connection, area, deed.at, drill=False) as held:
        if not await end_override(connection, held.area_id, hazard, deed.at, drill=False):
            raise NotFound(f"nothing is decided by hand for {hazard} in {area}")
        act = Act(hazard, deed.author, deed.reason, Transition.OVERRIDDEN)
        await _judge_anew(connection, held, act, deed.at, voice)


async def end_drill(connection: Connection, area: str, deed: Deed, voice: Voice) -> None:
    """End every exercise in an area. Raises NotFound, InvalidInput."""
    _check(deed)
    async with _held(connection, area, deed.at, drill=True) as held:
        hazards = await end_overrides(connection, held.area_id, deed.at, drill=True)
        if not hazards:
            raise NotFound(f"no exercise runs in {area}")
        for hazard in hazards:
            act = Act(hazard, deed.author, deed.reason, None)
            await _judge_anew(connection, held, act, deed.at, voice)


async def _remark(
    connection: Connection, alert_id: UUID, kind: str, deed: Deed, transition: Transition | None, voice: Voice
) -> None:
    _check(deed)
    placed = await _find(connection, alert_id)
    async with _held(connection, placed.area, deed.at, drill=placed.drill) as held:
        if not (await _find(connection, alert_id)).active:
            raise Conflicting("this alert is over; list those that stand with `hydroalert alert list`")
        await add_remark(connection, alert_id, kind, author=deed.author, text=deed.reason, at=deed.at)
        act = Act(placed.hazard, deed.author, deed.reason, transition)
        await _judge_anew(connection, held, act, deed.at, voice)


@asynccontextmanager
async def _held(connection: Connection, area: str, now: datetime, *, drill: bool) -> AsyncIterator[HeldArea]:
    """A transaction that holds the area, after whoever holds it now. Raises NotFound.

    Unavailable while the clock is in doubt: to judge by it might clear what stands (G10).
    """
    async with connection.transaction():
        if is_doubtful(now, await newest_arrival(connection)):
            raise Unavailable("this machine's clock is in doubt: set it right, then do this once more")
        held = await hold_area(connection, area, drill=drill) if is_code(area) else None
        if held is None:
            raise NotFound(f"there is no area {area!r}; see `hydroalert area list`")
        yield held


async def _judge_anew(connection: Connection, held: HeldArea, act: Act, now: datetime, voice: Voice) -> None:
    await forget_due(connection, [held])
    held = await hold_area(connection, held.code, drill=held.drill) or held
    context = (await load_contexts(connection, [held], now))[0]
    await carry_out(connection, [(held, context, acted(judge(context), act))], voice)


async def _standing(connection: Connection, held: HeldArea, hazard: str, now: datetime) -> Alert | None:
    context = (await load_contexts(connection, [held], now))[0]
    return next((alert for alert in context.alerts if alert.hazard == hazard), None)


async def _find(connection: Connection, alert_id: UUID) -> PlacedAlert:
    placed = await find_alert(connection, alert_id)
    if placed is None:
        raise NotFound(f"there is no alert {alert_id}")
    return placed


def _check(deed: Deed) -> None:
    if not deed.author.strip() or len(deed.author) > MAX_AUTHOR or "\0" in deed.author:
        raise InvalidInput(f"say who acts, in at most {MAX_AUTHOR} characters", "author")
    if not deed.reason.strip() or len(deed.reason) > MAX_TEXT or "\0" in deed.reason:
        raise InvalidInput(f"give a reason, in at most {MAX_TEXT} characters", "reason")


def _check_override(by_hand: ByHand, now: datetime) -> None:
    if not is_code(by_hand.hazard) or by_hand.hazard in PLATFORM_HAZARDS:
        raise InvalidInput(f"{by_hand.hazard!r} is no hazard that can be decided by hand", "hazard")
    if by_hand.kind == "raise" and by_hand.severity is None:
        raise InvalidInput("say how severe: minor, moderate, severe or extreme", "severity")
    if not now < by_hand.expires_at <= now + LONGEST_OVERRIDE:
        raise InvalidInput(f"it must expire within {LONGEST_OVERRIDE.days} days from now", "expires_at")
