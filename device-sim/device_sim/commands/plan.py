"""``device-sim plan``: the files that an operator registers before a run."""

import argparse
import csv
import sys
from dataclasses import replace
from pathlib import Path

from device_sim.commands import options as shared
from device_sim.plan import Plan, plan_load, plan_replay, plan_storm
from device_sim.sources import Series, read_files

HELP = "write the station and device files that 'hydroalert station import' and 'device import' read"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of plan: what for, and where to."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="replay|storm|load")
    replay = kinds.add_parser("replay", help="for the gauges of real files")
    replay.add_argument("files", nargs="+", type=Path, metavar="FILE")
    replay.add_argument("--positions", type=Path, metavar="CSV", help="columns code,lon,lat: where no file says it")
    replay.add_argument("--datastream", default="level", help="of a plain CSV (default: level)")
    replay.add_argument("--unit", default="m", help="of a plain CSV (default: m)")
    storm = kinds.add_parser("storm", help="for a fictional river")
    storm.add_argument("--stations-count", type=shared.count, default=12, metavar="N", help="default: %(default)s")
    load = kinds.add_parser("load", help="for a load run")
    load.add_argument("--devices-count", type=shared.count, default=500, metavar="N", help="default: %(default)s")
    load.add_argument("--datastreams", type=shared.count, default=2, help="of each device (default: %(default)s)")
    for kind in (replay, storm, load):
        kind.add_argument("--stations", type=Path, required=True, metavar="S.json", help="written for station import")
        kind.add_argument("--devices", type=Path, required=True, metavar="D.json", help="written for device import")


def run(arguments: argparse.Namespace) -> int:
    """Write both files."""
    plan = _plan(arguments)
    plan.write(arguments.stations, arguments.devices)
    sys.stdout.write(
        f"{len(plan.places)} stations. Register them:\n"
        f"  hydroalert station import {arguments.stations}\n"
        f"  hydroalert device import {arguments.devices} --json > fleet.json\n"
    )
    return shared.EXIT_SETTLED


def _plan(arguments: argparse.Namespace) -> Plan:
    if arguments.kind == "storm":
        return plan_storm(arguments.stations_count)
    if arguments.kind == "load":
        return plan_load(arguments.devices_count, arguments.datastreams)
    series = read_files(arguments.files, arguments.datastream, arguments.unit)
    return plan_replay(_placed(series, arguments.positions))


def _placed(series: list[Series], positions: Path | None) -> list[Series]:
    if positions is None:
        return series
    with positions.open(encoding="utf-8", newline="") as file:
        known = {row["code"]: (float(row["lon"]), float(row["lat"])) for row in csv.DictReader(file)}
    return [
        replace(one, place=replace(one.place, lon=known[one.place.code][0], lat=known[one.place.code][1]))
        if one.place.code in known
        else one
        for one in series
    ]
