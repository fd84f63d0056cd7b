"""What changed of the devices reaches the broker: at once from the command line, and from any bridge that finds it."""

import asyncio
from datetime import UTC, datetime

import structlog

from hydroalert.access.accounts import Passwords
from hydroalert.access.control import connect_control
from hydroalert.access.sync import Progress, SyncResult, put, sync_all
from hydroalert.domain.errors import Unavailable
from hydroalert.store import TRANSIENT, Pool, heed_cancellation
from hydroalert.store.broker_changes import broker_accounts, claim_broker_changes, count_broker_changes
from hydroalert.store.listening import listening
from hydroalert.store.sealing import Sealer
from hydroalert.store.statuses import set_offline

_log = structlog.get_logger()
_LOOK_EVERY_S = 30


async def apply_changes(
    pool: Pool, sealer: Sealer, broker_url: str, admin_password: str, progress: Progress | None = None
) -> int:
    """Tell the broker of every device that changed; return how many. Raises Unavailable: then they stay to be told.

    Claimed rows are deleted only when the broker has taken them in (G6).
    """
    done, waiting = 0, await count_broker_changes(pool)
    while True:
        async with pool.acquire() as connection, connection.transaction():
            device_ids = await claim_broker_changes(connection)
            if not device_ids:
                return done
            accounts = await broker_accounts(connection, sealer, device_ids)
            async with connect_control(broker_url, admin_password) as control:
                await put(control, accounts)
            revoked = [account.device for account in accounts if not account.enabled]
            await set_offline(connection, revoked, datetime.now(UTC))
        done += len(accounts)
        if progress is not None:
            progress(done, max(done, waiting))


async def rebuild(
    pool: Pool, sealer: Sealer, broker_url: str, passwords: Passwords, progress: Progress | None = None
) -> SyncResult:
    """Make the broker's accounts exactly those of the database, and the platform's own. Raises Unavailable."""
    async with pool.acquire() as connection, connection.transaction():
        await claim_broker_changes(connection)
        accounts = await broker_accounts(connection, sealer)
        async with connect_control(broker_url, passwords.admin) as control:
            return await sync_all(control, accounts, progress, users=passwords.kept_in_step())


async def follow_changes(database_url: str, pool: Pool, sealer: Sealer, broker_url: str, admin_password: str) -> None:
    """Apply changes as they come, until cancelled."""
    while True:
        try:
            async with listening(database_url, ["broker_change"]) as heard:
                await _follow(heard, pool, sealer, broker_url, admin_password)
        except (*TRANSIENT, Unavailable) as error:
            heed_cancellation()
            _log.warning("broker_accounts_behind", error=str(error))
        await asyncio.sleep(1)


async def _follow(
    heard: "asyncio.Queue[tuple[str, str] | None]",
    pool: Pool,
    sealer: Sealer,
    broker_url: str,
    admin_password: str,
) -> None:
    while True:
        if await apply_changes(pool, sealer, broker_url, admin_password):
            _log.info("broker_accounts_changed")
        try:
            # Not wait_for: on Python 3.11 it swallows a cancellation that comes together with its result.
            async with asyncio.timeout(_LOOK_EVERY_S):
                if await heard.get() is None:
                    return
        except TimeoutError:
            continue
