"""What `hydroalert up` runs: every process of the platform on one machine, started in order and kept alive."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from hydroalert.embedded.bring_up import Platform, Say, Show
from hydroalert.embedded.lock import locked
from hydroalert.embedded.request import Options


async def run_platform(options: Options, show: Show, say: Say = print) -> None:
    """Bring everything up, announce it, and keep it running until SIGINT or SIGTERM; then end it in order.

    A second signal does not wait for clean ends. Raises PlatformError when something cannot be started.
    """
    options.data_dir.mkdir(parents=True, exist_ok=True)
    with locked(options.data_dir):
        platform = Platform(options, say)
        with stopped_by_signals(platform.hasten, say) as stopping:
            running = asyncio.create_task(platform.run(show), name="platform")
            asked = asyncio.create_task(stopping.wait(), name="signals")
            await asyncio.wait([running, asked], return_when=asyncio.FIRST_COMPLETED)
            asked.cancel()
            running.cancel()
            await asyncio.wait([running])
        if not running.cancelled() and (fault := running.exception()):
            raise fault
        say("Stopped.")


@contextmanager
def stopped_by_signals(hasten: Callable[[], None], say: Say) -> Iterator[asyncio.Event]:
    """An event that the first signal sets; each further one calls `hasten`."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def on_signal() -> None:
        if stopping.is_set():
            hasten()
        else:
            say("Stopping … (once more: at once)")
            stopping.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, on_signal)
    try:
        yield stopping
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
