"""What the figures were measured on: said generically, so that another machine of the kind can be compared."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from hydroalert.embedded.mosquitto import find_mosquitto
from hydroalert.embedded.postgres import find_binaries

_PACKAGES = ("uvloop", "mqtt5", "asyncpg", "msgspec", "gmqtt")


def describe() -> dict[str, str]:
    """Hardware and versions, by name."""
    return {
        "CPU": f"{_cpu_model()}, {os.cpu_count()} cores{_virtual()}",
        "memory": f"{_memory_gb():.0f} GB",
        "system": f"{_distribution()}, Linux {platform.release().partition('-')[0]}",
        "Python": f"{platform.python_version()}; " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
        "PostgreSQL": _said(str(find_binaries() / "postgres"), "--version"),
        "Mosquitto": _said(str(find_mosquitto()), "-h"),
    }


def _cpu_model() -> str:
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return found[1] if found else platform.machine()


def _virtual() -> str:
    return " (virtual)" if " hypervisor" in Path("/proc/cpuinfo").read_text() else ""


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _distribution() -> str:
    return platform.freedesktop_os_release().get("PRETTY_NAME", "unknown")


def _said(*command: str) -> str:
    """The first version number that a program prints."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    found = re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)
    return found[0] if found else "unknown"
