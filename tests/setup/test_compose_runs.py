"""The commands of compose.yaml, run without containers: a simulated reading goes the whole way to HTTP."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from hydroalert.embedded import ports
from hydroalert.embedded.mosquitto import find_mosquitto, find_plugin

ROOT = Path(__file__).parents[2]
SERVICES = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
PROGRAMS = Path(sys.executable).parent
PATIENCE_S = 60.0


class Here:
    """What the names of compose.yaml mean on this machine; runs its services as processes."""

    def __init__(self, place: Path, database_url: str, stack: ExitStack) -> None:
        self.api = f"http://127.0.0.1:{(api_port := ports.any_free())}"
        self.mqtt_port = ports.any_free()
        self._place = place
        self._stack = stack
        self._names = {
            "http://api:8002": self.api,
            "8002": str(api_port),
            "0.0.0.0": "127.0.0.1",
            "broker:1883": f"127.0.0.1:{self.mqtt_port}",
            "/demo/": f"{place}/demo/",
            "/mosquitto/": f"{place}/mosquitto/",
            "/opt/hydroalert/broker/": f"{ROOT}/broker/",
        }
        self._variables = self._draw_secrets() | {"HYDROALERT_DATABASE_URL": database_url}
        for folder in ("demo", "mosquitto/data", "mosquitto/certificates"):
            (place / folder).mkdir(parents=True)

    def run(self, service: str) -> None:
        """A service that ends by itself."""
        subprocess.run(self._words(service), cwd=self._place, env=self._environment(service), check=True)

    def start(self, service: str) -> None:
        """A service that runs until the test is over."""
        self.spawn(self._words(service), self._environment(service))

    def spawn(self, words: list[str], environment: dict[str, str] | None = None) -> None:
        process = subprocess.Popen(words, cwd=self._place, env=environment)
        self._stack.callback(process.wait, 30)
        self._stack.callback(process.terminate)

    def configuration(self) -> Path:
        """mosquitto.conf as the container reads it, but for where things are."""
        text = self._translated((ROOT / "mosquitto.conf").read_text())
        text = text.replace("/usr/lib/mosquitto_dynamic_security.so", str(find_plugin()))
        text = text.replace("listener 1883 127.0.0.1", f"listener {self.mqtt_port} 127.0.0.1")
        text = text.replace("listener 8883", f"listener {ports.any_free()} 127.0.0.1")
        path = self._place / "mosquitto.conf"
        path.write_text(f"{text}\nuser {'root' if os.geteuid() == 0 else 'nobody'}\n")
        return path

    def _words(self, service: str) -> list[str]:
        given = SERVICES[service]
        words = [*given.get("entrypoint", [str(PROGRAMS / given["build"]["target"])]), *given["command"]]
        return [self._translated("127.0.0.1" if word.startswith("${") else word) for word in words]

    def _environment(self, service: str) -> dict[str, str]:
        """As the container has it: nothing of this process's but where programs are."""
        asked = {
            name: self._variables.get(name, self._translated(value))
            for name, value in SERVICES[service].get("environment", {}).items()
        }
        return asked | {"PATH": f"{PROGRAMS}:{os.environ['PATH']}"}

    def _translated(self, text: str) -> str:
        for name, meaning in self._names.items():
            text = text.replace(name, meaning)
        return text

    def _draw_secrets(self) -> dict[str, str]:
        script = [str(ROOT / "setup/container-secrets.sh"), "127.0.0.1"]
        drawn = subprocess.run(script, capture_output=True, text=True, check=True).stdout
        return dict(line.split("=", 1) for line in drawn.splitlines())


@pytest.fixture
def here(tmp_path: Path, empty_database_url: str) -> Iterator[Here]:
    with ExitStack() as stack:
        yield Here(tmp_path, empty_database_url, stack)


def read(address: str) -> object:
    """JSON from the api; None while it is not ready to answer."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)
    except (urllib.error.URLError, ConnectionError):
        return None


def latest_readings(api: str) -> list[object]:
    page = read(f"{api}/api/v1/stations")
    stations = page["stations"] if isinstance(page, dict) else []
    return [stream["latest"] for station in stations for stream in station["datastreams"] if stream["latest"]]


def waited_for(look: Callable[[], object]) -> object:
    """What it sees once it sees anything, or until patience ends."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not (seen := look()) and time.monotonic() < give_up_at:
        time.sleep(0.2)
    return seen


def test_a_simulated_reading_goes_the_whole_way_by_the_commands_of_compose(here: Here) -> None:
    for once in ("broker-accounts", "broker-certificates", "migrate"):
        here.run(once)
    here.spawn([str(find_mosquitto()), "-c", str(here.configuration())])
    here.start("bridge")
    here.start("alerting")
    here.start("api")
    here.run("demo-fleet")
    here.start("simulator")
    assert waited_for(lambda: latest_readings(here.api))
    assert waited_for(lambda: read(f"{here.api}/health/ready"))  # 503 without a living alerting process


def test_what_is_made_once_is_left_alone_by_the_next_start(here: Here, tmp_path: Path) -> None:
    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in (tmp_path / "mosquitto").rglob("*") if path.is_file()}

    for once in ("broker-accounts", "broker-certificates", "migrate"):
        here.run(once)
    made = contents()
    for once in ("broker-accounts", "broker-certificates", "migrate"):
        here.run(once)
    assert contents() == made != {}
