"""Operators hear when the platform itself is amiss: a missing echo, judging that lags, people who are not reached.

Not through deliveries: there is no queue in which notices about a broken mail server could wait for that mail server.
"""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
import structlog

from hydroalert.alerting.notify.attempts import Send, attempt
from hydroalert.alerting.notify.messages import Message
from hydroalert.alerting.notify.outcomes import Delivered
from hydroalert.domain.addresses import Kind
from hydroalert.domain.clock import rfc3339, to_ms
from hydroalert.domain.watch import Facts, delivery_fault, echo_fault, faults_of
from hydroalert.store import TRANSIENT, Pool, heed_cancellation
from hydroalert.store.notices import Uninformed, claim_uninformed, note_informed, postpone_notice
from hydroalert.store.reading_alerting import alerting_facts
from hydroalert.store.sealing import Sealer

_log = structlog.get_logger()
LOOK_EVERY_S = 5.0
GRACE_S = 60.0
"""Who has just started cannot know yet whether the way is whole: the canary needs a few of its rounds."""
LEASE = timedelta(seconds=90)
QUIET = timedelta(minutes=5)
"""What comes and goes is told of no oftener."""
PAUSE = timedelta(minutes=1)

Amiss = Mapping[str, str]


def amiss_of(facts: Facts) -> Amiss:
    """Words for what is amiss, by its kind; empty while all is well."""
    dead = f"{facts.dead} notifications were given up: see `hydroalert delivery list --dead`" if facts.dead else None
    found = {
        "judging": "; ".join(faults_of(facts)),
        "canary": echo_fault(facts),
        "deliveries": delivery_fault(facts),
        "dead": dead,
    }
    return {kind: words for kind, words in found.items() if words}


def notice(uninformed: Uninformed, amiss: Amiss, at: datetime) -> Message:
    """A message to one subscription; its id is the same until it has arrived."""
    kinds = _kinds(amiss)
    name = f"{uninformed.id}/notice/{to_ms(uninformed.told_amiss_at)}/{kinds}"
    title = "HydroAlert itself: something is amiss" if amiss else "HydroAlert itself: all is well again"
    body: dict[str, Any] = {
        "type": "platform.amiss" if amiss else "platform.well",
        "timestamp": rfc3339(at),
        "data": {"amiss": amiss},
    }
    text = "\n".join(amiss.values()) or "What was amiss is mended."
    return Message(f"msg_{uuid5(NAMESPACE_URL, name).hex}", title, text, msgspec.json.encode(body))


class Notices:
    """Keeps operators informed. Any number of these may run."""

    def __init__(self, pool: Pool, sealer: Sealer, senders: Mapping[Kind, Send]) -> None:
        self._pool = pool
        self._sealer = sealer
        self._senders = senders

    async def run(self, grace_s: float = GRACE_S) -> None:
        """Look until cancelled."""
        await asyncio.sleep(grace_s)
        while True:
            try:
                await self.look()
            except TRANSIENT as error:
                heed_cancellation()
                _log.warning("notices_unknown", error=str(error) or type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Inform each operators' subscription that does not know what is amiss now."""
        async with self._pool.acquire() as connection:
            amiss = amiss_of(await alerting_facts(connection))
            uninformed = await claim_uninformed(connection, _kinds(amiss), LEASE)
        await asyncio.gather(*(self._inform(one, amiss) for one in uninformed))

    async def _inform(self, one: Uninformed, amiss: Amiss) -> None:
        message = notice(one, amiss, datetime.now(UTC))
        outcome = await attempt(self._sealer, self._senders[one.kind], one.name, one.sealed, lambda: message)
        async with self._pool.acquire() as connection:
            if isinstance(outcome, Delivered):
                await note_informed(connection, one.id, _kinds(amiss), QUIET)
            else:
                _log.warning("notice_failed", subscription=one.name, failure=outcome.words)
                await postpone_notice(connection, one.id, PAUSE)


def _kinds(amiss: Amiss) -> str:
    return " ".join(sorted(amiss))
