"""The order in which the platform's processes start, what each waits for, and the order in which they end."""

import asyncio
import secrets
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from hydroalert.accounts.administration import FIRST_ADMINISTRATOR, create_first_administrator
from hydroalert.embedded import mosquitto, postgres
from hydroalert.embedded.certificates import field_listener, names_for
from hydroalert.embedded.child import Program
from hydroalert.embedded.choose import choose_ports
from hydroalert.embedded.commands import Surroundings, answers_ok, environment_of, program, run_to_end
from hydroalert.embedded.demo import demo_areas, demo_fleet, simulator
from hydroalert.embedded.endpoints import Addresses, Endpoints, announced, withdraw
from hydroalert.embedded.leftovers import stop_former
from hydroalert.embedded.logs import rotate
from hydroalert.embedded.ports import LOOPBACK
from hydroalert.embedded.request import Options
from hydroalert.embedded.secret_files import Secrets, load_secrets
from hydroalert.embedded.supervision import Keeper, Service, State, kept, nothing_to_prepare
from hydroalert.store import open_pool
from hydroalert.store.migrate import migrate

ROTATE_EVERY_S = 10.0

Asked = Callable[[], Awaitable[bool]]
Say = Callable[[str], None]
Show = Callable[[Addresses, Sequence[Keeper]], Awaitable[None]]
"""What a person looks at until the end; it returns only when it is cancelled."""


async def at_once() -> bool:
    """For a program whose readiness shows elsewhere: the api is ready only when a bridge and alerting work."""
    return True


