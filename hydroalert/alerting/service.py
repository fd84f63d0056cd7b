"""The alerting process: one TaskGroup of loops, each of which may be killed at any time and goes on elsewhere."""

import asyncio
from uuid import UUID

import msgspec

from hydroalert.alerting.canary import keep_canary
from hydroalert.alerting.deadman import keep_watched
from hydroalert.alerting.notify.service import Notifier
from hydroalert.alerting.presence import leave, stay_present
from hydroalert.alerting.pulse import Pulse
from hydroalert.alerting.rounds import Rounds
from hydroalert.alerting.session import Entry, keep_published
from hydroalert.judging.voice import Voice
from hydroalert.store import Pool, open_pool
from hydroalert.store.sealing import Sealer

LOCKS_FOR_S = 30
"""How long the database bears a transaction that stands still: a process that is frozen must not hold its areas."""


class Options(msgspec.Struct, frozen=True):
    """What an alerting process is started with.

    `client_id`: its secret name at the broker. `voice`: in whose name the public is told. `public_url`: of the api, as
    those who are notified reach it. `deadman_url`: pinged each minute while all is well; None: nobody
    watches.
    """

    database_url: str
    broker_url: str
    alerting_password: str
    master_key: bytes
    process: UUID
    client_id: str
    voice: Voice = Voice()
    public_url: str | None = None
    deadman_url: str | None = None


async def run_alerting(options: Options) -> None:
    """Run until cancelled. Raises Unavailable when the database cannot be reached at the start."""
    settings = {"idle_in_transaction_session_timeout": f"{LOCKS_FOR_S}s"}
    pool = await open_pool(options.database_url, size=8, settings=settings)
    try:
        await _run(options, pool)
    finally:
        await leave(pool, options.process)


async def _run(options: Options, pool: Pool) -> None:
    pulse, sealer = Pulse(), Sealer(options.master_key)
    async with asyncio.TaskGroup() as group:
        group.create_task(stay_present(pool, options.process), name="presence")
        group.create_task(Rounds(pool, options.voice, pulse).run(), name="rounds")
        notifier = Notifier(pool, sealer, options.public_url)
        group.create_task(notifier.run(), name="notify")
        group.create_task(keep_published(options.database_url, _entry(options), pulse), name="publish")
        group.create_task(keep_canary(pool, sealer, options.broker_url, pulse), name="canary")
        if options.deadman_url:
            group.create_task(keep_watched(pool, options.deadman_url, pulse), name="deadman")


def _entry(options: Options) -> Entry:
    return Entry(options.broker_url, options.alerting_password, options.client_id)
