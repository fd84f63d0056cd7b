"""``device-sim storm``: a synthetic river in flood, gauge by gauge."""

import argparse
from collections.abc import Sequence
from random import Random

import msgspec

from device_sim.agent import unix_ms
from device_sim.catchment import River, RiverState
from device_sim.commands import options as shared
from device_sim.commands.options import RunOptions
from device_sim.conductor import Player, Terms
from device_sim.feeds.storm import HISTORY_S, HISTORY_STEP_S, Clock, StormFeed
from device_sim.fleet import Member, read_fleet
from device_sim.run import Stage, play, state_file

HELP = "a synthetic catchment: rain, runoff, and a crest that travels from gauge to gauge"
DESCRIPTION = """\
The fleet's order is the river's: the first device is the uppermost gauge. The river runs --speed times as fast as the
clock; readings carry the time at which they are taken. The first run sends the past six hours first. The state
directory keeps the river, the spools and the boot counters: a second run goes on where the first one stopped."""
BACKLOG = 45_000  # frames a device spools while the platform is away


class Kept(msgspec.Struct, frozen=True):
    """What a storm remembers between runs."""

    seed: int
    river: RiverState


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of storm."""
    parser.add_argument("--speed", type=shared.positive, default=60.0, metavar="N", help="default: %(default)g")
    parser.add_argument("--duration", type=shared.positive, metavar="S", help="seconds to run (default: until Ctrl-C)")
    parser.add_argument("--no-history", action="store_true", help="do not send the past hours first")
    parser.add_argument(
        "--drain", type=float, default=10.0, metavar="S", help="seconds to wait for the last receipts (default: 10)"
    )
    shared.add_run_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Play the river."""
    options = RunOptions.of(arguments)
    members = read_fleet(options.fleet)
    kept = _kept(options, len(members))
    river = River(len(members), options.seed, kept.river if kept else None)

    def cast(stage: Stage) -> Sequence[Player]:
        feeds = _feeds(members, river, arguments, fresh=kept is None)
        return [Player(stage.agent(member, durable=True), feed) for member, feed in zip(members, feeds, strict=True)]

    terms = Terms(
        give_up_s=options.give_up_s,
        cbor=options.cbor,
        duration_s=arguments.duration,
        drain_s=arguments.drain,
        backlog=BACKLOG,
    )
    return play("storm", options, members, terms, cast, lambda: _keep(options, river))


def _kept(options: RunOptions, gauges: int) -> Kept | None:
    """What an earlier run left, where it was the same river."""
    path = state_file(options, "storm.json")
    if not path.is_file():
        return None
    kept = msgspec.json.decode(path.read_bytes(), type=Kept)
    return kept if kept.seed == options.seed and len(kept.river.slopes) == gauges else None


def _keep(options: RunOptions, river: River) -> None:
    """Write the river down, in one step: a killed run leaves the old file or the new one."""
    path = state_file(options, "storm.json")
    draft = path.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(Kept(options.seed, river.state)))
    draft.replace(path)


def _feeds(members: Sequence[Member], river: River, arguments: argparse.Namespace, *, fresh: bool) -> list[StormFeed]:
    """Feeds that begin now; on a first run they remember the past hours, in which the river ran with the clock."""
    now_ms = unix_ms()
    steps = HISTORY_S // HISTORY_STEP_S if fresh and not arguments.no_history else 0
    past = []
    for step in range(steps):
        river.advance_to(step * HISTORY_STEP_S)
        past.append((now_ms - (steps - step) * HISTORY_STEP_S * 1000, river.read()))
    clock = Clock(now_ms, river.model_s, arguments.speed)
    feeds = []
    for position, member in enumerate(members):
        rng = Random(f"{arguments.seed}:{member.device}:gauge")  # noqa: S311 - noise
        feeds.append(StormFeed(member, position, river, clock, rng))
        feeds[-1].remember_past([(time_ms, gauges[position]) for time_ms, gauges in past])
    return feeds
