"""What every trial stands on: a private cluster with production's settings, a registered fleet, brokers made anew."""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from benchmarks.frames import DATASTREAMS
from hydroalert.embedded import ports
from hydroalert.embedded.account import make_home, own
from hydroalert.embedded.child import Child, Program, spawn
from hydroalert.embedded.commands import Surroundings, answers_ok, environment_of, program, run_to_end
from hydroalert.embedded.mosquitto import Broker, broker_below, running_broker
from hydroalert.embedded.postgres import cluster_below, running_cluster
from hydroalert.embedded.secret_files import Secrets, load_secrets
from hydroalert.store.migrate import migrate

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Stage:
    """A running database, and how to get brokers and commands beside it."""

    directory: Path
    secrets: Secrets
    database_url: str
    superuser_url: str
    postgres: Child
    trials: int = 0
    registered_in_s: float = 0.0
    has_history: bool = False
    has_areas: bool = False

    @property
    def fleet(self) -> Path:
        """Keys and passwords of the fleet."""
        return self.directory / "fleet.json"

    def surroundings(self, broker: Broker, database_url: str | None = None, **more: str) -> Surroundings:
        """For a command of the platform."""
        environment = environment_of(self.directory, database_url or self.database_url, broker.url, self.secrets)
        return Surroundings({**environment, **more}, self.directory / "run", self.directory / "logs")

    @asynccontextmanager
    async def broker(self) -> AsyncIterator[tuple[Broker, Child]]:
        """A broker with no session and no message, from the root's mosquitto.conf, that knows the fleet."""
        self.trials += 1
        broker = broker_below(
            self.directory / f"broker-{self.trials}",
            port=ports.any_free(),
            passwords=self.secrets.broker_passwords,
            log_path=self.directory / "logs" / "mosquitto.log",
        )
        make_home(broker.directory, broker.account)
        if self._accounts.exists():
            shutil.copy(self._accounts, broker.directory / self._accounts.name)
            own(broker.directory / self._accounts.name, broker.account)
        async with running_broker(broker) as child:
            yield broker, child

    def keep_accounts(self, broker: Broker) -> None:
        """Later brokers know what this one knows."""
        shutil.copy(broker.directory / self._accounts.name, self._accounts)

    def forget_accounts(self) -> None:
        """The next broker knows nobody."""
        self._accounts.unlink()

    @property
    def _accounts(self) -> Path:
        return self.directory / "dynamic-security.json"

    @asynccontextmanager
    async def bridge(
        self, broker: Broker, *, workers: int = 1, database_url: str | None = None, **environment: str
    ) -> AsyncIterator[Child]:
        """The bridge as an operator starts it, subscribed on every lane."""
        around = self.surroundings(broker, database_url, **environment)
        log = around.log_dir / f"bridge-{self.trials}.log"
        command = program(around, log.stem, "hydroalert", "bridge", "--workers", str(workers))
        async with running_until(command) as child:
            while log.read_bytes().count(b'"lane_open"') < workers:
                if not child.running:
                    raise RuntimeError(f"the bridge ended:\n{log.read_text()[-2000:]}")
                await asyncio.sleep(0.05)
            yield child

    @asynccontextmanager
    async def alerting(self, broker: Broker) -> AsyncIterator[Child]:
        """Alerting as an operator starts it, with a connection to the broker."""
        command = program(self.surroundings(broker), f"alerting-{self.trials}", "hydroalert", "alerting")
        async with running_until(command) as child:
            while b'"publishing"' not in command.log_path.read_bytes():
                if not child.running:
                    raise RuntimeError(f"alerting ended:\n{command.log_path.read_text()[-2000:]}")
                await asyncio.sleep(0.05)
            yield child

    @asynccontextmanager
    async def api(self, broker: Broker, database_url: str | None = None) -> AsyncIterator[tuple[str, Child]]:
        """The api as an operator starts it, and its URL."""
        port = ports.any_free()
        command = program(self.surroundings(broker, database_url), "api", "hydroalert", "api", "--port", str(port))
        async with running_until(command) as child:
            while not await answers_ok(f"http://{ports.LOOPBACK}:{port}/health"):
                if not child.running:
                    raise RuntimeError(f"the api ended:\n{command.log_path.read_text()[-2000:]}")
                await asyncio.sleep(0.1)
            yield f"http://{ports.LOOPBACK}:{port}", child

    async def forget(self, database_url: str | None = None, *, observations: bool = True) -> None:
        """As before the first trial: no lane, no worker, nothing counted; and no observation, where asked."""
        tables = (
            "lane, worker, settlement, latest, device_tally, refusal_tally, device_hour, conflict, refused_frame, due"
        )
        connection = await asyncpg.connect(database_url or self.database_url)
        try:
            await connection.execute(f"TRUNCATE {tables}{', observation' if observations else ''}")
        finally:
            await connection.close()
        await self._checkpoint()

    async def _checkpoint(self) -> None:
        """So that no trial pays for what an earlier one wrote."""
        connection = await asyncpg.connect(self.superuser_url)
        try:
            await connection.execute("CHECKPOINT")
        finally:
            await connection.close()


