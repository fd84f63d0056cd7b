"""A platform started as a person starts it: `hydroalert up` in a process of its own."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydroalert.embedded.account import account_for, home_of
from hydroalert.embedded.leftovers import processes_in
from tests._services import open_directory

ANY_PORTS = ("--http-port", "0", "--mqtt-port", "0", "--postgres-port", "0", "--tls-port", "0")
PATIENCE_S = 180


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until something holds; how long it takes is no matter, that it never does is a failure."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"in {PATIENCE_S} s it did not come to this: {what}"
        time.sleep(0.05)


@dataclass
class Up:
    """One run of `hydroalert up` on a data directory."""

    data_dir: Path
    process: subprocess.Popen[bytes]

    @property
    def ready_file(self) -> Path:
        return self.data_dir / "ready.json"

    @property
    def output(self) -> str:
        return (self.data_dir / "up.output").read_text(errors="replace")

    @property
    def endpoints(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.ready_file.read_text())
        return found

    def wait_ready(self) -> None:
        until(lambda: self.ready_file.exists() or self.process.poll() is not None, "ready, or ended")
        assert self.process.poll() is None, self.output

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.endpoints["http"] + path, timeout=10) as response:
            return json.load(response)

    def is_ready(self) -> bool:
        try:
            return bool(self.get("/health/ready")["ready"])
        except OSError:
            return False

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def processes_of(self, service: str) -> tuple[int, ...]:
        """The pids of `postgres` or `mosquitto`, or of whatever runs in `run`."""
        home = self.data_dir / "run" if service == "run" else home_of(service, self.data_dir, account_for(service))
        return processes_in(home)

    def processes(self) -> tuple[int, ...]:
        """Every process that this run started and that still is."""
        return tuple(pid for service in ("postgres", "mosquitto", "run") for pid in self.processes_of(service))


def command_line(*arguments: str, interpreter: str = sys.executable) -> list[str]:
    """`hydroalert arguments`, by default with the interpreter that runs the tests."""
    return [interpreter, "-m", "hydroalert", *arguments]


def run_hydroalert(data_dir: Path, *arguments: str) -> str:
    """Run one command on the platform of a data directory; returns what it printed."""
    command = command_line(*arguments, "--data-dir", str(data_dir))
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE_S).stdout


def start(data_dir: Path, *arguments: str, prefix: tuple[str, ...] = (), interpreter: str = sys.executable) -> Up:
    """Start `up` without waiting for anything; without the simulator unless `--sim` is among the arguments."""
    options = [one for one in arguments if one != "--sim"]
    options += [] if "--sim" in arguments else ["--no-sim"]
    ready_file = str(data_dir / "ready.json")
    command = command_line(
        "up", "--data-dir", str(data_dir), "--ready-file", ready_file, *options, interpreter=interpreter
    )
    with (data_dir / "up.output").open("ab") as output:
        process = subprocess.Popen([*prefix, *command], stdout=output, stderr=output, start_new_session=True)
    return Up(data_dir, process)


@contextmanager
def running_up(data_dir: Path, *arguments: str) -> Iterator[Up]:
    """A platform that is ready, on any free ports; stopped when the block is left."""
    up = start(data_dir, *ANY_PORTS, *arguments)
    try:
        up.wait_ready()
        yield up
    finally:
        if up.process.poll() is None:
            up.stop()


@contextmanager
def new_data_dir() -> Iterator[Path]:
    """A data directory that service accounts can enter."""
    with open_directory("up") as directory:
        yield directory.resolve()
