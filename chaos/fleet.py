"""The simulated devices of one round: durable spools, one ledger, and resends soon enough for a drill."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from device_sim.agent import Agent, unix_ms
from device_sim.board import Board
from device_sim.conductor import Conductor, Player, Terms
from device_sim.feeds.load import LoadFeed
from device_sim.fleet import Member
from device_sim.ledger import FILE_NAME, Ledger
from device_sim.links import http_links, mqtt_dial
from device_sim.mqtt import Broker
from device_sim.outbox import SpoolOutbox
from firmware_protocol.device import Device, KeyRing, Options
from firmware_protocol.resend import ResendSchedule
from firmware_protocol.spool import Spool

from chaos.platform import Endpoints

# A device in the field waits a minute for its receipt; a drill of a hundred rounds cannot.
SCHEDULE = ResendSchedule(first_ms=1_500, most_ms=5_000)
# Firmware has W frames under way and counts them so for a minute (SPEC 9.4): here nothing may wait that long.
WINDOW = 1 << 20
RECORDS = 2
BACKLOG = 1_000
HTTP_EVERY = 6
"""Every so-manieth device has no MQTT and posts its frames to the api."""


@dataclass(frozen=True)
class Load:
    """How much is sent in one round, and how long its receipts are waited for."""

    duration_s: float
    frames_per_s: float
    drain_s: float


async def run_fleet(
    members: Sequence[Member], endpoints: Endpoints, state: Path, load: Load, dice: Random
) -> Conductor:
    """Send for `load.duration_s`, then wait until every spool is empty or the time for that is over."""
    async with AsyncExitStack() as stack:
        ledger = Ledger(state / FILE_NAME)
        stack.callback(ledger.close)
        ledger.begin_run("chaos", None, unix_ms(), ((one.device, one.station) for one in members))
        devices = [_device(member, state, dice) for member in members]
        for device in devices:
            stack.callback(device.spool.close)
        over_mqtt = mqtt_dial(Broker.parse(endpoints.mqtt), {one.device: one for one in members}, receipts=True)
        over_http = await stack.enter_async_context(http_links(endpoints.http))
        board = Board()
        players = []
        for number, (member, device) in enumerate(zip(members, devices, strict=True)):
            dial = over_mqtt if number % HTTP_EVERY else over_http
            agent = Agent(SpoolOutbox(device), dial, board, ledger, Random(dice.random()))
            players.append(Player(agent, _feed(member, load, number / len(members), len(members))))
        terms = Terms(duration_s=load.duration_s, drain_s=load.drain_s, give_up_s=None, backlog=BACKLOG)
        conductor = Conductor(players, ledger, board, terms)
        await conductor.run()
        return conductor


def _device(member: Member, state: Path, dice: Random) -> Device:
    """A device after a reboot: its spool is what it was, a new boot begins."""
    folder = state / "spools"
    folder.mkdir(parents=True, exist_ok=True)
    spool = Spool(folder / f"{member.device}.spool", schedule=SCHEDULE)
    keys = KeyRing({member.key_id: member.key}, member.key_id)
    options = Options("chaos", WINDOW, SCHEDULE)
    return Device(member.device, keys, spool, rng=Random(dice.random()), options=options)


def _feed(member: Member, load: Load, phase: float, devices: int) -> LoadFeed:
    every_ms = 1000 * devices / load.frames_per_s
    return LoadFeed(member, records=RECORDS, every_ms=every_ms, delay_ms=every_ms * phase, frames=None)
