"""The retained topics are kept as the database has them: no older revision can stay behind a newer one.

An area is published under its claim, from the state that is read there, and looked at again once the broker has
acknowledged: what became newer meanwhile is published too before the claim is given up. Whoever loses the claim in
between (its database connection, or its own time while it was stopped) may have put an older message over a newer
one; so whatever breaks off ends the connection to the broker as well, and each connection begins with every area.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from hydroalert.alerting.pulse import Pulse
from hydroalert.alerting.retained import RENEW_EVERY, Message, area_message, cap_message, empty_messages
from hydroalert.store import Connection, Pool
from hydroalert.store.publications import (
    Claim,
    Key,
    all_publications,
    claim_publications,
    claim_withdrawals,
    forget_withdrawals,
    newest_caps,
    settle_publications,
    settle_withdrawals,
    states_of,
)

LOOK_EVERY_S = 0.03
WITHDRAW_EVERY_S = 1.0
BATCH = 128
WITHDRAWALS_KEPT = timedelta(days=1)

Say = Callable[[Sequence[Message]], Awaitable[None]]
"""Publishes retained messages in this order, and returns once the broker has acknowledged all of them."""


class Publisher:
    """Publishes for as long as one connection to the broker lasts."""

    def __init__(self, pool: Pool, pulse: Pulse, say: Say) -> None:
        self._pool = pool
        self._pulse = pulse
        self._say = say
        self._owed: set[Key] = set()

    async def run(self) -> None:
        """Publish everything, whatever the broker still has, and then what changes, until cancelled."""
        async with self._pool.acquire() as connection:
            self._owed = await all_publications(connection)
            await forget_withdrawals(connection, WITHDRAWALS_KEPT)
        await self._withdraw(again=True)
        loop = asyncio.get_running_loop()
        withdraw_at = loop.time() + WITHDRAW_EVERY_S
        while True:
            if not await self.publish_due():
                await asyncio.sleep(LOOK_EVERY_S)
            if loop.time() >= withdraw_at:
                await self._withdraw(again=False)
                withdraw_at = loop.time() + WITHDRAW_EVERY_S

    async def publish_due(self) -> int:
        """Publish a batch of what is due; return how many areas it was."""
        async with self._pool.acquire() as connection, connection.transaction():
            claims = await claim_publications(connection, self._owed, BATCH, RENEW_EVERY)
            if claims:
                shown = await self._show(connection, claims)
                await settle_publications(connection, shown, RENEW_EVERY)
        self._owed.difference_update(claim.key for claim in claims)
        if not claims and self._owed:
            await self._forget_removed()
        return len(claims)

    async def _show(self, connection: Connection, claims: Sequence[Claim]) -> list[tuple[int, bool, int]]:
        """Publish until what was acknowledged is what stands; return (area id, drill, revision) of each."""
        acknowledged = {claim.key: claim.revision for claim in claims}
        waiting = [claim.key for claim in claims]
        while waiting:
            states = await states_of(connection, waiting)
            changed = [one.key for one in states if one.revision != acknowledged[one.key] or one.key in self._owed]
            messages = [area_message(state, self._pulse.beaten_at) for state in states]
            messages += [cap_message(cap) for cap in await newest_caps(connection, changed)]
            await self._say(messages)
            acknowledged |= {state.key: state.revision for state in states}
            now = await states_of(connection, waiting)
            waiting = [state.key for state in now if state.revision > acknowledged[state.key]]
        return [(*key, revision) for key, revision in acknowledged.items()]

    async def _forget_removed(self) -> None:
        """What another holds is still owed; what is no longer there is not."""
        async with self._pool.acquire() as connection:
            self._owed &= await all_publications(connection)

    async def _withdraw(self, *, again: bool) -> None:
        async with self._pool.acquire() as connection, connection.transaction():
            withdrawn = await claim_withdrawals(connection, BATCH, again=again)
            if withdrawn:
                await self._say([message for one in withdrawn for message in empty_messages(one)])
                await settle_withdrawals(connection, withdrawn)
