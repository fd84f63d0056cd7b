"""Finds the processes of one running platform by where they work, and kills them without warning."""

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from chaos.blows import Target
from hydroalert.embedded.account import account_for, home_of
from hydroalert.embedded.leftovers import processes_in


class NothingToKill(Exception):
    """The target does not run at this moment: it was killed already and is not back yet."""


@dataclass(frozen=True)
class Process:
    """One process as /proc shows it."""

    pid: int
    parent: int
    command: tuple[str, ...]


class Killer:
    """Knows one data directory's processes. `dice` choose among several."""

    def __init__(self, data_dir: Path, dice: Random) -> None:
        self._dice = dice
        self._run_dir = data_dir / "run"
        self._cluster = home_of("postgres", data_dir, account_for("postgres"))
        self._broker = home_of("mosquitto", data_dir, account_for("mosquitto"))
        self._strike: dict[Target, Callable[[], None]] = {
            Target.BRIDGE: lambda: self._kill_all(self._bridge()),
            Target.WORKER: lambda: self._kill_one(_leaves(self._bridge())),
            Target.DATABASE: lambda: self._kill_all(self._postmaster()),
            Target.BACKEND: lambda: self._kill_one(self._backends()),
            Target.BROKER: lambda: self._kill_all(_processes(self._broker)),
            Target.BROKER_DISK: self._wreck_broker,
            Target.API: lambda: self._kill_all(self._running("api")),
            Target.ALERTING: lambda: self._kill_all(self._running("alerting")),
        }

    def strike(self, target: Target) -> None:
        """Kill it now. Raises NothingToKill."""
        self._strike[target]()

    def _bridge(self) -> list[Process]:
        return self._running("bridge")

    def _running(self, command: str) -> list[Process]:
        return [one for one in _processes(self._run_dir) if command in one.command]

    def _postmaster(self) -> list[Process]:
        servers = _processes(self._cluster)
        pids = {one.pid for one in servers}
        return [one for one in servers if one.parent not in pids]

    def _backends(self) -> list[Process]:
        """Those of the platform's own connections; a backend's title is its command line (`postgres: role …`)."""
        return [one for one in _processes(self._cluster) if one.command[0].startswith("postgres: hydroalert ")]

    def _wreck_broker(self) -> None:
        """Dead before its file goes, so that it cannot write another."""
        self._kill_all(_processes(self._broker))
        (self._broker / "mosquitto.db").unlink(missing_ok=True)

    def _kill_one(self, processes: list[Process]) -> None:
        self._kill_all([self._dice.choice(processes)] if processes else [])

    def _kill_all(self, processes: list[Process]) -> None:
        if not processes:
            raise NothingToKill
        for one in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.pid, signal.SIGKILL)


def _processes(directory: Path) -> list[Process]:
    found = []
    for pid in processes_in(directory):
        with contextlib.suppress(OSError, IndexError):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").decode(errors="replace").split("\0")
            # proc(5): the parent is the second field after the name, which ends with the last parenthesis.
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            found.append(Process(pid, parent, tuple(command)))
    return found


def _leaves(processes: list[Process]) -> list[Process]:
    """Those that are nobody's parent: a bridge of several workers has one process that only watches."""
    parents = {one.parent for one in processes}
    return [one for one in processes if one.pid not in parents]
