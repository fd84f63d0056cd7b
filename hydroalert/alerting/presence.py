"""That this process lives, so that health can tell how many do."""

import asyncio
from uuid import UUID

import structlog

from hydroalert.store import TRANSIENT, Pool, heed_cancellation
from hydroalert.store.alerters import announce_alerter, dismiss_alerter

_log = structlog.get_logger()
RENEW_EVERY_S = 3.0


async def stay_present(pool: Pool, process: UUID) -> None:
    """Renew this process's lease until cancelled."""
    while True:
        try:
            async with pool.acquire(timeout=RENEW_EVERY_S) as connection:
                await announce_alerter(connection, process)
        except TRANSIENT as error:
            heed_cancellation()
            _log.warning("presence_unknown", error=str(error) or type(error).__name__)
        await asyncio.sleep(RENEW_EVERY_S)


async def leave(pool: Pool, process: UUID) -> None:
    """Say goodbye if the database still hears it; otherwise time does."""
    try:
        async with asyncio.timeout(2), pool.acquire() as connection:
            await dismiss_alerter(connection, process)
    except Exception:  # noqa: S110 - leaving must not fail
        pass
    finally:
        pool.terminate()
