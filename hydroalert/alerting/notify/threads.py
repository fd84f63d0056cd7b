"""Calls that block and may never end: each in a thread of its own, so that one that hangs harms nobody else."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from weakref import WeakValueDictionary

from hydroalert.alerting.notify.outcomes import Failed, Outcome

MOST_LOST = 256
"""So many threads that outlast their time are borne; then nothing is begun until one of them ends (G5)."""


class Threads:
    """At most `at_once` calls at a time, each at most `timeout_s` long, and never two for the same receiver.

    Nobody can stop a thread: what outlasts its time is lost. It gives its place to others, and its receiver is sent
    nothing until it ends. Threads are daemons, for which a process that ends does not wait.
    """

    def __init__(self, at_once: int, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(at_once)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._lost: dict[str, threading.Thread] = {}

    async def call(self, receiver: str, work: Callable[[], Outcome]) -> Outcome:
        """What `work` came to; waiting for a place counts into its time. Raises what `work` raises."""
        turn = self._turns.setdefault(receiver, asyncio.Lock())
        try:
            async with asyncio.timeout(self._timeout_s), turn, self._places:
                return self._why_not(receiver) or await self._run(receiver, work)
        except TimeoutError:
            return Failed("did not finish in time")

    def _why_not(self, receiver: str) -> Failed | None:
        self._lost = {name: thread for name, thread in self._lost.items() if thread.is_alive()}
        if receiver in self._lost:
            return Failed("an earlier attempt still hangs: its receiver neither takes the message nor lets go")
        if len(self._lost) >= MOST_LOST:
            return Failed(f"{MOST_LOST} attempts hang: see what is wrong with their receivers, then restart alerting")
        return None

    async def _run(self, receiver: str, work: Callable[[], Outcome]) -> Outcome:
        ended: Future[Outcome] = Future()
        ended.set_running_or_notify_cancel()  # so a thread that ends when nobody waits any more may still say how
        thread = threading.Thread(target=_work, args=(work, ended), name="notify", daemon=True)
        thread.start()
        try:
            return await asyncio.wrap_future(ended)
        finally:
            if not ended.done():
                self._lost[receiver] = thread


def _work(work: Callable[[], Outcome], ended: Future[Outcome]) -> None:
    try:
        ended.set_result(work())
    except Exception as error:
        ended.set_exception(error)
