"""One whole platform, started and commanded from outside: `hydroalert up` and the command line, nothing imported."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

READY_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0
SOON_S = 20.0
FLEET = 40
LON, LAT = 80.1, 6.9
INTERVAL_S = 60
DATASTREAMS = f"level:m:{INTERVAL_S} rainfall:mm:{INTERVAL_S}"


class Platform:
    """A running platform; `restart` keeps its data and may change its ports."""

    def __init__(self, home: Path, environment: dict[str, str] | None = None) -> None:
        self.data_dir = home / "platform"
        self._ready_file = home / "ready.json"
        self._log = home / "up.log"
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._fleet: list[dict[str, Any]] = []
        self.http = self.mqtt = self.database = ""

    def start(self) -> None:
        """Start it and wait for its ready file."""
        ports = [part for name in ("http", "mqtt", "postgres", "tls") for part in (f"--{name}-port", "0")]
        command = ["setpriv", "--pdeathsig", "TERM", "--", *_hydroalert("up"), "--no-sim", *ports]
        command += ["--data-dir", str(self.data_dir), "--ready-file", str(self._ready_file)]
        with self._log.open("ab") as output:
            self._process = subprocess.Popen(
                command, stdout=output, stderr=output, start_new_session=True, env=os.environ | self._environment
            )
        wait_until(self._is_ready, within_s=READY_WITHIN_S)
        self.http, self.mqtt, self.database = self.announced().values()

    def stop(self) -> None:
        """Ctrl-C, and wait for its end."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            assert self._process.wait(STOP_WITHIN_S) == 0, self._log.read_text()[-2000:]
            self._process = None

    def restart(self) -> None:
        """Stop and start again."""
        self.stop()
        self.start()

    def announced(self) -> dict[str, str]:
        """What the ready file says."""
        announced: dict[str, str] = json.loads(self._ready_file.read_text())
        return announced

    @property
    def is_announced(self) -> bool:
        """Whether the ready file is there."""
        return self._ready_file.exists()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One `hydroalert` command against this platform's data directory, whatever its exit code."""
        command = [*_hydroalert(*arguments), "--data-dir", str(self.data_dir)]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)

    def command(self, *arguments: str) -> str:
        """One command that must succeed; what it prints."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, *arguments: str) -> Any:
        """One command that must succeed, with `--json`."""
        return json.loads(self.command(*arguments, "--json"))

    def get(self, path: str, **parameters: str) -> Any:
        """The JSON at a path below /api/v1, which must be there."""
        return self._get(path, parameters, {})

    def see(self, path: str, **parameters: str) -> Any:
        """The same with a viewer's key."""
        return self._get(path, parameters, self._viewer)

    @cached_property
    def _viewer(self) -> dict[str, str]:
        self.command("account", "add", "watcher", "--role", "viewer")
        key = self.ask("key", "add", "journeys", "--account", "watcher", "--scope", "alerts:read")
        return {"Authorization": f"Bearer {key['key']}"}

    def _get(self, path: str, parameters: dict[str, str], headers: dict[str, str]) -> Any:
        answer = httpx.get(f"{self.http}/api/v1/{path}", params=parameters, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read(self, path: str, accept: str) -> httpx.Response:
        """Whatever is at a path below /api/v1, as this media type."""
        return httpx.get(f"{self.http}/api/v1/{path}", headers={"Accept": accept}, timeout=30)

    def post_frame(self, device: str, frame: bytes) -> httpx.Response:
        """A frame over HTTP, sent again while the platform says "later": it reads its registry within seconds."""
        until = time.monotonic() + SOON_S
        while True:
            answer = httpx.post(f"{self.http}/api/v1/frames/{device}", content=frame, timeout=30)
            if answer.status_code != 503 or time.monotonic() > until:
                return answer
            time.sleep(0.1)

    def registered_device(self) -> dict[str, Any]:
        """A device with a station that no other test knows, from a fleet that is registered all at once."""
        if not self._fleet:
            self._register_fleet()
        return self._fleet.pop()

    def _register_fleet(self) -> None:
        prefix = f"st-{secrets.token_hex(3)}"
        codes = [f"{prefix}-{number:02}" for number in range(FLEET)]
        stations = [{"code": code, "name": code, "lon": LON, "lat": LAT} for code in codes]
        devices = [{"device": f"{code}-gauge", "station": code, "datastreams": DATASTREAMS} for code in codes]
        files = self.data_dir.parent / "stations.json", self.data_dir.parent / "devices.json"
        for file, rows in zip(files, (stations, devices), strict=True):
            file.write_text(json.dumps(rows))
        self.command("station", "import", str(files[0]))
        self._fleet = self.ask("device", "import", str(files[1]))

    def observations(self, station: str, datastream: str = "level", **parameters: str) -> list[tuple[str, float]]:
        """A whole series as (time, result), page by page."""
        path = f"stations/{station}/datastreams/{datastream}/observations"
        page = self.get(path, **parameters)
        found = page["observations"]
        while page["next"]:
            page = self.get(path, cursor=page["next"], **parameters)
            found += page["observations"]
        return [(one["time"], one["result"]) for one in found]

    def resident_bytes(self, part: str) -> int:
        """The resident memory of all processes of `bridge`, `alerting` or `api` (proc(5), VmRSS)."""
        total = 0
        for pid, command in _processes(self.data_dir / "run"):  # where they work
            if part in command:
                lines = Path(f"/proc/{pid}/status").read_text().splitlines()
                total += next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))
        assert total
        return total

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._log.read_text()[-2000:]
        return self.is_announced


@contextmanager
def running(home: Path, environment: dict[str, str] | None = None) -> Iterator[Platform]:
    """A platform for the time of the block."""
    platform = Platform(home, environment)
    platform.start()
    try:
        yield platform
    finally:
        platform.stop()


def wait_until(holds: Any, *, within_s: float = SOON_S) -> None:
    """Ask until it holds; fail when the time is over."""
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until, f"not within {within_s:.0f} s"
        time.sleep(0.1)


def _hydroalert(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "hydroalert", *arguments]


def _processes(directory: Path) -> Iterator[tuple[int, Sequence[str]]]:
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and (entry / "cwd").readlink() == directory:
                yield int(entry.name), (entry / "cmdline").read_text().split("\0")
        except OSError:
            continue
