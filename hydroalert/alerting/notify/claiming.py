"""Deliveries that this process takes on: decided by the policy, claimed in the same transaction."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

import msgspec

from hydroalert.alerting.notify.policy import REPEATS, Limits, Step, next_steps
from hydroalert.domain.addresses import Kind
from hydroalert.judging.texts.facts import Place
from hydroalert.store import Connection
from hydroalert.store.claims import (
    Claimed,
    Held,
    Told,
    Unheard,
    claim,
    delivered_in_the_past_hour,
    hold_subscriptions,
    postpone,
    read_told,
    supersede,
    unheard_of,
)
from hydroalert.store.judging import names_of

EACH = 2
"""How many deliveries of one subscription are under way at once: a slow receiver takes no more of the room."""


class Task(msgspec.Struct, frozen=True):
    """One delivery that this process has claimed, and what it tells."""

    held: Held
    claimed: Claimed
    place: Place
    told: list[Told]


async def claim_due(connection: Connection, kind: Kind, room: int, lease: timedelta) -> list[Task]:
    """Take on at most `room` deliveries, within the caller's transaction; each is this process's for `lease`."""
    held = {one.id: one for one in await hold_subscriptions(connection, kind, max(1, room // EACH), EACH)}
    if not held:
        return []
    unheard = await unheard_of(connection, list(held))
    repeated = await delivered_in_the_past_hour(connection, list(held), list(REPEATS))
    steps = []
    for subscription_id, theirs in groupby(unheard, key=lambda one: one.subscription_id):
        subscription, ahead = held[subscription_id], list(theirs)
        limits = Limits(_room(ahead, room), subscription.repeats_per_hour, tuple(repeated[subscription_id]))
        steps += [(subscription, step) for step in next_steps(ahead, limits, subscription.now)]
    return await _carry_out(connection, steps, lease)


def _room(ahead: Sequence[Unheard], room: int) -> int:
    return min(room, EACH - sum(one.is_under_way for one in ahead))


async def _carry_out(connection: Connection, steps: Sequence[tuple[Held, Step]], lease: timedelta) -> list[Task]:
    await supersede(connection, [one for _, step in steps for one in step.superseded])
    await postpone(connection, [(step.hold, step.until) for _, step in steps if step.hold and step.until])
    claimed = await claim(connection, [step.send for _, step in steps if step.send], lease)
    return [  # one whose area was removed meanwhile is gone
        await _task(connection, held, step, claimed[step.send]) for held, step in steps if step.send in claimed
    ]


async def _task(connection: Connection, held: Held, step: Step, claimed: Claimed) -> Task:
    newest = step.telling[-1]
    told = await read_told(connection, newest.area_id, newest.drill, [one.revision for one in step.telling])
    named = (await names_of(connection, [newest.area_id]))[newest.area_id]
    return Task(held, claimed, Place(named.code, named.names, named.stations), told)
