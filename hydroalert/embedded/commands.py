"""The platform's own command line, run as child processes with everything said by the environment."""

import asyncio
import sys
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from hydroalert.embedded.child import Program, describe_failure, spawn
from hydroalert.embedded.errors import PlatformError
from hydroalert.embedded.secret_files import Secrets


@dataclass(frozen=True)
class Surroundings:
    """What every command of the platform is given: its environment, where it runs, where its logs go.

    `run_dir` is the working directory of nothing else, so that what a killed run left can be found by it.
    """

    environment: Mapping[str, str]
    run_dir: Path
    log_dir: Path


def environment_of(data_dir: Path, database_url: str, broker_url: str, secrets: Secrets) -> dict[str, str]:
    """Everything that a command would otherwise look for; what our own environment says is overridden."""
    return {
        "HYDROALERT_DATA_DIR": str(data_dir),
        "HYDROALERT_DATABASE_URL": database_url,
        "HYDROALERT_BROKER_URL": broker_url,
        "HYDROALERT_MASTER_KEY": secrets.master_key,
        "HYDROALERT_BROKER_ADMIN_PASSWORD": secrets.broker_admin_password,
        "HYDROALERT_BROKER_BRIDGE_PASSWORD": secrets.broker_bridge_password,
        "HYDROALERT_BROKER_ALERTING_PASSWORD": secrets.broker_alerting_password,
        "PYTHONUNBUFFERED": "1",
    }


def program(surroundings: Surroundings, name: str, module: str, *arguments: str) -> Program:
    """`python -m module arguments`, called `name` in the table and in its log's file name."""
    return Program(
        name=name,
        command=(sys.executable, "-m", module, *arguments),
        log_path=surroundings.log_dir / f"{name}.log",
        directory=surroundings.run_dir,
        environment=surroundings.environment,
    )


async def run_to_end(surroundings: Surroundings, *arguments: str, output_path: Path | None = None) -> None:
    """Run one `hydroalert` command; what it prints goes to `output_path`, or to the log `commands.log`.

    Raises PlatformError with its last words when it fails.
    """
    command = program(surroundings, "commands", "hydroalert", *arguments)
    command = replace(command, name=f"hydroalert {' '.join(arguments)}", output_path=output_path)
    child = spawn(command)
    try:
        code = await child.wait()
    finally:
        await child.stop()
        child.close()
    if code:
        raise PlatformError(describe_failure(command, f"failed (exit code {code})"))


async def answers_ok(url: str) -> bool:
    """Whether an HTTP GET is answered with 200 now."""
    return await asyncio.to_thread(_get_ok, url)


def _get_ok(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own loopback address
            return bool(response.status == 200)
    except OSError:
        return False
