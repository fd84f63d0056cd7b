"""The dead man's switch: an outside watch is told each minute that warnings come about; silence alarms it.

As Healthchecks has it: the plain URL while all is well, `/fail` with the reasons in the body when it is not.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import structlog

from hydroalert.alerting.pulse import Pulse
from hydroalert.domain.clock import is_doubtful
from hydroalert.domain.watch import Facts, echo_fault, faults_of
from hydroalert.store import TRANSIENT, Pool, heed_cancellation
from hydroalert.store.digest import claim_beat, newest_arrival
from hydroalert.store.reading_alerting import alerting_facts

_log = structlog.get_logger()
EVERY = timedelta(minutes=1)
LOOK_EVERY_S = 1.0
GRACE_S = 40.0
"""Who has just started cannot know yet whether the way is whole: the canary needs a few of its rounds."""
STILL_AFTER = timedelta(seconds=30)
ANSWER_WITHIN_S = 10.0


def reasons_of(facts: Facts, pulse_at: datetime | None, now: datetime, *, doubtful: bool) -> list[str]:
    """Why the watch must be alarmed; empty while all is well."""
    echo = echo_fault(facts)
    return [
        *(["this machine's clock is in doubt: nothing is judged"] if doubtful else []),
        *(["judging stands still"] if pulse_at is None or now - pulse_at > STILL_AFTER else []),
        *faults_of(facts),
        *([echo] if echo else []),
    ]


async def keep_watched(pool: Pool, url: str, pulse: Pulse, *, grace_s: float = GRACE_S) -> None:
    """Tell the watch until cancelled; of several processes one does, at each beat."""
    await asyncio.sleep(grace_s)
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN_S, follow_redirects=True) as client:
        while True:
            try:
                reasons = await _look(pool, pulse)
                if reasons is not None:
                    await _tell(client, url, reasons)
            except (httpx.HTTPError, *TRANSIENT) as error:
                heed_cancellation()
                _log.warning("deadman_not_told", error=str(error) or type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_S)


async def _look(pool: Pool, pulse: Pulse) -> list[str] | None:
    """The reasons to alarm, if it is this process's turn to tell."""
    async with pool.acquire() as connection, connection.transaction():
        if not await claim_beat(connection, "deadman", EVERY):
            return None
        now = datetime.now(UTC)
        doubtful = is_doubtful(now, await newest_arrival(connection))
        return reasons_of(await alerting_facts(connection), pulse.beaten_at, now, doubtful=doubtful)


async def _tell(client: httpx.AsyncClient, url: str, reasons: list[str]) -> None:
    if reasons:
        _log.error("deadman_alarmed", reasons=reasons)
        answer = await client.post(f"{url}/fail", content="\n".join(reasons))
    else:
        answer = await client.get(url)
    if not answer.is_success:  # its address is a secret: who knows it can keep the watch quiet
        _log.warning("deadman_not_taken", status=answer.status_code)
