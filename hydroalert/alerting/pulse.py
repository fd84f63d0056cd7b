"""The pulse of judging: what is told, renewed and reported as well rests on judging still going on (G8)."""

import asyncio
from datetime import datetime


class Pulse:
    """Beaten after each pass of the judging loop; never while the clock is in doubt, since nothing is judged then."""

    def __init__(self) -> None:
        self.beaten_at: datetime | None = None
        self._passed = asyncio.Event()

    def beat(self, now: datetime) -> None:
        """A pass is done, and everything that was due before it is judged."""
        self.beaten_at = now
        self._passed.set()
        self._passed = asyncio.Event()

    async def next(self) -> None:
        """Wait for the end of a pass that begins from now on: the one under way may have looked already."""
        await self._passed.wait()
        await self._passed.wait()
