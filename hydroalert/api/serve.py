"""Run the HTTP application: uvicorn on uvloop, one process, until it is told to stop."""

import asyncio
import contextlib
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import structlog
import uvicorn
import uvloop

from hydroalert.accounts.recognition import recognise
from hydroalert.admission.service import Admission, Settings
from hydroalert.api.app import create_app
from hydroalert.api.callers.rates import Rates
from hydroalert.api.cursors import cursor_key
from hydroalert.api.heads import BoundedHeads
from hydroalert.api.health.broker import BrokerProbe
from hydroalert.api.housekeeping import jobs_of, keep_house
from hydroalert.api.live.seats import MAX_FOLLOWERS
from hydroalert.api.live.service import Live
from hydroalert.api.services import Services
from hydroalert.api.settings import HttpSettings
from hydroalert.domain.actors import Caller
from hydroalert.domain.errors import Unavailable
from hydroalert.evidence.pictures import open_pictures
from hydroalert.judging.voice import Voice
from hydroalert.reports.vault import Vault
from hydroalert.store import Pool, open_pool
from hydroalert.store.reading import open_reading_pool, reading
from hydroalert.store.sealing import Sealer

_log = structlog.get_logger("hydroalert.api")

_MAX_CONNECTIONS = MAX_FOLLOWERS + 2_000  # however many follow, the others are served
_FILES_BESIDE = 200
_GOODBYE_S = 0.5
_GRACE_S = 4
_BACKLOG = 4_096
_LARGEST_MESSAGE_BYTES = 65_536
_UNACKNOWLEDGED_MS = 30_000
_SEND_BUFFER_BYTES = 131_072


class Binding(msgspec.Struct, frozen=True):
    """What the api is started with; `data_dir` is where the disk is watched."""

    host: str
    port: int
    database_url: str
    broker_url: str
    broker_bridge_password: str | None
    master_key: bytes
    data_dir: Path
    settings: Settings = Settings()
    voice: Voice = Voice()
    http: HttpSettings = HttpSettings()


def run(binding: Binding) -> None:
    """Serve until SIGINT or SIGTERM; then let what is under way finish, for a few seconds."""
    uvloop.run(serve(binding))


async def serve(binding: Binding) -> None:
    """As `run`, on the loop that is running."""
    allow_connections()
    with listen(binding.host, binding.port) as listening:
        async with open_services(binding) as services:
            _log.info("http_listens", host=binding.host, port=binding.port)
            await Server(http_config(services), services.live).serve([listening])


@contextlib.asynccontextmanager
async def open_services(binding: Binding) -> AsyncIterator[Services]:
    """Everything the routes stand on. Neither database nor broker need be up: readiness says so until they are."""
    async with (
        open_pictures(binding.http.evidence_url, binding.data_dir, binding.master_key) as evidence,
        await open_reading_pool(binding.database_url) as readings,
        await open_reading_pool(binding.database_url, size=3) as following,  # who follows never waits for who asks
        await open_pool(binding.database_url, lazily=True) as settling,
        await open_pool(binding.database_url, lazily=True) as writings,
        await open_pool(binding.database_url, lazily=True) as counting,  # who asks is counted while others write
        asyncio.TaskGroup() as tasks,
    ):
        sealer = Sealer(binding.master_key)
        admission = Admission(binding.database_url, settling, sealer, binding.settings)
        clock = partial(datetime.now, UTC)
        live = Live(
            following,
            binding.broker_url,
            clock,
            database_url=binding.database_url,
            recognises=partial(_recognise, following, sealer, clock, binding.http.require_second_factor),
        )
        rates = Rates(counting)
        services = Services(
            readings=readings,
            writings=writings,
            sealer=sealer,
            vault=Vault(binding.master_key),
            evidence=evidence,
            broker=BrokerProbe(binding.broker_url, password=binding.broker_bridge_password),
            clock=clock,
            cursor_key=cursor_key(binding.master_key),
            data_dir=binding.data_dir,
            live=live,
            voice=binding.voice,
            rates=rates,
            admission=admission,
            retention=binding.settings.retention,
            settings=binding.http,
        )
        running = [
            tasks.create_task(admission.run(), name="registry"),
            tasks.create_task(live.run(), name="live"),
            tasks.create_task(keep_house(services, jobs_of(services)), name="housekeeping"),
            tasks.create_task(rates.run(), name="rates"),
        ]
        try:
            yield services
        finally:
            for task in running:
                task.cancel()


async def _recognise(
    pool: Pool, sealer: Sealer, clock: Callable[[], datetime], required: bool, token: str
) -> Caller | None:
    """Whose token that is now, for who has followed by it for a while."""
    async with reading(pool) as connection:
        return await recognise(connection, sealer, token, clock(), require_second_factor=required)


class Server(uvicorn.Server):
    """uvicorn ends by raising the signal that stopped it once more; this one just ends. Who follows is told first."""

    def __init__(self, config: uvicorn.Config, live: Live) -> None:
        super().__init__(config)
        self._live = live

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would never end by itself, then as uvicorn does."""
        self._live.end()
        await asyncio.sleep(_GOODBYE_S if len(self._live.clients) else 0)
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop gracefully on the first SIGINT or SIGTERM, at once on the second."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def http_config(services: Services) -> uvicorn.Config:
    """How uvicorn serves the application. A proxy's headers are never believed (`loopback`)."""
    return uvicorn.Config(
        create_app(services),
        loop="none",
        http=BoundedHeads,
        ws="websockets-sansio",
        ws_max_size=_LARGEST_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # it would take more memory for each client than all the rest
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_MAX_CONNECTIONS,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=_GRACE_S,
    )


def listen(host: str, port: int) -> socket.socket:
    """Take the port; 0 takes any. Raises Unavailable when it is not free or not ours."""
    listening = None
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)  # the protocol too, else asyncio leaves out TCP_NODELAY
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bound_slow_readers(listening)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        if listening is not None:
            listening.close()
        raise Unavailable(
            f"cannot listen on {host}:{port}: {error.strerror}; choose another --port or --host"
        ) from error
    return listening


def _bound_slow_readers(listening: socket.socket) -> None:
    """Every connection inherits these: so much waits in the kernel for who does not read, and for so long (G5)."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_MS)


def allow_connections() -> None:
    """Let this process hold as many connections as it may; an ordinary user begins with 1,024 files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MAX_CONNECTIONS + _FILES_BESIDE
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
