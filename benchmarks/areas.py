"""Areas to warn: one around each probing gauge, whose level crosses, and groups of gauges whose level never does."""

import json

from benchmarks.frames import LEVEL, Member, read_fleet
from benchmarks.stage import Stage
from hydroalert.embedded.commands import run_to_end
from hydroalert.embedded.mosquitto import Broker

PROBES = 40
GROUPS, GAUGES_A_GROUP = 20, 10
CROSSED_M = 2.0
_NEVER_M = 20.0
_SILENT_AFTER_INTERVALS = "1000"
"""Probes speak seldom, and the background's phenomenon times lag: neither is what is measured here."""


def probing(fleet: list[Member]) -> list[Member]:
    """The devices at the end of the fleet, which publish nothing else."""
    return fleet[-PROBES:]


async def prepare_areas(stage: Stage, broker: Broker) -> None:
    """Areas and ladders, by the commands that an operator has; once a stage."""
    if stage.has_areas:
        return
    fleet = read_fleet(stage.fleet)
    probes = [one.device for one in probing(fleet)]
    grouped = [[fleet[GAUGES_A_GROUP * group + one].device for one in range(GAUGES_A_GROUP)] for group in range(GROUPS)]
    rules = {probe: [_ladder(probe, CROSSED_M)] for probe in probes}
    rules |= {
        f"group-{number:02}": [_ladder(gauge, _NEVER_M) for gauge in gauges] for number, gauges in enumerate(grouped)
    }
    areas, ladders = stage.directory / "areas.geojson", stage.directory / "rules.json"
    areas.write_text(json.dumps({"type": "FeatureCollection", "features": [*map(_box, enumerate(rules))]}))
    ladders.write_text(json.dumps(rules))
    around = stage.surroundings(broker)
    await run_to_end(around, "area", "import", str(areas), "--silence-factor", _SILENT_AFTER_INTERVALS)
    await run_to_end(around, "rules", "import", str(ladders), "--author", "benchmark")
    stage.has_areas = True


def _ladder(gauge: str, threshold_m: float) -> dict[str, object]:
    level = {"name": "alert", "threshold": threshold_m, "severity": "moderate"}
    return {"code": gauge, "levels": [level], "members": [{"station": gauge, "datastream": LEVEL}]}


def _box(numbered: tuple[int, str]) -> dict[str, object]:
    number, code = numbered
    west, south, side = 80 + number % 10 / 10, 6 + number // 10 / 10, 0.05
    east, north = west + side, south + side
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"code": code, "name": f"Area {code}"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
