"""A town, its subscriptions and alerts, and the notifier at work."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from hydroalert.alerting.notify.service import Notifier
from hydroalert.domain.addresses import Address
from hydroalert.store import Connection, Pool
from hydroalert.store.sealing import Sealer
from hydroalert.store.subscriptions import Wanted, add_subscription
from hydroalert.wire.addresses import parse_address
from tests.store.planting_alerts import PlantedAlert

PATIENCE_S = 10


@dataclass
class Town:
    """One area with nobody's warning yet."""

    pool: Pool
    connection: Connection
    sealer: Sealer
    area_id: int

    async def subscribe(self, name: str, url: str, wanted: Wanted = Wanted()) -> Address:  # noqa: B008 - frozen
        """Keep a subscription."""
        address = parse_address(url, bytes(32))
        await add_subscription(self.connection, self.sealer, name, address, wanted)
        return address

    def alert(self, hazard: str = "flood", *, drill: bool = False) -> PlantedAlert:
        """An alert that nobody has heard of."""
        return PlantedAlert(self.connection, self.area_id, hazard, drill=drill)

    @asynccontextmanager
    async def notifying(self, public_url: str | None = None) -> AsyncIterator[None]:
        """A notifier at work for as long as this lasts."""
        running = asyncio.create_task(Notifier(self.pool, self.sealer, public_url).run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def states(self) -> list[tuple[int, str]]:
        """(revision, state) of each delivery."""
        rows = await self.pool.fetch("SELECT revision, state FROM delivery ORDER BY subscription_id, revision, id")
        return [(row["revision"], row["state"]) for row in rows]

    async def settled(self) -> list[tuple[int, str]]:
        """The same once nothing waits any more."""
        await until(self._nothing_waits)
        return await self.states()

    async def _nothing_waits(self) -> bool:
        return not await self.pool.fetchval("SELECT count(*) FROM delivery WHERE state = 'waiting'")

    async def failed_once(self) -> None:
        """Wait until an attempt has failed."""
        await until(self._has_failed)

    async def _has_failed(self) -> bool:
        return bool(await self.pool.fetchval("SELECT count(*) FROM delivery WHERE failure IS NOT NULL"))

    async def pass_time(self, span: timedelta) -> None:
        """Let all that waits, claims included, be that much older."""
        await self.pool.execute(
            "UPDATE delivery SET due_at = due_at - $1::interval, claimed_until = claimed_until - $1::interval, "
            "done_at = done_at - $1::interval",
            span,
        )


async def until(holds: Callable[[], object]) -> None:
    """Wait until it holds; it may be asynchronous."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            value = holds()
            if await value if asyncio.iscoroutine(value) else value:
                return
            await asyncio.sleep(0.02)
