"""What is done once for all workers: the digest each second, the time every ten, the months every hour."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from hydroalert.admission.service import Admission
from hydroalert.bridge.connection import BrokerLost, connected
from hydroalert.bridge.news import latest_publications, time_publication
from hydroalert.bridge.session import Publication, Session
from hydroalert.store import TRANSIENT, Connection, Pool, heed_cancellation
from hydroalert.store.digest import claim_beat, fold_settlements, hold_beat, newest_of_all
from hydroalert.store.months import detach_expired, existing_months, following, make_months, month_of

_log = structlog.get_logger()
_LOOK_EVERY_S = 0.25
_MONTHS_AHEAD = 3


class Voice:
    """The platform's own word on the broker; while it is not connected, what is said is lost."""

    def __init__(self, session: Session, pool: Pool) -> None:
        self._session = session
        self._pool = pool
        self._say: Callable[[list[Publication]], None] | None = None

    def say(self, publications: list[Publication]) -> None:
        """Publish, if there is a broker to hear it."""
        if self._say is not None:
            self._say(publications)

    async def run(self) -> None:
        """Stay connected; after each connection say again what is live, for a broker may have forgotten it."""
        while True:
            try:
                async with connected(self._session) as connection:
                    self._say = connection.publish
                    await self._say_everything()
                    await connection.lost.wait()
            except (BrokerLost, *TRANSIENT) as error:
                heed_cancellation()
                _log.warning("voice_lost", error=str(error))
            finally:
                self._say = None
            await asyncio.sleep(1)

    async def _say_everything(self) -> None:
        """While no digest runs: what it would say after this is newer, never older."""
        async with self._pool.acquire() as connection, connection.transaction():
            await hold_beat(connection, "digest")
            self.say(latest_publications(await newest_of_all(connection), datetime.now(UTC)))


class Beats:
    """Each beat is a transaction: who claims it does the work, and only then is it done."""

    def __init__(self, pool: Pool, admission: Admission, voice: Voice, retention: timedelta) -> None:
        self._pool = pool
        self._admission = admission
        self._voice = voice
        self._retention = retention

    async def digest(self) -> None:
        """Fold what is new and tell subscribers, at most once a second."""
        await self._repeat("digest", timedelta(seconds=1), self._digest)

    async def tell_time(self) -> None:
        """Publish the time every ten seconds, unless the platform's own clock is in doubt (G10)."""
        await self._repeat("time", timedelta(seconds=10), self._tell_time)

    async def upkeep(self) -> None:
        """Make the coming months and detach the expired, every hour."""
        await self._repeat("upkeep", timedelta(hours=1), self._upkeep)

    async def _repeat(self, name: str, every: timedelta, do: Callable[[Connection], Coroutine[Any, Any, None]]) -> None:
        while True:
            started = time.monotonic()
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    if await claim_beat(connection, name, every):
                        await do(connection)
            except TRANSIENT as error:
                heed_cancellation()
                _log.warning("beat_missed", beat=name, error=str(error) or type(error).__name__)
            await asyncio.sleep(max(_LOOK_EVERY_S, every.total_seconds() / 4 - (time.monotonic() - started)))

    async def _digest(self, connection: Connection) -> None:
        """While the clock is in doubt nothing is folded: it could not tell what is live (G8, G10)."""
        if not self._admission.clock_is_good:
            return
        newest = await fold_settlements(connection)
        self._voice.say(latest_publications(newest, datetime.now(UTC)))

    async def _tell_time(self, _: Connection) -> None:
        if self._admission.clock_is_good:
            self._voice.say([time_publication(datetime.now(UTC))])

    async def _upkeep(self, _: Connection) -> None:
        now = datetime.now(UTC)
        months = [month_of(now)]
        for _ahead in range(_MONTHS_AHEAD):
            months.append(following(months[-1]))
        async with self._pool.acquire() as connection:  # DETACH … CONCURRENTLY wants no transaction around it
            await make_months(connection, set(months) - await existing_months(connection))
            if self._admission.clock_is_good:
                detached = await detach_expired(connection, now - self._retention)
                _log.info("upkeep_done", detached=detached)
