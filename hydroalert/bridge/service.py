"""The bridge process: one TaskGroup of lanes, beats, the registry and the broker's accounts."""

import asyncio
import gc
from datetime import timedelta
from uuid import UUID

import msgspec

from hydroalert.access.changes import follow_changes
from hydroalert.admission.service import Admission, Settings
from hydroalert.bridge.beats import Beats, Voice
from hydroalert.bridge.lane import LaneWorker, Pace
from hydroalert.bridge.leases import Leases
from hydroalert.bridge.session import Session
from hydroalert.store import Pool, open_pool
from hydroalert.store.lanes import Lane, dismiss_worker, make_lanes, share_group
from hydroalert.store.sealing import Sealer

USER = "_bridge"


class Options(msgspec.Struct, frozen=True):
    """What a bridge worker is started with. `lanes`: how many there are to be in all."""

    database_url: str
    broker_url: str
    bridge_password: str
    admin_password: str
    master_key: bytes
    worker: UUID
    voice_id: str
    lanes: int = 1
    receive_maximum: int = 4096
    retention: timedelta = timedelta(days=10_958)
    rows_per_hour: int = 1_000_000
    pace: Pace = Pace()


async def run_bridge(options: Options) -> None:
    """Run until cancelled. Raises Unavailable when the database cannot be reached at the start."""
    pool = await open_pool(options.database_url, size=8)
    leasing = await open_pool(options.database_url, size=2, lazily=True)  # never behind a commit that is slow
    try:
        async with pool.acquire() as connection:
            await make_lanes(connection, options.lanes)
            group_name = await share_group(connection)
        await _run(options, pool, leasing, group_name)
    finally:
        await _leave(pool, options.worker)
        leasing.terminate()


async def _run(options: Options, pool: Pool, leasing: Pool, group_name: str) -> None:
    sealer = Sealer(options.master_key)
    settings = Settings(options.retention, options.rows_per_hour)
    admission = Admission(options.database_url, pool, sealer, settings)
    voice = Voice(_session(options, options.voice_id, persistent=False), pool)
    beats = Beats(pool, admission, voice, options.retention)
    lanes = _Lanes(options, pool, admission, group_name)
    async with asyncio.TaskGroup() as group:
        group.create_task(admission.run(), name="registry")
        group.create_task(voice.run(), name="voice")
        await admission.ready.wait()
        _spare_collector()
        group.create_task(Leases(leasing, options.worker, lanes.work, lanes.lag).run(), name="leases")
        group.create_task(beats.digest(), name="digest")
        group.create_task(beats.tell_time(), name="time")
        group.create_task(beats.upkeep(), name="upkeep")
        group.create_task(
            follow_changes(options.database_url, pool, sealer, options.broker_url, options.admin_password),
            name="broker-accounts",
        )


def _spare_collector() -> None:
    """What is loaded by now stays, and a batch is thousands of objects without a cycle: looking for cycles at every
    700 of them, as Python does by default, costs a tenth of the bridge's time and finds none."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


class _Lanes:
    """The lanes that this process works at this moment."""

    def __init__(self, options: Options, pool: Pool, admission: Admission, group_name: str) -> None:
        self._options = options
        self._pool = pool
        self._admission = admission
        self._group_name = group_name
        self._working: dict[int, LaneWorker] = {}

    async def work(self, lane: Lane) -> None:
        worker = LaneWorker(self._pool, self._admission, self._group_name, self._options.pace)
        self._working[lane.id] = worker
        try:
            await worker.work(_session(self._options, lane.client_id, persistent=True))
        finally:
            del self._working[lane.id]

    def lag(self) -> int:
        return sum(worker.lag for worker in self._working.values())


def _session(options: Options, client_id: str, *, persistent: bool) -> Session:
    return Session(
        options.broker_url,
        USER,
        options.bridge_password,
        client_id,
        receive_maximum=options.receive_maximum,
        persistent=persistent,
    )


async def _leave(pool: Pool, worker: UUID) -> None:
    """Say goodbye if the database still hears it; otherwise time does."""
    try:
        async with asyncio.timeout(2), pool.acquire() as connection:
            await dismiss_worker(connection, worker)
    except Exception:  # noqa: S110 - leaving must not fail
        pass
    finally:
        pool.terminate()
