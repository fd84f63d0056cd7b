"""A private PostgreSQL with PostGIS below a data directory: loopback TCP only, passwords only."""

import asyncio
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import asyncpg

from hydroalert.embedded.account import Account, account_for, home_of, make_home, own
from hydroalert.embedded.child import Child, Program, running
from hydroalert.embedded.errors import PlatformError
from hydroalert.embedded.leftovers import processes_in, stop_former
from hydroalert.store.entrenching import entrenching

HOST = "127.0.0.1"
SUPERUSER = "postgres"
ROLE = DATABASE = "hydroalert"
EXTENSIONS = ("postgis", "btree_gist")

# For one small machine: room for many short connections, few and even checkpoints, flash storage, and
# inserts that are vacuumed (and so seen by index-only scans) long before the default would.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_vacuum_insert_scale_factor": "0.05",
    "log_checkpoints": "off",
}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One private cluster. `settings` are added to `SETTINGS` and win over them."""

    directory: Path
    port: int
    password: str = field(repr=False)
    superuser_password: str = field(repr=False)
    log_path: Path
    account: Account | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the platform's own role connects to."""
        return f"postgresql://{ROLE}:{quote(self.password)}@{HOST}:{self.port}/{DATABASE}"

    def superuser_url(self, database: str = "postgres") -> str:
        """Where the superuser connects to; for extensions and for tests that create databases."""
        return f"postgresql://{SUPERUSER}:{quote(self.superuser_password)}@{HOST}:{self.port}/{database}"


def cluster_below(
    data_dir: Path,
    *,
    port: int,
    password: str,
    superuser_password: str,
    log_path: Path,
    settings: Mapping[str, str] | None = None,
) -> Cluster:
    """The cluster of a data directory: under which account it runs, and where that account can keep it."""
    account = account_for("postgres")
    return Cluster(
        directory=home_of("postgres", data_dir, account),
        port=port,
        password=password,
        superuser_password=superuser_password,
        log_path=log_path,
        account=account,
        settings=settings or {},
    )


def exists_below(data_dir: Path) -> bool:
    """Whether a cluster was created for this data directory."""
    return (home_of("postgres", data_dir, account_for("postgres")) / "PG_VERSION").exists()


def find_binaries(root: Path = Path("/usr/lib/postgresql")) -> Path:
    """The newest version's directory of programs below `root` (Debian's layout), else the one on the PATH.

    Raises PlatformError when there is none.
    """
    versions = sorted(root.glob("*/bin/postgres"), key=lambda path: _version(path.parts[-3]))
    if versions:
        return versions[-1].parent
    if on_path := shutil.which("postgres"):
        return Path(on_path).resolve().parent
    raise PlatformError(
        "PostgreSQL is not installed. Run `make install`, or: apt-get install postgresql postgresql-postgis"
    )


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))


def program_for(cluster: Cluster, binaries: Path) -> Program:
    """How the postmaster is run. SIGINT is its fast shutdown, SIGQUIT its immediate one (never SIGKILL)."""
    settings = {**SETTINGS, "port": str(cluster.port), **cluster.settings}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=(str(binaries / "postgres"), "-D", str(cluster.directory), *options),
        log_path=cluster.log_path,
        directory=cluster.directory,
        account=cluster.account,
        stop_signal=signal.SIGINT,
        kill_signal=signal.SIGQUIT,
    )


async def prepare(cluster: Cluster, binaries: Path) -> bool:
    """Make the cluster startable: create it, or end what a killed run left. Returns whether it is new."""
    if (cluster.directory / "PG_VERSION").exists():
        _check_version(cluster.directory, binaries)
        await _clear_former(cluster.directory)
        return False
    await asyncio.to_thread(_initialise, cluster, binaries)
    return True


def _check_version(directory: Path, binaries: Path) -> None:
    kept = (directory / "PG_VERSION").read_text().strip()
    shown = subprocess.run([binaries / "postgres", "--version"], check=True, capture_output=True, text=True)
    installed = str(_version(shown.stdout)[0])
    if kept != installed:
        raise PlatformError(
            f"{directory} was written by PostgreSQL {kept}, installed is {installed}. "
            f"Install postgresql-{kept} again, or move the data with pg_upgrade."
        )


