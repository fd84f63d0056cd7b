"""The broker's certificates, made by the same script that an operator would use by hand."""

import asyncio
import socket
import subprocess
from pathlib import Path

from hydroalert.embedded.errors import PlatformError
from hydroalert.embedded.mosquitto import Tls
from hydroalert.embedded.ports import LOOPBACK

SCRIPT = Path(__file__).resolve().parents[2] / "broker" / "certificates.sh"


def names_for(host: str) -> tuple[str, ...]:
    """Under which names devices may reach a listener at `host`: this machine's own, and that address."""
    own = ("localhost", LOOPBACK, socket.gethostname())
    everywhere = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to
    return own if host in own or host in everywhere else (*own, host)


async def field_listener(directory: Path, *, host: str, port: int, names: tuple[str, ...]) -> Tls:
    """The TLS listener at host:port, its certificate made or renewed for `names` where needed.

    Raises PlatformError with the script's own words when it fails.
    """
    await asyncio.to_thread(_make, directory, names)
    return Tls(host=host, port=port, certificate=directory / "server.crt", key=directory / "server.key")


def _make(directory: Path, names: tuple[str, ...]) -> None:
    done = subprocess.run(["/bin/sh", str(SCRIPT), str(directory), *names], check=False, capture_output=True, text=True)
    if done.returncode:
        raise PlatformError(f"The broker's certificates could not be made: {done.stderr.strip()}")