class Platform:
    """One `up`: its processes, in the order in which they were started."""

    def __init__(self, options: Options, say: Say) -> None:
        self.keepers: list[Keeper] = []
        self._options = options
        self._say = say
        self._data_dir = options.data_dir.resolve()
        self._log_dir = self._data_dir / "logs"
        self._announcements = [self._data_dir / "endpoints.json"]
        self._announcements += [options.ready_file] if options.ready_file else []

    def hasten(self) -> None:
        """Whoever waits for a clean end waits no longer."""
        for keeper in self.keepers:
            keeper.hasten()

    async def run(self, show: Show) -> None:
        """Start everything, announce it, show it until cancelled; what was started ends in reverse order.

        Raises PlatformError when something does not start.
        """
        try:
            async with asyncio.TaskGroup() as tasks, AsyncExitStack() as stack:
                await self._serve(Starting(self, tasks, stack), show)
        except ExceptionGroup as group:
            raise group.exceptions[0] from None

    async def _serve(self, starting: "Starting", show: Show) -> None:
        withdraw(self._announcements)
        ports, remarks = choose_ports(self._options.ports)
        for remark in remarks:
            self._say(remark)
        self._log_dir.mkdir(exist_ok=True)
        starting.tasks.create_task(self._rotate_logs(), name="rotate logs")
        secret = self._load_secrets()
        cluster = await self._start_database(starting, ports["postgres"], secret)
        broker = await self._start_broker(starting, ports, secret)
        surroundings = await self._surroundings(environment_of(self._data_dir, cluster.url, broker.url, secret))
        http_url = await self._start_processes(starting, ports["http"], surroundings)
        endpoints = Endpoints(http=http_url, mqtt=broker.url, database=cluster.url)
        if self._options.simulator:
            await self._start_simulator(starting, surroundings, endpoints)
        starting.stack.enter_context(announced(endpoints, self._announcements))
        await show(addresses_of(endpoints, broker, cluster, self._data_dir), self.keepers)

    def _load_secrets(self) -> Secrets:
        is_new = not postgres.exists_below(self._data_dir)
        return load_secrets(self._data_dir / "secrets", create=is_new, random_bytes=secrets.token_bytes)

    async def _start_database(self, starting: "Starting", port: int, secret: Secrets) -> postgres.Cluster:
        cluster = postgres.cluster_below(
            self._data_dir,
            port=port,
            password=secret.database_password,
            superuser_password=secret.database_superuser_password,
            log_path=self._log_dir / "postgres.log",
        )
        self._say_where("PostgreSQL", cluster.directory)
        binaries = postgres.find_binaries()
        await starting.keep(
            postgres.program_for(cluster, binaries),
            ready=lambda: postgres.accepts(cluster),
            prepare=lambda: postgres.prepare(cluster, binaries),
        )
        await postgres.provision(cluster)
        for name in await asyncio.to_thread(migrate, cluster.url):
            self._say(f"Migrated: {name}")
        await postgres.entrench_audit(cluster.superuser_url(postgres.DATABASE))
        await self._make_administrator(cluster)
        return cluster

    async def _make_administrator(self, cluster: postgres.Cluster) -> None:
        """Where nobody can log in yet, somebody can; the password is kept nowhere but in a person's eyes."""
        async with await open_pool(cluster.url, size=1) as pool, pool.acquire() as connection:
            password = await create_first_administrator(connection, datetime.now(UTC))
        if password is not None:
            self._say(
                f"The first administrator is {FIRST_ADMINISTRATOR!r} with the password {password}: it is shown this "
                "once and must be changed at the first login. Lost? `hydroalert account password admin`."
            )

    async def _start_broker(self, starting: "Starting", ports: dict[str, int], secret: Secrets) -> mosquitto.Broker:
        host = self._options.field_address
        certificates = self._data_dir / "certificates"
        broker = mosquitto.broker_below(
            self._data_dir,
            port=ports["mqtt"],
            passwords=secret.broker_passwords,
            log_path=self._log_dir / "mosquitto.log",
            tls=await field_listener(certificates, host=host, port=ports["tls"], names=names_for(host)),
        )
        self._say_where("Mosquitto", broker.directory)
        await starting.keep(
            mosquitto.program_for(broker),
            ready=lambda: mosquitto.accepts(broker),
            prepare=lambda: mosquitto.prepare(broker),
        )
        return broker

    async def _surroundings(self, environment: Mapping[str, str]) -> Surroundings:
        """Also ends what a killed run left: these processes may be killed at any time, so without ado."""
        run_dir = self._data_dir / "run"
        run_dir.mkdir(exist_ok=True)
        await stop_former(run_dir, signal.SIGKILL)
        return Surroundings(environment, run_dir, self._log_dir)

    async def _start_processes(self, starting: "Starting", port: int, surroundings: Surroundings) -> str:
        http_url = f"http://{LOOPBACK}:{port}"
        await run_to_end(surroundings, "broker", "sync")
        workers = str(self._options.workers)
        await starting.keep(
            program(surroundings, "bridge", "hydroalert", "bridge", "--workers", workers), ready=at_once
        )
        await starting.keep(program(surroundings, "alerting", "hydroalert", "alerting"), ready=at_once)
        await starting.keep(
            program(surroundings, "api", "hydroalert", "api", "--port", str(port)),
            ready=lambda: answers_ok(f"{http_url}/health/ready"),
        )
        return http_url

    async def _start_simulator(self, starting: "Starting", surroundings: Surroundings, endpoints: Endpoints) -> None:
        fleet = await demo_fleet(surroundings, self._data_dir / "sim")
        await demo_areas(surroundings, self._data_dir / "sim")
        simulating = simulator(surroundings, fleet, broker_url=endpoints.mqtt, http_url=endpoints.http)
        await starting.keep(simulating, ready=at_once)

    def _say_where(self, what: str, directory: Path) -> None:
        if directory.parent != self._data_dir:
            self._say(f"{what}'s account cannot enter {self._data_dir}: its files are kept in {directory}.")

    def on_change(self, keeper: Keeper) -> None:
        """Tell a person of what ended by itself."""
        if keeper.state is State.RESTARTING:
            self._say(f"{keeper.name} ended; starting it again. It said: {self._log_dir / keeper.name}.log")

    async def _rotate_logs(self) -> None:
        while True:
            for path in self._log_dir.glob("*.log"):
                await asyncio.to_thread(rotate, path)
            await asyncio.sleep(ROTATE_EVERY_S)


class Starting:
    """What keeps what was started: tasks that start it again, and a stack that ends it in reverse order."""

    def __init__(self, platform: Platform, tasks: asyncio.TaskGroup, stack: AsyncExitStack) -> None:
        self.tasks = tasks
        self.stack = stack
        self._platform = platform

    async def keep(
        self, program: Program, *, ready: Asked, prepare: Callable[[], Awaitable[object]] = nothing_to_prepare
    ) -> None:
        """Start a program, wait until it is ready, and keep it running from then on."""
        keeper = Keeper(Service(program=program, ready=ready, prepare=prepare), self._platform.on_change)
        self._platform.keepers.append(keeper)
        await self.stack.enter_async_context(kept(keeper, self.tasks))


def addresses_of(
    endpoints: Endpoints, broker: mosquitto.Broker, cluster: postgres.Cluster, data_dir: Path
) -> Addresses:
    """What a person is shown."""
    assert broker.tls is not None  # `up` always opens the field's listener
    return Addresses(
        http=endpoints.http,
        mqtt=endpoints.mqtt,
        mqtts=f"mqtts://{broker.tls.host}:{broker.tls.port}",
        database=f"postgresql://{postgres.ROLE}@{postgres.HOST}:{cluster.port}/{postgres.DATABASE}",
        data_dir=data_dir,
    )