async def _clear_former(directory: Path) -> None:
    """Stop a postmaster that outlived its `up`, and remove a lock file whose process is gone.

    PostgreSQL itself refuses a lock file whose pid runs, even if by now that is any other program's.
    """
    lock = directory / "postmaster.pid"
    if processes_in(directory):
        await stop_former(directory, signal.SIGINT)
    lock.unlink(missing_ok=True)


def _initialise(cluster: Cluster, binaries: Path) -> None:
    """Run initdb beside the final place and move it there whole: half a cluster is never taken for one."""
    unfinished = cluster.directory.with_name(cluster.directory.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    make_home(unfinished, cluster.account)
    password_file = unfinished.with_name(unfinished.name + ".password")
    password_file.touch(mode=0o600)
    try:
        password_file.write_text(cluster.superuser_password)
        own(password_file, cluster.account)
        _run_initdb(cluster, binaries, unfinished, password_file)
    finally:
        password_file.unlink()
    unfinished.rename(cluster.directory)


def _run_initdb(cluster: Cluster, binaries: Path, directory: Path, password_file: Path) -> None:
    account = cluster.account
    command = [str(binaries / "initdb"), "-D", str(directory), "-U", SUPERUSER]
    command += [f"--pwfile={password_file}", "--auth=scram-sha-256", "--data-checksums"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8"]
    command += ["--no-sync"] if cluster.settings.get("fsync") == "off" else []
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        cwd=directory,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=account.groups if account else None,
    )
    if done.returncode:
        raise PlatformError(f"initdb could not create {cluster.directory}:\n{done.stderr.strip()}")


async def accepts(cluster: Cluster) -> bool:
    """Whether the superuser can connect now."""
    try:
        connection = await asyncpg.connect(cluster.superuser_url(), timeout=5)
    except (ConnectionError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError, TimeoutError):
        return False
    await connection.close()
    return True


async def provision(cluster: Cluster) -> None:
    """Create role, database and extensions where they lack, and set the role's password; repeatable."""
    connection = await asyncpg.connect(cluster.superuser_url())
    try:
        await _provision_role(connection, cluster.password)
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
            await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    finally:
        await connection.close()
    await add_extensions(cluster.superuser_url(DATABASE))


async def _provision_role(connection: asyncpg.Connection, password: str) -> None:
    exists = await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE)
    verb = "ALTER" if exists else "CREATE"
    # A utility statement takes no parameters: the server quotes the literal for us.
    literal = await connection.fetchval("SELECT quote_literal($1::text)", password)
    await connection.execute(f"{verb} ROLE {ROLE} LOGIN PASSWORD {literal}")


async def entrench_audit(superuser_url: str) -> None:
    """After the migrations: give the audit to a role that nobody logs in as, so that the platform may add to it and
    read it, and never change or delete it; repeatable."""
    connection = await asyncpg.connect(superuser_url)
    try:
        await connection.execute(entrenching(ROLE))
    finally:
        await connection.close()


async def add_extensions(superuser_url: str) -> None:
    """Create what only a superuser may; raises PlatformError when PostGIS is not installed."""
    connection = await asyncpg.connect(superuser_url)
    try:
        for name in EXTENSIONS:
            await connection.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
    except (asyncpg.FeatureNotSupportedError, asyncpg.UndefinedFileError) as error:
        raise PlatformError(f"{error}. Run `make install`, or: apt-get install postgresql-postgis") from error
    finally:
        await connection.close()


@asynccontextmanager
async def running_cluster(cluster: Cluster) -> AsyncIterator[Child]:
    """The cluster, created where it lacks, accepting connections and provisioned; stopped on leaving."""
    binaries = find_binaries()
    await prepare(cluster, binaries)
    async with running(program_for(cluster, binaries), lambda: accepts(cluster)) as child:
        await provision(cluster)
        yield child
