"""What a person sees while a run goes on: a table that renews itself, or plain lines where there is no terminal."""

import asyncio
import time

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from device_sim.conductor import Conductor

REFRESH_S = 0.5
LINE_S = 5.0


class Watcher:
    """Watches one conductor. Everything goes to standard error: standard output is for results."""

    def __init__(self, conductor: Conductor, title: str, console: Console) -> None:
        self._conductor = conductor
        self._title = title
        self._console = console
        self._started_s = time.monotonic()
        self._last = (self._started_s, 0, 0)

    @property
    def elapsed_s(self) -> float:
        """Since the watcher was made."""
        return time.monotonic() - self._started_s

    async def watch(self) -> None:
        """Show until cancelled."""
        if self._console.is_terminal:
            with Live(console=self._console, get_renderable=self._table, refresh_per_second=1 / REFRESH_S):
                await asyncio.Event().wait()  # Live redraws by itself, a last time when it ends
        while True:
            await asyncio.sleep(LINE_S)
            self._console.print(self._line(), highlight=False, soft_wrap=True)

    def _rates(self) -> tuple[float, float]:
        """Frames sent and settled a second since the last look."""
        board, now_s = self._conductor.board, time.monotonic()
        before_s, sent, settled = self._last
        self._last = (now_s, board.sent, board.settled)
        passed_s = max(1e-3, now_s - before_s)
        return (board.sent - sent) / passed_s, (board.settled - settled) / passed_s

    def _line(self) -> str:
        board = self._conductor.board
        sent_s, settled_s = self._rates()
        return (
            f"{self._title} {self.elapsed_s:.0f}s: {board.connected}/{board.devices} connected, "
            f"{board.sent} sent ({sent_s:.0f}/s), {board.stored} stored ({settled_s:.0f}/s), "
            f"{self._conductor.in_spools} in spools, {sum(board.refused.values())} refused, "
            f"p50 {_ms(board.latencies.percentile_ms(0.5))} p99 {_ms(board.latencies.percentile_ms(0.99))}"
        )

    def _table(self) -> Group:
        board = self._conductor.board
        sent_s, settled_s = self._rates()
        table = Table(title=f"device-sim {self._title}", title_justify="left", show_header=False, min_width=56)
        table.add_row("elapsed", f"{self.elapsed_s:.0f} s")
        table.add_row("devices connected", f"{board.connected} of {board.devices}")
        table.add_row("frames published", f"{board.sent}  ({sent_s:.0f}/s)")
        table.add_row("stored by receipt", f"{board.stored}  ({settled_s:.0f}/s)")
        table.add_row("in spools", f"{self._conductor.in_spools}")
        p50, p99 = board.latencies.percentile_ms(0.5), board.latencies.percentile_ms(0.99)
        table.add_row("publish to receipt", f"p50 {_ms(p50)}   p99 {_ms(p99)}")
        for title, counts in (("refused", board.refused), ("injected", board.injected)):
            for word, count in sorted(counts.items()):
                table.add_row(f"{title}: {word}", str(count))
        said = [f"{count} x {words}" for words, count in board.broker_refusals.most_common(3) if count]
        return Group(table, Text("\n".join(said), style="yellow"))


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g} ms"