@asynccontextmanager
async def running_until(command: Program) -> AsyncIterator[Child]:
    """A child that is stopped when the block is left."""
    command.log_path.touch()
    child = spawn(command)
    try:
        yield child
    finally:
        await child.stop()
        child.close()


def python(stage: Stage, name: str, module: str, plan: object) -> Program:
    """`python -m module PLAN.json` of this directory, with its plan written."""
    path = stage.directory / f"{name}.json"
    path.write_text(json.dumps(plan))
    return Program(
        name=name,
        command=(sys.executable, "-m", module, str(path)),
        log_path=stage.directory / "logs" / f"{name}.log",
        directory=ROOT,
    )


@contextmanager
def _directory() -> Iterator[Path]:
    """On a disk (most systems keep /tmp in memory), and open to the services' accounts."""
    with tempfile.TemporaryDirectory(prefix="hydroalert-bench-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@asynccontextmanager
async def staged(devices: int) -> AsyncIterator[Stage]:
    """A migrated database with a fleet of `devices`, two datastreams each. Everything is removed afterwards."""
    with _directory() as directory:
        secrets = load_secrets(directory / "secrets", create=True, random_bytes=os.urandom)
        for name in ("logs", "run"):
            (directory / name).mkdir()
        cluster = cluster_below(
            directory,
            port=ports.any_free(),
            password=secrets.database_password,
            superuser_password=secrets.database_superuser_password,
            log_path=directory / "logs" / "postgres.log",
        )
        async with running_cluster(cluster) as postgres:
            await asyncio.to_thread(migrate, cluster.url)
            stage = Stage(directory, secrets, cluster.url, cluster.superuser_url(), postgres)
            await _register(stage, devices)
            yield stage


async def _register(stage: Stage, devices: int) -> None:
    codes = [f"gauge-{number:04}" for number in range(devices)]
    stations = [
        {"code": code, "name": code, "lon": 80 + number % 50 / 50, "lat": 6 + number // 50 / 50}
        for number, code in enumerate(codes)
    ]
    fleet = [{"device": code, "station": code, "datastreams": list(DATASTREAMS)} for code in codes]
    (stage.directory / "stations.json").write_text(json.dumps(stations))
    (stage.directory / "devices.json").write_text(json.dumps(fleet))
    async with stage.broker() as (broker, _):
        around = stage.surroundings(broker)
        await run_to_end(around, "station", "import", str(stage.directory / "stations.json"))
        started = time.monotonic()
        await run_to_end(
            around, "device", "import", str(stage.directory / "devices.json"), "--json", output_path=stage.fleet
        )
        stage.registered_in_s = time.monotonic() - started
    stage.keep_accounts(broker)
