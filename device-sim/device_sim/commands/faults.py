"""``device-sim faults``: a river whose devices suffer, and an attacker on the wire."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import fields
from random import Random

from firmware_protocol.device import Publication

from device_sim.agent import Agent, unix_ms
from device_sim.catchment import River
from device_sim.commands import options as shared
from device_sim.commands.options import RunOptions
from device_sim.commands.storm import BACKLOG
from device_sim.conductor import Player, Terms
from device_sim.feeds.storm import Clock, StormFeed
from device_sim.fleet import Member, read_fleet
from device_sim.mischief import FaultySensor, Rates, Tamperer
from device_sim.run import Stage, play

HELP = "drop-outs, reboots, wrong clocks, broken sensors, and forged, replayed, truncated frames"
DESCRIPTION = """\
A synthetic river like storm's, with faults at the given rates. --drop-out and --reboot are probabilities for each
device and second, the others for each frame. --none switches off every fault that is not named. The ledger knows what
must be refused and why: 'device-sim reconcile' judges it."""
OUTAGE_S = (1.0, 8.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of faults: one for each rate."""
    defaults = Rates()
    for one in fields(Rates):
        usual = getattr(defaults, one.name)
        flag = "--" + one.name.replace("_", "-")
        parser.add_argument(flag, type=shared.share, metavar="P", help=f"default: {usual:g}")
    parser.add_argument("--none", action="store_true", help="only the faults that are named")
    parser.add_argument("--speed", type=shared.positive, default=900.0, metavar="N", help="default: %(default)g")
    parser.add_argument("--duration", type=shared.positive, default=60.0, metavar="S", help="default: %(default)g")
    parser.add_argument(
        "--drain", type=float, default=200.0, metavar="S",
        help="seconds to wait for the last receipts; a first resend comes after 60 s (default: 200)",
    )  # fmt: skip
    shared.add_run_options(parser)


def rates(arguments: argparse.Namespace) -> Rates:
    """The rates that were asked for."""
    base = Rates.none() if arguments.none else Rates()
    chosen = {one.name: getattr(arguments, one.name) for one in fields(Rates)}
    return Rates(**{name: getattr(base, name) if rate is None else rate for name, rate in chosen.items()})


def run(arguments: argparse.Namespace) -> int:
    """Play the river with its faults."""
    options = RunOptions.of(arguments)
    members = read_fleet(options.fleet)
    chosen = rates(arguments)
    river = River(len(members), options.seed)
    clock = Clock(unix_ms(), river.model_s, arguments.speed)

    def cast(stage: Stage) -> Sequence[Player]:
        return [
            _player(stage, member, StormFeed(member, position, river, clock, _rng(options, member, "gauge")), chosen)
            for position, member in enumerate(members)
        ]

    terms = Terms(
        give_up_s=options.give_up_s,
        cbor=options.cbor,
        duration_s=arguments.duration,
        drain_s=arguments.drain,
        backlog=BACKLOG,
    )
    return play("faults", options, members, terms, cast)


def _rng(options: RunOptions, member: Member, what: str) -> Random:
    return Random(f"{options.seed}:{member.device}:{what}")  # noqa: S311 - faults, not secrets


def _player(stage: Stage, member: Member, feed: StormFeed, chosen: Rates) -> Player:
    agent = stage.agent(member, durable=True)
    agent.tamper = _on_the_wire(stage, agent, Tamperer(chosen, _rng(stage.options, member, "wire")))
    faulty = FaultySensor(feed, chosen, _rng(stage.options, member, "sensor"))
    return Player(agent, faulty, _fate(stage, agent, member, chosen))


def _on_the_wire(stage: Stage, agent: Agent, tamperer: Tamperer) -> Callable[[list[Publication]], list[Publication]]:
    def tamper(going: list[Publication]) -> list[Publication]:
        out, injected = tamperer.tamper(agent.name, going)
        if injected:
            stage.ledger.sent([one.entry for one in injected], unix_ms())
            stage.board.injected.update(one.entry.kind for one in injected)
        return out

    return tamper


def _fate(stage: Stage, agent: Agent, member: Member, chosen: Rates) -> Callable[[], None]:
    rng = _rng(stage.options, member, "fate")

    def fate() -> None:
        if rng.random() < chosen.drop_out:
            stage.board.injected["drop_out"] += 1
            agent.outage(rng.uniform(*OUTAGE_S))
        if rng.random() < chosen.reboot:
            stage.board.injected["reboot"] += 1
            agent.outage(rng.uniform(*OUTAGE_S))
            agent.forget()
            stage.reboot(agent, member)

    return fate
