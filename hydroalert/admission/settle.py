"""Settle a batch in one transaction; isolate what poisons it."""

from collections.abc import Sequence

import structlog

from hydroalert.admission import batch
from hydroalert.admission.decide import Decision
from hydroalert.domain.clock import from_ms
from hydroalert.domain.refusals import Reason
from hydroalert.store import POISON, Connection
from hydroalert.store.copying import Stored
from hydroalert.store.months import Month, existing_months, make_months
from hydroalert.store.refused import keep_refused
from hydroalert.store.settlements import (
    Tallies,
    UniqueViolation,
    add_settlement,
    copy_observations,
    keep_conflicts,
    merge_observations,
)
from hydroalert.store.statuses import StatusChange, apply_status

_log = structlog.get_logger()


class Settler:
    """Settles batches on the connections that it is given; remembers which months have their partition."""

    def __init__(self) -> None:
        self._months: set[Month] = set()
        self._expects_new = True

    async def settle(
        self, connection: Connection, decisions: Sequence[Decision], now_ms: int, *, clock_is_good: bool = True
    ) -> list[Decision]:
        """Commit the batch; return the authentic decisions that are settled, whose senders may forget them.

        Left out are refused frames that there is no room to keep. Raises what `store.TRANSIENT` names: then the same
        call may succeed later, and what of the batch was committed already is found to be there. A frame that makes a
        statement fail is isolated by halving the batch, and parked as refused.
        """
        try:
            return await self._settle_whole(connection, decisions, now_ms, clock_is_good=clock_is_good)
        except POISON as error:
            _log.warning("batch_failed", frames=len(decisions), error=str(error))
        if len(decisions) == 1:
            return await self._settle_alone(connection, decisions[0], now_ms, clock_is_good=clock_is_good)
        middle = len(decisions) // 2
        halves = (decisions[:middle], decisions[middle:])
        return [
            settled
            for half in halves
            for settled in await self.settle(connection, half, now_ms, clock_is_good=clock_is_good)
        ]

    async def _settle_alone(
        self, connection: Connection, decision: Decision, now_ms: int, *, clock_is_good: bool
    ) -> list[Decision]:
        """Once more with the months looked up anew, for one may have been detached since; else it is poison."""
        self._months.clear()
        try:
            return await self._settle_whole(connection, [decision], now_ms, clock_is_good=clock_is_good)
        except POISON:
            return await self._park(connection, decision, now_ms)

    async def _park(self, connection: Connection, decision: Decision, now_ms: int) -> list[Decision]:
        """Keep a poisonous frame as refused; where even that fails it is only logged, and its device keeps it."""
        parked = Decision(
            decision.arrival, decision.device, decision.header, decision.authentic, decision.reason or Reason.BAD_BODY
        )
        try:
            return await self._settle_whole(connection, [parked], now_ms, clock_is_good=True)
        except POISON as error:
            _log.error("frame_lost_to_poison", device=decision.arrival.device, error=str(error))
            return []

    async def _settle_whole(
        self, connection: Connection, decisions: Sequence[Decision], now_ms: int, *, clock_is_good: bool
    ) -> list[Decision]:
        """One transaction; two when rows that seemed new were not."""
        rows = batch.rows_in_order(decisions)
        statuses = batch.status_changes(decisions, now_ms, clock_is_good=clock_is_good)
        await self._prepare_months(connection, rows)
        if self._expects_new and not batch.repeats_itself(rows):
            try:
                async with connection.transaction():
                    tallies = await _store_new(connection, decisions, rows, now_ms)
                    return await _finish(connection, decisions, statuses, tallies, now_ms)
            except UniqueViolation:
                self._expects_new = False
        async with connection.transaction():
            tallies = await _store_merged(connection, decisions, rows, now_ms)
            settled = await _finish(connection, decisions, statuses, tallies, now_ms)
        self._expects_new = sum(stored for _, _, stored, _, _ in tallies.devices) == len(rows)
        return settled

    async def _prepare_months(self, connection: Connection, rows: Sequence[Stored]) -> None:
        needed = batch.months_of(rows)
        if not needed <= self._months:
            self._months = await existing_months(connection)
            await make_months(connection, needed - self._months)
            self._months |= needed


async def _store_new(
    connection: Connection, decisions: Sequence[Decision], rows: Sequence[Stored], now_ms: int
) -> Tallies:
    if rows:
        await copy_observations(connection, rows, now_ms)
    return batch.tally_new(decisions, rows)


async def _store_merged(
    connection: Connection, decisions: Sequence[Decision], rows: Sequence[Stored], now_ms: int
) -> Tallies:
    new, contradictions = await merge_observations(connection, rows, now_ms)
    origins = [batch.origin(decisions[rows[one.place][2]]) for one in contradictions]
    kept = await keep_conflicts(connection, contradictions, origins, now_ms) if contradictions else set()
    return batch.tally_merged(decisions, rows, new, kept)


async def _finish(
    connection: Connection,
    decisions: Sequence[Decision],
    statuses: Sequence[StatusChange],
    tallies: Tallies,
    now_ms: int,
) -> list[Decision]:
    """The rest of the transaction: statuses, refused frames, counts. Returns what is settled with it."""
    for change in statuses:
        await apply_status(connection, change, from_ms(now_ms))
    to_keep = batch.frames_to_keep(decisions)
    kept = await keep_refused(connection, to_keep, from_ms(now_ms)) if to_keep else set()
    await add_settlement(connection, tallies, from_ms(now_ms))
    return [one for one in decisions if one.authentic and batch.is_settled(one, kept)]
