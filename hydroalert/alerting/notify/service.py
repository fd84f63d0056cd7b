"""The loop that notifies: claim what is due, send it outside any transaction, settle what came of it."""

import asyncio
import random
from datetime import timedelta

import msgspec
import structlog

from hydroalert.alerting.notify.apprise_sender import AT_ONCE, AppriseSender
from hydroalert.alerting.notify.attempts import Send, attempt
from hydroalert.alerting.notify.claiming import Task, claim_due
from hydroalert.alerting.notify.messages import Reader, compose
from hydroalert.alerting.notify.notices import Notices
from hydroalert.alerting.notify.outcomes import Delivered, Failed, Gone, Outcome
from hydroalert.alerting.notify.policy import pause_after
from hydroalert.alerting.notify.webhooks import Webhooks
from hydroalert.domain.addresses import Kind
from hydroalert.domain.errors import NotFound
from hydroalert.store import TRANSIENT, Connection, Pool, heed_cancellation
from hydroalert.store.claims import settle_dead, settle_delivered, settle_failed
from hydroalert.store.sealing import Sealer
from hydroalert.store.subscriptions import disable_subscription

_log = structlog.get_logger()
_LOOK_EVERY_S = 0.25
_WEBHOOKS_AT_ONCE = 64


class Channel(msgspec.Struct, frozen=True):
    """One kind of subscription: how it is sent, how many at once; a claim lasts longer than any attempt does."""

    kind: Kind
    send: Send
    at_once: int
    lease: timedelta


class Notifier:
    """Delivers what waits. Any number of these may run, in any number of processes."""

    def __init__(self, pool: Pool, sealer: Sealer, public_url: str | None = None) -> None:
        self._pool = pool
        self._sealer = sealer
        self._public_url = public_url

    async def run(self) -> None:
        """Until cancelled. What is under way then comes back when its claim runs out."""
        webhooks, others = Webhooks(), AppriseSender()
        channels = (
            Channel("webhook", webhooks.send, _WEBHOOKS_AT_ONCE, timedelta(seconds=30)),
            Channel("apprise", others.send, AT_ONCE, timedelta(seconds=90)),
        )
        try:
            async with asyncio.TaskGroup() as group:
                for channel in channels:
                    group.create_task(self._keep_sending(channel), name=f"notify-{channel.kind}")
                notices = Notices(self._pool, self._sealer, {channel.kind: channel.send for channel in channels})
                group.create_task(notices.run(), name="notices")
        finally:
            await webhooks.close()

    async def _keep_sending(self, channel: Channel) -> None:
        under_way: set[asyncio.Task[None]] = set()
        async with asyncio.TaskGroup() as group:
            while True:
                for task in await self._claim(channel, channel.at_once - len(under_way)):
                    sending = group.create_task(self._deliver(channel, task), name=f"delivery-{task.claimed.id}")
                    under_way.add(sending)
                    sending.add_done_callback(under_way.discard)
                await _first_done(under_way)

    async def _claim(self, channel: Channel, room: int) -> list[Task]:
        if room <= 0:
            return []
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                return await claim_due(connection, channel.kind, room, channel.lease)
        except TRANSIENT as error:
            heed_cancellation()
            _log.warning("deliveries_unknown", error=str(error) or type(error).__name__)
            return []

    async def _deliver(self, channel: Channel, task: Task) -> None:
        outcome = await self._attempt(channel, task)
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                await settle(connection, task, outcome)
        except (NotFound, *TRANSIENT) as error:  # if it is still there, it comes back when its claim runs out
            heed_cancellation()
            _log.warning("delivery_unsettled", delivery=task.claimed.id, error=str(error) or type(error).__name__)

    async def _attempt(self, channel: Channel, task: Task) -> Outcome:
        held = task.held
        reader = Reader(held.id, held.audience, held.language, self._public_url)
        return await attempt(
            self._sealer, channel.send, held.name, held.sealed, lambda: compose(reader, task.place, task.told)
        )


async def _first_done(under_way: set["asyncio.Task[None]"]) -> None:
    """Until there is room for the next, or it is time to look again."""
    if under_way:
        await asyncio.wait(under_way, timeout=_LOOK_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
    else:
        await asyncio.sleep(_LOOK_EVERY_S)


async def settle(connection: Connection, task: Task, outcome: Outcome) -> None:
    """Write down what came of an attempt, unless its claim was lost meanwhile. In the caller's transaction."""
    claimed, name = task.claimed, task.held.name
    match outcome:
        case Delivered():
            await settle_delivered(connection, claimed)
        case Failed(words):
            pause = pause_after(claimed.attempts, random.random())  # noqa: S311 - no secret
            if pause is not None:
                await settle_failed(connection, claimed, words, pause)
            elif await settle_dead(connection, claimed, words):
                _log.error("delivery_dead", delivery=claimed.id, subscription=name, failure=words)
        case Gone(words):
            dead = await disable_subscription(connection, name, words)
            _log.error("subscription_disabled", subscription=name, failure=words, deliveries=dead)
