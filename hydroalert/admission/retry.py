"""Try refused frames again, after an operator has mended the cause."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from hydroalert.admission.decide import Arrival, Rules, decide_again
from hydroalert.admission.settle import Settler
from hydroalert.domain.clock import MAX_AHEAD, span_ms, to_ms
from hydroalert.domain.refusals import Reason
from hydroalert.domain.registry import Registry
from hydroalert.store import Connection
from hydroalert.store.audit import record
from hydroalert.store.refused import RefusedFrame, forget_refused, lock_refused
from hydroalert.wire.topics import Channel


class Retried(msgspec.Struct, frozen=True):
    """What became of one refused frame: `reason` is None when everything in it is stored now."""

    id: int
    device: str
    reason: str | None


def rules_of_retry(retention: timedelta) -> Rules:
    """The bounds of a phenomenon time as spans around an arrival, as `retry_refused` takes them."""
    return Rules(0, -span_ms(retention), span_ms(MAX_AHEAD))


async def retry_refused(
    connection: Connection, registry: Registry, frames: Sequence[RefusedFrame], rules: Rules, now: datetime
) -> list[Retried]:
    """Judge each by what is registered now and by the time at which it arrived; forget those that are stored.

    `rules.latest_ms` and `earliest_ms` are spans around the arrival. What is stored is received now: it was not
    known before. A frame whose tag was not good is never taken.
    """
    settler = Settler()
    return [await _retry(connection, settler, registry, frame, rules, now) for frame in frames if frame.authentic]


async def _retry(
    connection: Connection, settler: Settler, registry: Registry, frame: RefusedFrame, rules: Rules, now: datetime
) -> Retried:
    arrived_ms = to_ms(frame.received_at)
    then = Rules(arrived_ms, arrived_ms + rules.earliest_ms, arrived_ms + rules.latest_ms)
    arrival = Arrival(frame.device, Channel(frame.channel), frame.frame)
    decision = decide_again(arrival, registry[frame.device], then)
    if decision.first_reason is not None and not decision.rows:
        return Retried(frame.id, frame.device, decision.first_reason)
    async with connection.transaction():
        if not await lock_refused(connection, frame.id):
            return Retried(frame.id, frame.device, None)  # another retry was faster
        settled = await settler.settle(connection, [decision], to_ms(now))
        reason = settled[0].first_reason if settled else decision.first_reason or Reason.BAD_BODY
        if reason is None:
            await forget_refused(connection, frame.id)
            await record(connection, "retried", "refused frame", f"{frame.device}/{frame.id}", {"was": frame.reason})
    return Retried(frame.id, frame.device, reason)
