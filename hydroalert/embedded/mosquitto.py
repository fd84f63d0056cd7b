"""A private Mosquitto below a data directory, from the one mosquitto.conf at the root of the repository."""

import asyncio
import re
import secrets
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hydroalert.access.accounts import Passwords
from hydroalert.access.initial import initial_configuration
from hydroalert.embedded.account import Account, account_for, home_of, make_home, own
from hydroalert.embedded.child import Child, Program, running
from hydroalert.embedded.errors import PlatformError
from hydroalert.embedded.leftovers import stop_former
from hydroalert.embedded.ports import LOOPBACK

CONFIGURATION = Path(__file__).resolve().parents[2] / "mosquitto.conf"
LIBRARIES = ("/usr/lib", "/usr/local/lib")
PLUGIN = "mosquitto_dynamic_security.so"
TLS_SECTION = "listener 8883"

# MQTT 3.1.1 section 3.1: CONNECT, clean session, no client id; and the CONNACK that accepts it (3.2).
_CONNECT = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"
_ACCEPTED = b"\x20\x02\x00\x00"


@dataclass(frozen=True)
class Tls:
    """The field's listener: where it listens, and the certificate that it shows."""

    host: str
    port: int
    certificate: Path
    key: Path


@dataclass(frozen=True, kw_only=True)
class Broker:
    """One private broker. `settings` replace further lines of mosquitto.conf, by their first word."""

    directory: Path
    port: int
    passwords: Passwords = field(repr=False)
    log_path: Path
    account: Account | None = None
    tls: Tls | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def admin_password(self) -> str:
        """Of the user `_admin`."""
        return self.passwords.admin

    @property
    def bridge_password(self) -> str:
        """Of the user `_bridge`."""
        return self.passwords.bridge

    @property
    def alerting_password(self) -> str:
        """Of the user `_alerting`."""
        return self.passwords.alerting

    @property
    def host(self) -> str:
        """The plain listener is never anywhere else."""
        return LOOPBACK

    @property
    def url(self) -> str:
        """Where clients on this machine connect to; without a user."""
        return f"mqtt://{self.host}:{self.port}"


def broker_below(
    data_dir: Path,
    *,
    port: int,
    passwords: Passwords,
    log_path: Path,
    tls: Tls | None = None,
    settings: Mapping[str, str] | None = None,
) -> Broker:
    """The broker of a data directory: under which account it runs, and where that account can keep it."""
    account = account_for("mosquitto")
    return Broker(
        directory=home_of("mosquitto", data_dir, account),
        port=port,
        passwords=passwords,
        log_path=log_path,
        account=account,
        tls=tls,
        settings=settings or {},
    )


def find_mosquitto() -> Path:
    """The broker's program; Debian keeps it in /usr/sbin, which is not on every user's PATH.

    Raises PlatformError when there is none.
    """
    if found := shutil.which("mosquitto", path="/usr/local/sbin:/usr/sbin:/usr/local/bin:/usr/bin:/opt/bin"):
        return Path(found)
    raise PlatformError("Mosquitto is not installed. Run `make install`, or: apt-get install mosquitto")


def find_plugin() -> Path:
    """The dynamic-security plugin, in whichever library directory this system has.

    Raises PlatformError when there is none.
    """
    for library in LIBRARIES:
        found = [*Path(library).glob(PLUGIN), *Path(library).glob(f"*/{PLUGIN}")]
        if found:
            return found[0]
    raise PlatformError(f"{PLUGIN} is not installed. Run `make install`, or: apt-get install mosquitto")


def derive_configuration(text: str, settings: Mapping[str, str], *, with_tls: bool) -> str:
    """mosquitto.conf with named lines replaced, and without its last section where TLS is not wanted.

    A name is the beginning of a line (`listener 1883`); its value becomes the whole line. Raises
    PlatformError when a name does not begin exactly one line: the file and this program then disagree.
    """
    if not with_tls:
        text = text[: text.index(f"\n{TLS_SECTION}") + 1]
    for name, line in settings.items():
        found = re.findall(rf"^{re.escape(name)}(?: .*)?$", text, flags=re.MULTILINE)
        if len(found) != 1:
            raise PlatformError(f"mosquitto.conf must have one line that begins with `{name}`, not {len(found)}")
        text = text.replace(f"\n{found[0]}\n", f"\n{line}\n")
    return text


def settings_for(broker: Broker, plugin: Path) -> dict[str, str]:
    """Which lines of mosquitto.conf a private broker replaces, and with what."""
    directory = broker.directory
    settings = {
        "persistence_location": f"persistence_location {directory}/",
        "plugin": f"plugin {plugin}",
        "plugin_opt_config_file": f"plugin_opt_config_file {directory / 'dynamic-security.json'}",
        "listener 1883": f"listener {broker.port} {broker.host}",
    }
    if broker.tls:
        settings[TLS_SECTION] = f"listener {broker.tls.port} {broker.tls.host}"
        settings["certfile"] = f"certfile {directory / 'server.crt'}"
        settings["keyfile"] = f"keyfile {directory / 'server.key'}"
    return settings | {name: f"{name} {value}" for name, value in broker.settings.items()}


async def prepare(broker: Broker) -> bool:
    """Write what the broker reads, and end what a killed run left. Returns whether its accounts are new."""
    make_home(broker.directory, broker.account)
    await stop_former(broker.directory, signal.SIGTERM)
    settings = settings_for(broker, find_plugin())
    text = derive_configuration(CONFIGURATION.read_text(), settings, with_tls=broker.tls is not None)
    _write(broker, "mosquitto.conf", text.encode())
    if broker.tls:
        _write(broker, "server.crt", broker.tls.certificate.read_bytes())
        _write(broker, "server.key", broker.tls.key.read_bytes())
    return _write_accounts(broker)


def _write_accounts(broker: Broker) -> bool:
    """Create the first dynamic-security.json; one that is there belongs to the plugin and is left alone."""
    if (broker.directory / "dynamic-security.json").exists():
        return False
    content = initial_configuration(broker.passwords, secrets.token_bytes)
    _write(broker, "dynamic-security.json", content)
    return True


def _write(broker: Broker, name: str, content: bytes) -> None:
    """Put a file in place whole, readable by the broker's account only."""
    unfinished = broker.directory / f"{name}.unfinished"
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    own(unfinished, broker.account)
    unfinished.write_bytes(content)
    unfinished.rename(broker.directory / name)


def program_for(broker: Broker) -> Program:
    """How the broker is run; on SIGTERM it saves its sessions and queues and ends."""
    return Program(
        name="mosquitto",
        command=(str(find_mosquitto()), "-c", str(broker.directory / "mosquitto.conf")),
        log_path=broker.log_path,
        directory=broker.directory,
        account=broker.account,
        environment={"TZ": "UTC"},
    )


async def accepts(broker: Broker) -> bool:
    """Whether an anonymous client is let in now."""
    try:
        reader, writer = await asyncio.open_connection(broker.host, broker.port)
    except OSError:
        return False
    try:
        writer.write(_CONNECT)
        async with asyncio.timeout(2):
            return await reader.read(len(_ACCEPTED)) == _ACCEPTED
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


@asynccontextmanager
async def running_broker(broker: Broker) -> AsyncIterator[Child]:
    """The broker, prepared and letting clients in; stopped on leaving."""
    await prepare(broker)
    async with running(program_for(broker), lambda: accepts(broker)) as child:
        yield child
