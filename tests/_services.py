"""Real services for tests, started and stopped from synchronous fixtures.

Each pytest worker owns its own: nothing is shared between workers but the machine.
"""

import asyncio
import secrets
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg

from hydroalert.access.accounts import Passwords
from hydroalert.embedded import ports
from hydroalert.embedded.mosquitto import Broker, Tls, broker_below, running_broker
from hydroalert.embedded.postgres import ROLE, Cluster, add_extensions, cluster_below, entrench_audit, running_cluster

T = TypeVar("T")

# Nothing here must survive a power cut, and everything must start at once.
FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
}


@dataclass(frozen=True)
class Postgres:
    """A running cluster, and how a test gets databases in it."""

    cluster: Cluster

    def url(self, database: str) -> str:
        """Where the platform's role reaches a database."""
        return self.cluster.url.rsplit("/", 1)[0] + f"/{database}"

    def create(self, *, template: str | None = None) -> str:
        """Create a database of a random name, empty with the extensions or as a clone; returns its name."""
        name = f"test_{secrets.token_hex(6)}"
        clone = f" TEMPLATE {template} STRATEGY file_copy" if template else ""
        self.execute(f"CREATE DATABASE {name} OWNER {ROLE}{clone}")
        if template is None:
            asyncio.run(add_extensions(self.cluster.superuser_url(name)))
        return name

    def entrench(self, name: str) -> None:
        """Make the audit of a migrated database append-only, as `up` does."""
        asyncio.run(entrench_audit(self.cluster.superuser_url(name)))

    def slim(self, name: str) -> None:
        """Leave out of a template what no test asks for: nearly half of it is other countries' projections."""
        self.execute("DELETE FROM spatial_ref_sys WHERE srid <> 4326", database=name)
        self.execute("VACUUM FULL spatial_ref_sys", database=name)

    def drop(self, name: str) -> None:
        """Drop a database; whoever is still connected to it is thrown out."""
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Run one statement as the superuser."""
        asyncio.run(_execute(self.cluster.superuser_url(database), statement))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def open_directory(prefix: str) -> Iterator[Path]:
    """A temporary directory that service accounts may pass through, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix=f"hydroalert-{prefix}-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def entered(manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """Hold an asynchronous context manager open from synchronous code, on a loop of its own."""
    with asyncio.Runner() as runner:
        value = runner.run(manager.__aenter__())
        try:
            yield value
        finally:
            runner.run(manager.__aexit__(None, None, None))


def run(work: Coroutine[object, object, T]) -> T:
    """Run asynchronous work from a synchronous fixture."""
    with asyncio.Runner() as runner:
        return runner.run(work)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """A private cluster that forgets everything: fsync off."""
    with open_directory("postgres") as directory:
        cluster = cluster_below(
            directory,
            port=ports.any_free(),
            password=secrets.token_hex(16),
            superuser_password=secrets.token_hex(16),
            log_path=directory / "postgres.log",
            settings=FAST_SETTINGS,
        )
        with entered(running_cluster(cluster)):
            yield Postgres(cluster)


@contextmanager
def running_mosquitto(*, tls: Tls | None = None) -> Iterator[Broker]:
    """A private broker with the real mosquitto.conf; `url`, `host`, `port` and its passwords are on it."""
    with open_directory("mosquitto") as directory:
        broker = broker_below(
            directory,
            port=ports.any_free(),
            passwords=Passwords.draw(secrets.token_bytes),
            log_path=directory / "mosquitto.log",
            tls=tls,
        )
        with entered(running_broker(broker)):
            yield broker
