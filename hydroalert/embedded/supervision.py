"""Keeps one program running: started until it is ready, started again whenever it ends, stopped when told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from hydroalert.embedded.child import Child, Program, spawn, until_ready
from hydroalert.embedded.errors import PlatformError

FIRST_DELAY_S = 0.5
# What keeps failing is tried again this often: seldom enough for a small machine, soon enough for a flood.
LONGEST_DELAY_S = 8.0
# Who was ready for this long ended for a reason of its own: the next delay is the first again.
STEADY_S = 10.0


class State(StrEnum):
    """What a supervised program is doing."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    STOPPED = "stopped"


def delay_after(lasted_s: float, former_delay_s: float) -> float:
    """How long to wait before a start, after a run that was ready for `lasted_s`; 0 was before the first."""
    if lasted_s >= STEADY_S or not former_delay_s:
        return FIRST_DELAY_S
    return min(2 * former_delay_s, LONGEST_DELAY_S)


async def nothing_to_prepare() -> None:
    """For a program that needs nothing before it starts."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """A program, what must be done before each start, and how to ask whether it is ready."""

    program: Program
    ready: Callable[[], Awaitable[bool]]
    prepare: Callable[[], Awaitable[object]] = nothing_to_prepare
    ready_within_s: float = 120.0


class Keeper:
    """The life of one service. `on_change` is called after each change of `state`."""

    def __init__(self, service: Service, on_change: Callable[["Keeper"], None]) -> None:
        self.name = service.program.name
        self.state = State.STOPPED
        self.restarts = 0
        self.child: Child | None = None
        self._service = service
        self._on_change = on_change

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises PlatformError when it does not become so."""
        await self._service.prepare()
        self._enter(State.STARTING)
        self.child = spawn(self._service.program)
        await until_ready(self.child, self._service.ready, timeout_s=self._service.ready_within_s)
        self._enter(State.READY)

    async def keep(self) -> None:
        """Start it again whenever it ends, until cancelled."""
        loop = asyncio.get_running_loop()
        delay_s = 0.0
        while True:
            ready_at = loop.time()
            if self.child:
                await self.child.wait()
            delay_s = delay_after(loop.time() - ready_at, delay_s)
            await self.stop(State.RESTARTING)
            await asyncio.sleep(delay_s)
            self.restarts += 1
            await self._start_again()

    async def stop(self, state: State = State.STOPPED) -> None:
        """End what runs of it, if anything does."""
        self._enter(state)
        if self.child:
            child, self.child = self.child, None
            await child.stop()
            child.close()

    def hasten(self) -> None:
        """Whoever waits for its end waits no longer."""
        if self.child:
            self.child.signal(self._service.program.kill_signal)

    async def _start_again(self) -> None:
        """A failed restart is no fault of ours: its log says why, and the next attempt follows."""
        try:
            await self.start()
        except PlatformError:
            if self.child:
                await self.child.stop()

    def _enter(self, state: State) -> None:
        self.state = state
        self._on_change(self)


@asynccontextmanager
async def kept(keeper: Keeper, tasks: asyncio.TaskGroup) -> AsyncIterator[Keeper]:
    """A service that is ready, kept running while the block lasts, and stopped when it is left."""
    keeping: asyncio.Task[None] | None = None
    try:
        await keeper.start()
        keeping = tasks.create_task(keeper.keep(), name=f"keep {keeper.name}")
        yield keeper
    finally:
        if keeping:
            keeping.cancel()
            await asyncio.wait([keeping])
        await keeper.stop()
