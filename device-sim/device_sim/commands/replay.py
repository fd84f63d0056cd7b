"""``device-sim replay``: the rows of real files, sent by the devices of a fleet."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from device_sim.agent import unix_ms
from device_sim.commands import options as shared
from device_sim.commands.options import RunOptions
from device_sim.conductor import Player, Terms
from device_sim.feeds.replay import BackfillFeed, LiveFeed, LiveTime, readings_of
from device_sim.fleet import FleetError, Member, read_fleet
from device_sim.run import Stage, play, state_file
from device_sim.sources import Series, clean, read_files

HELP = "send the rows of real files, at their own times or compressed into live time"
DESCRIPTION = """\
Reads Sri Lanka all.tsv, Environment Agency CSV (2012 stage files, Hydrology Data Explorer), USGS CSV and Parquet,
and plain CSV with the columns time,result. Register what 'device-sim plan replay FILE...' writes first.

Without --speed the file is a backfill: every row at its own time, as fast as receipts allow.
With --speed N the file begins now and runs N times as fast; the state directory keeps that beginning, so a run that
was stopped goes on where it was (what was due meanwhile follows at once). --anew begins again."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of replay."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--speed", type=shared.positive, metavar="N", help="into live time, N times as fast")
    parser.add_argument("--anew", action="store_true", help="with --speed: let the file begin now once more")
    parser.add_argument("--records", type=shared.count, default=60, help="records a frame at most (default: 60)")
    parser.add_argument("--datastream", default="level", help="of a plain CSV (default: level)")
    parser.add_argument("--unit", default="m", help="of a plain CSV (default: m)")
    parser.add_argument("--skip-unregistered", action="store_true", help="leave out what no device of the fleet fills")
    parser.add_argument(
        "--drain", type=float, default=300.0, metavar="S", help="seconds to wait for the last receipts (default: 300)"
    )
    shared.add_run_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Play the files."""
    options = RunOptions.of(arguments)
    series = read_files(arguments.files, arguments.datastream, arguments.unit)
    fleet = read_fleet(options.fleet)
    parts = assign(series, fleet, skip=arguments.skip_unregistered)
    live = _live_time(arguments, options, series)
    members = [member for member in fleet if member.device in parts]

    def cast(stage: Stage) -> Sequence[Player]:
        return [_player(stage, member, parts[member.device], live, arguments.records) for member in members]

    backlog = 64 if live is None else 45_000
    terms = Terms(
        give_up_s=options.give_up_s, cbor=options.cbor, duration_s=None, drain_s=arguments.drain, backlog=backlog
    )
    return play("replay", options, members, terms, cast)


def assign(series: Sequence[Series], fleet: Sequence[Member], *, skip: bool) -> dict[str, list[Series]]:
    """The series that each device sends, by device. Raises FleetError for one that nobody is registered for."""
    parts: dict[str, list[Series]] = {}
    for one in series:
        member = _member_for(one, fleet)
        if member is not None:
            parts.setdefault(member.device, []).append(one)
        elif not skip:
            raise FleetError(
                f"no device of the fleet fills {one.place.code}/{one.datastream} in {one.unit}: register what "
                "'device-sim plan replay' writes, or give --skip-unregistered"
            )
    return parts


def _member_for(series: Series, fleet: Sequence[Member]) -> Member | None:
    for member in fleet:
        stream = member.stream(series.datastream)
        if member.station == series.place.code and stream is not None and stream.unit == series.unit:
            return member
    return None


def _live_time(arguments: argparse.Namespace, options: RunOptions, series: Sequence[Series]) -> LiveTime | None:
    """Where the file begins in live time; kept, so that a second run says the same times again."""
    if arguments.speed is None:
        return None
    origin_ms = min(sample.time_ms for one in series for sample in one.samples)
    path = state_file(options, "replay.json")
    if path.is_file() and not arguments.anew:
        kept = LiveTime(**json.loads(path.read_text(encoding="utf-8")))
        if (kept.origin_ms, kept.speed) == (origin_ms, arguments.speed):
            return kept
    live = LiveTime(unix_ms(), origin_ms, arguments.speed)
    path.write_text(json.dumps(asdict(live)), encoding="utf-8")
    return live


def _player(stage: Stage, member: Member, parts: Sequence[Series], live: LiveTime | None, records: int) -> Player:
    readings = []
    for one in parts:
        cleaned = clean(one.samples)
        readings += readings_of(one.datastream, one.unit, cleaned.samples, live)
        repeats = [(sample, False) for sample in cleaned.repeated] + [(sample, True) for sample in cleaned.conflicting]
        stage.ledger.repeats(
            member.device, ((one.datastream, sample.time_ms, sample.value, other) for sample, other in repeats)
        )
    feed = BackfillFeed(readings, records) if live is None else LiveFeed(readings, records)
    return Player(stage.agent(member, durable=True), feed)
