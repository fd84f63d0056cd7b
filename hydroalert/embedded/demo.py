"""The simulated fleet that `up` starts with: registered once, then always the same devices with the same keys."""

from pathlib import Path

import msgspec

from hydroalert.embedded.child import Program
from hydroalert.embedded.commands import Surroundings, program, run_to_end
from hydroalert.embedded.files import write_private

# Down one river, and one of its tributaries: invented places at true coordinates of the Kelani's catchment.
STATIONS = (
    ("demo-headwater", "Headwater bridge", "Demo river", 80.446, 6.990),
    ("demo-gorge", "Gorge gauge", "Demo river", 80.347, 6.993),
    ("demo-tributary", "Tributary weir", "Demo brook", 80.283, 7.033),
    ("demo-confluence", "Confluence", "Demo river", 80.203, 6.961),
    ("demo-plain", "Flood plain", "Demo river", 80.084, 6.913),
    ("demo-city", "City quay", "Demo river", 79.878, 6.960),
)
INTERVAL_S = 60


async def demo_fleet(surroundings: Surroundings, directory: Path) -> Path:
    """Register the demonstration's stations and devices unless that was done, and return the fleet's key file.

    The file comes into being only when its devices are committed; a run that is killed in between leaves devices
    whose keys nobody has, so the next one registers others.
    """
    fleet = directory / "fleet.json"
    if not fleet.exists():
        attempt = _begin_attempt(directory)
        stations, devices = directory / "stations.json", directory / "devices.json"
        write_private(stations, msgspec.json.encode(demo_stations()))
        write_private(devices, msgspec.json.encode(demo_devices(attempt)))
        printed = directory / "fleet.json.unfinished"
        await run_to_end(surroundings, "station", "import", str(stations))
        await run_to_end(surroundings, "device", "import", str(devices), "--json", output_path=printed)
        write_private(fleet, printed.read_bytes())
        printed.unlink()
    return fleet


def _begin_attempt(directory: Path) -> int:
    """The number of this attempt, counted durably: devices of an earlier one may exist."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / "attempts"
    attempt = int(path.read_text()) + 1 if path.exists() else 1
    write_private(path, f"{attempt}\n".encode())
    return attempt


def demo_stations() -> list[dict[str, object]]:
    """The stations as `hydroalert station import` reads them."""
    return [
        {"code": code, "name": name, "river": river, "lon": lon, "lat": lat} for code, name, river, lon, lat in STATIONS
    ]


def demo_devices(attempt: int) -> list[dict[str, object]]:
    """One device a station, as `hydroalert device import` reads them; a later attempt's take the streams over."""
    suffix = "" if attempt == 1 else f"-{attempt}"
    datastreams = [
        {"code": "level", "unit": "m", "interval_s": INTERVAL_S},
        {"code": "rainfall", "unit": "mm", "interval_s": INTERVAL_S},
    ]
    return [
        {"device": f"{station}-gauge{suffix}", "station": station, "datastreams": datastreams}
        for station, *_ in STATIONS
    ]


def simulator(surroundings: Surroundings, fleet: Path, *, broker_url: str, http_url: str) -> Program:
    """The storm over the demonstration's catchment; its spools and ledger stay beside the fleet."""
    return program(
        surroundings, "simulator", "device_sim", "storm",
        "--fleet", str(fleet), "--broker", broker_url, "--http", http_url, "--state", str(fleet.parent),
    )  # fmt: skip
