"""One private platform: started and stopped as a person would, its fleet registered by its own command line."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from device_sim.fleet import Member, read_fleet

from chaos.warnings import RADIUS_M, rules_by_area

READY_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0


class PlatformFailed(Exception):
    """The platform did not start, or ended by itself; the message says where to look."""


@dataclass(frozen=True)
class Endpoints:
    """Where the running platform is."""

    http: str
    mqtt: str
    database: str


@asynccontextmanager
async def running(data_dir: Path, *, workers: int) -> AsyncIterator[Endpoints]:
    """`hydroalert up` on free ports until the block is left. Raises PlatformFailed."""
    ready_file, log = data_dir.parent / "ready.json", data_dir.parent / "up.log"
    ready_file.unlink(missing_ok=True)
    ports = [part for name in ("http", "mqtt", "postgres", "tls") for part in (f"--{name}-port", "0")]
    # Ctrl-C is for us, who then stop it; and it ends with us, however we end.
    command = ["setpriv", "--pdeathsig", "TERM", "--", sys.executable, "-m", "hydroalert", "up", "--no-sim"]
    command += [*ports, "--data-dir", str(data_dir)]
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *command, "--workers", str(workers), "--ready-file", str(ready_file), stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield Endpoints(**await _announced(process, ready_file, log))
        if process.returncode is not None:
            raise PlatformFailed(f"the platform ended by itself ({process.returncode}): see {log}")
    finally:
        await _stop(process)


async def _announced(process: asyncio.subprocess.Process, ready_file: Path, log: Path) -> dict[str, str]:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while not ready_file.exists():
                if process.returncode is not None:
                    raise PlatformFailed(f"the platform did not start:\n{log.read_text()[-2000:]}")
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise PlatformFailed(f"the platform is not ready after {READY_WITHIN_S:.0f} s: see {log}") from None
    announced: dict[str, str] = json.loads(ready_file.read_text())
    return announced


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_WITHIN_S)
        except TimeoutError:
            process.kill()
            await process.wait()


async def registered_fleet(data_dir: Path, devices: int) -> list[Member]:
    """The fleet of this data directory: registered on the first call, the same ever after."""
    fleet = data_dir.parent / "fleet.json"
    if not fleet.exists():
        stations, planned = data_dir.parent / "stations.json", data_dir.parent / "devices.json"
        places = ("--stations", str(stations), "--devices", str(planned))
        await _run("device_sim", "plan", "load", "--devices-count", str(devices), *places)
        await _run("hydroalert", "station", "import", str(stations), "--data-dir", str(data_dir))
        keys = await _run("hydroalert", "device", "import", str(planned), "--json", "--data-dir", str(data_dir))
        await _warn_around(data_dir, [one["station"] for one in json.loads(keys)])
        fleet.write_bytes(keys)
    return read_fleet(fleet)


async def _warn_around(data_dir: Path, stations: Sequence[str]) -> None:
    """An area around each station, and a ladder over what it measures."""
    rules = data_dir.parent / "rules.json"
    rules.write_text(json.dumps(rules_by_area(stations)))
    where = ("--data-dir", str(data_dir))
    await _run("hydroalert", "area", "around", *stations, "--radius-m", str(RADIUS_M), *where)
    await _run("hydroalert", "rules", "import", str(rules), *where)


async def _run(module: str, *arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env=dict(os.environ),
    )  # fmt: skip
    output, errors = await process.communicate()
    if process.returncode:
        raise PlatformFailed(f"{module} {' '.join(arguments)} failed:\n{errors.decode(errors='replace')}")
    return output
