"""``device-sim load``: how much the platform commits, and how late it says so."""

import argparse
from collections.abc import Sequence

from device_sim.commands import options as shared
from device_sim.commands.options import RunOptions
from device_sim.conductor import Player, Terms
from device_sim.feeds.load import AS_FAST_AS_IT_GOES, LoadFeed
from device_sim.fleet import FleetError, Member, read_fleet
from device_sim.run import Stage, play

HELP = "N devices at R frames/s: committed rate and latency, read back through receipts"
DESCRIPTION = """\
Sends frames of the same shape from the first N devices of the fleet, QoS 1, from memory (no spool files). With
receipts the result says how many frames were stored a second, and the percentiles of publish to receipt; without them
a frame counts as delivered at the broker's PUBACK. 'device-sim plan load' writes stations and devices to register."""

_NO_BOUND = 1 << 30


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of load."""
    parser.add_argument("--devices", type=shared.count, metavar="N", help="of the fleet (default: all)")
    parser.add_argument(
        "--rate", type=float, default=1000.0, metavar="R",
        help="frames a second of all devices together; 0: as fast as it goes (default: %(default)g)",
    )  # fmt: skip
    parser.add_argument("--records", type=shared.count, default=2, metavar="r", help="a frame (default: %(default)s)")
    parser.add_argument("--duration", type=shared.positive, default=30.0, metavar="S", help="default: %(default)g")
    parser.add_argument("--frames", type=shared.count, metavar="F", help="stop after F frames of all devices together")
    parser.add_argument("--backlog", type=shared.count, default=64, help="frames kept per device (default: 64)")
    parser.add_argument(
        "--drain", type=float, default=60.0, metavar="S", help="seconds to wait for the last receipts (default: 60)"
    )
    parser.add_argument(
        "--prepare",
        action="store_true",
        help="pack and sign all --frames first, then send as fast as it goes: the simulator costs least while it runs",
    )
    parser.add_argument("--spool", action="store_true", help="spool frames on disk, as a device does")
    shared.add_run_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Load the platform."""
    options = RunOptions.of(arguments)
    fleet = read_fleet(options.fleet)
    wanted = arguments.devices or len(fleet)
    if wanted > len(fleet):
        raise FleetError(f"{wanted} devices wanted, {options.fleet} has {len(fleet)}: see 'device-sim plan load'")
    members = fleet[:wanted]
    if arguments.prepare and not arguments.frames:
        raise FleetError("--prepare needs --frames: it packs and signs them all before the clock starts")
    rate = 0.0 if arguments.prepare else arguments.rate
    every_ms = 1000 * wanted / rate if rate else AS_FAST_AS_IT_GOES
    shares = _shares(arguments.frames, wanted)

    def cast(stage: Stage) -> Sequence[Player]:
        return [
            Player(stage.agent(member, durable=arguments.spool), feed(member, share, number))
            for number, (member, share) in enumerate(zip(members, shares, strict=True))
        ]

    def feed(member: Member, share: int | None, number: int) -> LoadFeed:
        delay_ms = every_ms * number / wanted
        return LoadFeed(member, records=arguments.records, every_ms=every_ms, delay_ms=delay_ms, frames=share)

    terms = Terms(
        duration_s=arguments.duration,
        drain_s=arguments.drain + (arguments.duration if arguments.prepare else 0),
        give_up_s=options.give_up_s,
        backlog=_NO_BOUND if arguments.prepare else arguments.backlog,
        cbor=options.cbor,
        prepare=arguments.prepare,
        all_connected=True,
    )
    return play("load", options, members, terms, cast)


def _shares(frames: int | None, devices: int) -> list[int | None]:
    """How many frames each device sends, so that together they are ``frames``."""
    if frames is None:
        return [None] * devices
    return [frames // devices + (number < frames % devices) for number in range(devices)]
