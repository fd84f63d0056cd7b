"""Admission as the bridge and the api use it: the registry kept fresh, the clock doubted, quotas, decide, settle."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import structlog

from hydroalert.admission.decide import Arrival, Decision, Rules, decide
from hydroalert.admission.receipts import Receipt, receipts_for
from hydroalert.admission.settle import Settler
from hydroalert.domain.clock import BUILT, MAX_AHEAD, from_ms, is_doubtful, span_ms, to_ms
from hydroalert.domain.errors import Unavailable
from hydroalert.domain.refusals import Reason
from hydroalert.domain.registry import Registry
from hydroalert.store import TRANSIENT, Connection, Pool, heed_cancellation
from hydroalert.store.digest import devices_over_quota, newest_arrival
from hydroalert.store.listening import listening
from hydroalert.store.registry import DEFAULT_ROWS_PER_HOUR, load_registry
from hydroalert.store.sealing import Sealer, check_master_key

_log = structlog.get_logger()
_HORIZON = BUILT + timedelta(days=50 * 365)
"""No phenomenon time is later than this, whatever the platform's clock says."""
_ABSOLUTE_FROM_MS = 1000.0 * 2**28
_LOOK_EVERY_S = 2


class Settings(msgspec.Struct, frozen=True):
    """What an operator sets of admission."""

    retention: timedelta = timedelta(days=30 * 365.25)
    rows_per_hour: int = DEFAULT_ROWS_PER_HOUR


class Outcome(msgspec.Struct, frozen=True):
    """What became of a batch: every decision, those that are settled, and the receipts to send."""

    decisions: list[Decision]
    settled: list[Decision]
    receipts: list[Receipt]


class Admission:
    """One per process. `run` keeps what it knows fresh; `judge` and `settle` may be called meanwhile."""

    def __init__(self, database_url: str, pool: Pool, sealer: Sealer, settings: Settings) -> None:
        self._database_url = database_url
        self._pool = pool
        self._sealer = sealer
        self._settings = settings
        self._settler = Settler()
        self._over_quota: set[int] = set()
        self._newest_arrival_ms = 0
        self.registry: Registry = {}
        self.clock_is_good = True
        self.ready = asyncio.Event()

    async def run(self) -> None:
        """Follow the registry until cancelled; a lost connection is found again and everything read anew."""
        while True:
            try:
                await self._follow()
            except (*TRANSIENT, Unavailable) as error:
                heed_cancellation()
                _log.warning("registry_lost", error=str(error))
            await asyncio.sleep(1)

    async def _follow(self) -> None:
        async with listening(self._database_url, ["registry"]) as heard:
            async with self._pool.acquire() as connection:
                await check_master_key(connection, self._sealer)
            await self._read(None)
            self.ready.set()
            while True:
                changed = await _changes(heard)
                if changed is None:
                    return
                await self._read(changed)

    async def _read(self, devices: set[str] | None) -> None:
        """Read these devices again, or all; and what else judging goes by."""
        async with self._pool.acquire() as connection:
            if devices is None or devices:
                fresh = await load_registry(connection, self._sealer, devices)
                self.registry = fresh if devices is None else {**self.registry, **fresh}
            self._over_quota = await devices_over_quota(connection, self._settings.rows_per_hour)
            newest = await newest_arrival(connection)
        self._newest_arrival_ms = 0 if newest is None else to_ms(newest)
        self.clock_is_good = not is_doubtful(from_ms(_now_ms()), newest)

    def rules(self, now_ms: int) -> Rules:
        """What a frame is judged by now. A clock in doubt refuses nothing for its time (G10)."""
        if not self.clock_is_good:
            surely_past_ms = max(now_ms, to_ms(BUILT), self._newest_arrival_ms)  # a key that had ended has ended
            return Rules(surely_past_ms, _ABSOLUTE_FROM_MS, to_ms(_HORIZON), self._over_quota)
        latest_ms = now_ms + span_ms(MAX_AHEAD)
        return Rules(now_ms, now_ms - span_ms(self._settings.retention), latest_ms, self._over_quota)

    def judge(self, arrivals: Sequence[Arrival]) -> list[Decision]:
        """Decide each arrival, as of now."""
        registry, rules = self.registry, self.rules(_now_ms())
        return [_decide(arrival, registry, rules) for arrival in arrivals]

    async def settle(self, connection: Connection, decisions: Sequence[Decision]) -> Outcome:
        """Commit a batch and sign its receipts. Raises what `store.TRANSIENT` names; then nothing is committed."""
        now_ms = _now_ms()
        settled = await self._settler.settle(connection, decisions, now_ms, clock_is_good=self.clock_is_good)
        return Outcome(list(decisions), settled, receipts_for(settled, now_ms))

    async def admit(self, arrivals: Sequence[Arrival]) -> Outcome:
        """Judge and settle on a connection of the pool."""
        decisions = self.judge(arrivals)
        async with self._pool.acquire() as connection:
            return await self.settle(connection, decisions)


def _decide(arrival: Arrival, registry: Registry, rules: Rules) -> Decision:
    """A fault of ours in judging one frame must not stop the others: it is refused, and the fault is logged."""
    try:
        return decide(arrival, registry, rules)
    except Exception:
        _log.exception("frame_not_judged", device=arrival.device, frame=arrival.frame.hex())
        return Decision(arrival, registry.get(arrival.device), None, authentic=False, reason=Reason.MALFORMED)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def _changes(heard: "asyncio.Queue[tuple[str, str] | None]") -> set[str] | None:
    """Devices that changed: those already heard of, or after two seconds none; None when the connection is lost."""
    changed: set[str] = set()
    try:
        # Not wait_for: on Python 3.11 it swallows a cancellation that comes together with its result.
        async with asyncio.timeout(_LOOK_EVERY_S):
            said = await heard.get()
    except TimeoutError:
        return changed
    while said is not None:
        changed.add(said[1])
        if heard.empty():
            return changed
        said = heard.get_nowait()
    return None
