"""From options to a run: opens ledger, spools and links, leads the fleet through it, and says how it went."""

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import uvloop
from firmware_protocol.device import Device, KeyRing, Options
from firmware_protocol.spool import Bounds, MemorySpool, Spool
from firmware_protocol.store import SpoolStore
from rich.console import Console

from device_sim.agent import Agent, Dial, unix_ms
from device_sim.board import Board
from device_sim.commands.options import EXIT_SETTLED, EXIT_UNSETTLED, RunOptions
from device_sim.conductor import Conductor, Player, Terms
from device_sim.fleet import Member
from device_sim.ledger import FILE_NAME, Ledger
from device_sim.links import http_links, mqtt_dial
from device_sim.live import Watcher
from device_sim.mqtt import Broker
from device_sim.outbox import ExpressOutbox, Outbox, SpoolOutbox

FIRMWARE = "device-sim 0.1.0"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a run stands on."""

    options: RunOptions
    members: Sequence[Member]
    ledger: Ledger
    board: Board
    dial: Dial
    closing: ExitStack

    def agent(self, member: Member, *, durable: bool) -> Agent:
        """A device with its spool in a file of the state directory; else, or without receipts, with none but memory."""
        rng = Random(f"{self.options.seed}:{member.device}")  # noqa: S311 - jitter and weather
        keys = KeyRing({member.key_id: member.key}, member.key_id)
        settings = Options(FIRMWARE, self.options.window, cbor=self.options.cbor)
        spool = self._spool(member, durable=durable and self.options.receipts)
        device = Device(member.device, keys, spool, rng=rng, options=settings)
        self.closing.callback(_close_spool, device)  # the one that it has by then
        outbox = self._outbox(device, durable=durable)
        return Agent(outbox, self.dial, self.board, self.ledger, rng)

    def _outbox(self, device: Device, *, durable: bool) -> Outbox:
        if durable and self.options.receipts:
            return SpoolOutbox(device)
        return ExpressOutbox(device, self.options.window, wants_receipts=self.options.receipts)

    def reboot(self, agent: Agent, member: Member) -> None:
        """Restart a device with a durable spool: what it held in memory is gone, a new boot begins."""
        device = agent.outbox.device
        device.spool.close()
        device.spool = self._spool(member, durable=self.options.receipts)

    def _spool(self, member: Member, *, durable: bool) -> SpoolStore:
        if not durable:
            return MemorySpool()
        folder = self.options.state / "spools"
        folder.mkdir(parents=True, exist_ok=True)
        return Spool(folder / f"{member.device}.spool", bounds=Bounds())


def _close_spool(device: Device) -> None:
    device.spool.close()


Cast = Callable[[Stage], Sequence[Player]]
"""Makes the players of a command."""
OnSweep = Callable[[], None]
"""Called once a second, to keep what a command wants kept."""


def _nothing() -> None:
    """Keeps nothing."""


def play(
    command: str, options: RunOptions, members: Sequence[Member], terms: Terms, cast: Cast, on_sweep: OnSweep = _nothing
) -> int:
    """Run a command to its end and print how it went; gives the exit code."""
    raise_open_files()
    return uvloop.run(_play(command, options, members, terms, cast, on_sweep))


async def _play(
    command: str, options: RunOptions, members: Sequence[Member], terms: Terms, cast: Cast, on_sweep: OnSweep = _nothing
) -> int:
    async with AsyncExitStack() as stack:
        closing = stack.enter_context(ExitStack())
        ledger = Ledger(options.state / FILE_NAME)
        closing.callback(ledger.close)
        ledger.begin_run(command, options.seed, unix_ms(), ((one.device, one.station) for one in members))
        board = Board()
        dial = await _dial(options, members, stack)
        stage = Stage(options, members, ledger, board, dial, closing)
        conductor = Conductor(cast(stage), ledger, board, terms, on_sweep)
        return await _perform(command, conductor, as_json=options.as_json)


async def _dial(options: RunOptions, members: Sequence[Member], stack: AsyncExitStack) -> Dial:
    if options.transport == "http":
        return await stack.enter_async_context(http_links(options.http))
    by_name = {member.device: member for member in members}
    return mqtt_dial(Broker.parse(options.broker, options.ca), by_name, receipts=options.receipts)


async def _perform(command: str, conductor: Conductor, *, as_json: bool) -> int:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, conductor.stop)
    watcher = Watcher(conductor, command, Console(stderr=True))
    watching = loop.create_task(watcher.watch())
    try:
        await conductor.run()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    summary = conductor.board.summary(watcher.elapsed_s, conductor.in_spools)
    sys.stdout.write(json.dumps(summary) + "\n" if as_json else _in_words(command, summary))
    return EXIT_UNSETTLED if conductor.in_spools else EXIT_SETTLED


def _in_words(command: str, summary: dict[str, object]) -> str:
    return (
        f"{command}: {summary['frames']} frames with {summary['records']} records from {summary['devices']} devices "
        f"in {summary['elapsed_s']} s; stored {summary['stored']}, refused {summary['refused'] or 0}, "
        f"in spools {summary['in_spools']}; publish to receipt p50 {summary['latency_p50_ms']} ms, "
        f"p99 {summary['latency_p99_ms']} ms\n"
    )


def raise_open_files() -> None:
    """Thousands of connections need as many files; a plain user starts with 1,024."""
    try:
        import resource  # noqa: PLC0415 - not everywhere
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def state_file(options: RunOptions, name: str) -> Path:
    """A file of the state directory, which is made where it is missing."""
    options.state.mkdir(parents=True, exist_ok=True)
    return options.state / name
