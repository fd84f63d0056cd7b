"""What `up` starts with: a simulated fleet, registered once, then always the same devices with the same keys; and
around each of its stations an area that is warned."""

import asyncio
from pathlib import Path

import msgspec

from hydroalert.embedded.child import Program
from hydroalert.embedded.commands import Surroundings, program, run_to_end
from hydroalert.embedded.files import write_private

# Down one river, and one of its tributaries: invented places at true coordinates of the Kelani's catchment. Last, how
# high the simulated river stands there in dry weather, in metres.
STATIONS = (
    ("demo-headwater", "Headwater bridge", "Demo river", 80.446, 6.990, 1.0),
    ("demo-gorge", "Gorge gauge", "Demo river", 80.347, 6.993, 1.2),
    ("demo-tributary", "Tributary weir", "Demo brook", 80.283, 7.033, 1.4),
    ("demo-confluence", "Confluence", "Demo river", 80.203, 6.961, 1.4),
    ("demo-plain", "Flood plain", "Demo river", 80.084, 6.913, 1.5),
    ("demo-city", "City quay", "Demo river", 79.878, 6.960, 1.6),
)
# Metres above dry weather. A small storm of the simulator's reaches the first, most the second, a large one all; a
# storm comes every half hour or so, since an hour of the river is a minute.
LEVELS = (
    ("alert", 0.9, "minor"),
    ("flood", 2.0, "moderate"),
    ("major flood", 4.0, "severe"),
    ("extreme flood", 6.0, "extreme"),
)
HYSTERESIS_M = 0.15
AREA_RADIUS_M = 2500
AUTHOR = "demonstration"
# Often, so that whoever looks sees the river move.
INTERVAL_S = 10


async def demo_fleet(surroundings: Surroundings, directory: Path) -> Path:
    """Register the demonstration's stations and devices unless that was done, and return the fleet's key file.

    The file comes into being only when its devices are committed. A run that is killed in between leaves devices
    whose keys nobody has; so the next attempt registers others.
    """
    fleet = directory / "fleet.json"
    if not fleet.exists():
        attempt = _begin_attempt(directory)
        stations, devices = directory / "stations.json", directory / "devices.json"
        write_private(stations, msgspec.json.encode(demo_stations(attempt)))
        write_private(devices, msgspec.json.encode(demo_devices(attempt)))
        printed = directory / "fleet.json.unfinished"
        await run_to_end(surroundings, "station", "import", str(stations))
        await run_to_end(surroundings, "device", "import", str(devices), "--json", output_path=printed)
        write_private(fleet, printed.read_bytes())
        printed.unlink()
    return fleet


async def demo_areas(surroundings: Surroundings, directory: Path) -> None:
    """An area around each station with a ladder over its level, unless that was done; whoever removes them has them
    removed for good. An hour of this river is a minute: how fast it may rise and fall in nature is no test of it."""
    done = directory / "areas"
    if done.exists():
        return
    attempt = int((directory / "attempts").read_text())
    codes = [_numbered(code, attempt) for code, *_ in STATIONS]
    rules = directory / "rules.json"
    write_private(rules, msgspec.json.encode(demo_rules(attempt)))
    await run_to_end(surroundings, "area", "around", *codes, "--radius-m", str(AREA_RADIUS_M))
    await run_to_end(surroundings, "rules", "import", str(rules), "--author", AUTHOR)
    off = ("--off", "rise", "--off", "fall")
    await asyncio.gather(*(run_to_end(surroundings, "datastream", "tests", code, "level", *off) for code in codes))
    write_private(done, b"made\n")


def _begin_attempt(directory: Path) -> int:
    """The number of this attempt, counted durably: devices of an earlier one may exist."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / "attempts"
    attempt = int(path.read_text()) + 1 if path.exists() else 1
    write_private(path, f"{attempt}\n".encode())
    return attempt


def demo_stations(attempt: int) -> list[dict[str, object]]:
    """The stations as `hydroalert station import` reads them, from the uppermost down."""
    return [
        {"code": _numbered(code, attempt), "name": _numbered(name, attempt), "river": river, "lon": lon, "lat": lat}
        for code, name, river, lon, lat, _ in STATIONS
    ]


def demo_devices(attempt: int) -> list[dict[str, object]]:
    """One device a station, as `hydroalert device import` reads them."""
    streams = [
        {"code": "level", "unit": "m", "interval_s": INTERVAL_S},
        {"code": "rainfall", "unit": "mm", "interval_s": INTERVAL_S},
    ]
    codes = [_numbered(code, attempt) for code, *_ in STATIONS]
    return [{"device": f"{code}-gauge", "station": code, "datastreams": streams} for code in codes]


def demo_rules(attempt: int) -> dict[str, list[dict[str, object]]]:
    """The rules of each area, as `hydroalert rules import` reads them; one reading alone raises nothing."""
    return {
        _numbered(code, attempt): [
            {
                "code": "level-ladder",
                "levels": [_level(name, dry_m + above_m, severity) for name, above_m, severity in LEVELS],
                "members": [{"station": _numbered(code, attempt), "datastream": "level"}],
            }
        ]
        for code, *_, dry_m in STATIONS
    }


def _level(name: str, threshold_m: float, severity: str) -> dict[str, object]:
    return {
        "name": name,
        "threshold": round(threshold_m, 2),
        "severity": severity,
        "hysteresis": HYSTERESIS_M,
        "hold_up_count": 2,
    }


def _numbered(name: str, attempt: int) -> str:
    return name if attempt == 1 else f"{name}-{attempt}"


def simulator(surroundings: Surroundings, fleet: Path, *, broker_url: str, http_url: str) -> Program:
    """The storm over the demonstration's catchment; its spools and ledger stay beside the fleet."""
    return program(
        surroundings, "simulator", "device_sim", "storm",
        "--fleet", str(fleet), "--broker", broker_url, "--http", http_url, "--state", str(fleet.parent),
    )  # fmt: skip
