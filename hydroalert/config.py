"""The only reader of the environment: where the platform's parts are, and its secrets.

What the environment does not say is read below the data directory, where `hydroalert up` leaves it.
"""

import os
import re
from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import msgspec

from hydroalert.access.accounts import Passwords
from hydroalert.domain.errors import InvalidInput, SecretsError, Unavailable
from hydroalert.judging.voice import SigningKey, Voice, checked

DATABASE_URL = "HYDROALERT_DATABASE_URL"
BROKER_URL = "HYDROALERT_BROKER_URL"
MASTER_KEY = "HYDROALERT_MASTER_KEY"
BROKER_ADMIN_PASSWORD = "HYDROALERT_BROKER_ADMIN_PASSWORD"  # noqa: S105 - a variable's name
BROKER_BRIDGE_PASSWORD = "HYDROALERT_BROKER_BRIDGE_PASSWORD"  # noqa: S105 - a variable's name
BROKER_ALERTING_PASSWORD = "HYDROALERT_BROKER_ALERTING_PASSWORD"  # noqa: S105 - a variable's name
DEADMAN_URL = "HYDROALERT_DEADMAN_URL"
PUBLIC_URL = "HYDROALERT_PUBLIC_URL"
DATA_DIR = "HYDROALERT_DATA_DIR"
RETENTION_DAYS = "HYDROALERT_RETENTION_DAYS"
ROWS_PER_HOUR = "HYDROALERT_ROWS_PER_HOUR"
BRIDGE_FRAMES_PER_S = "HYDROALERT_BRIDGE_FRAMES_PER_S"
RECEIVE_MAXIMUM = "HYDROALERT_BRIDGE_RECEIVE_MAXIMUM"
CAP_SENDER = "HYDROALERT_CAP_SENDER"
CAP_SENDER_NAME = "HYDROALERT_CAP_SENDER_NAME"
CAP_LANGUAGES = "HYDROALERT_CAP_LANGUAGES"
CAP_WEB = "HYDROALERT_CAP_WEB"
CAP_CONTACT = "HYDROALERT_CAP_CONTACT"
CAP_CERTIFICATE = "HYDROALERT_CAP_CERTIFICATE"
CAP_KEY = "HYDROALERT_CAP_KEY"
TRUSTED_PROXIES = "HYDROALERT_TRUSTED_PROXIES"
CORS_ORIGINS = "HYDROALERT_CORS_ORIGINS"
EVIDENCE_URL = "HYDROALERT_EVIDENCE_URL"
CONTACT_DAYS = "HYDROALERT_CONTACT_DAYS"
REQUIRE_SECOND_FACTOR = "HYDROALERT_REQUIRE_SECOND_FACTOR"
VARIABLES = (
    DATABASE_URL,
    BROKER_URL,
    MASTER_KEY,
    BROKER_ADMIN_PASSWORD,
    BROKER_BRIDGE_PASSWORD,
    BROKER_ALERTING_PASSWORD,
    DEADMAN_URL,
    PUBLIC_URL,
    DATA_DIR,
    RETENTION_DAYS,
    ROWS_PER_HOUR,
    BRIDGE_FRAMES_PER_S,
    RECEIVE_MAXIMUM,
    CAP_SENDER,
    CAP_SENDER_NAME,
    CAP_LANGUAGES,
    CAP_WEB,
    CAP_CONTACT,
    CAP_CERTIFICATE,
    CAP_KEY,
    TRUSTED_PROXIES,
    CORS_ORIGINS,
    EVIDENCE_URL,
    CONTACT_DAYS,
    REQUIRE_SECOND_FACTOR,
)
"""Every variable that means something to HydroAlert."""

DEFAULT_DATA_DIR = Path("var")
_SECRET_FILES = {
    MASTER_KEY: "master-key",
    BROKER_ADMIN_PASSWORD: "broker-admin-password",
    BROKER_BRIDGE_PASSWORD: "broker-bridge-password",
    BROKER_ALERTING_PASSWORD: "broker-alerting-password",
}
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+")
_ENDPOINTS = {DATABASE_URL: "database", BROKER_URL: "mqtt"}


class Config:
    """What one process was started with. A part is looked up when it is asked for, so a command needs only its own."""

    def __init__(self, environ: Mapping[str, str], data_dir: Path | None = None) -> None:
        self._environ = environ
        self.data_dir = data_dir or Path(environ.get(DATA_DIR) or DEFAULT_DATA_DIR)

    @property
    def database_url(self) -> str:
        """`postgresql://…`. Raises Unavailable when nothing says where the database is."""
        return self._place(DATABASE_URL)

    @property
    def broker_url(self) -> str:
        """`mqtt://host:port`. Raises Unavailable when nothing says where the broker is."""
        return self._place(BROKER_URL)

    @property
    def names_other_database(self) -> bool:
        """Whether the environment names the database but no broker: then there is none to tell of changes."""
        return bool(self._environ.get(DATABASE_URL)) and not self._environ.get(BROKER_URL)

    @property
    def master_key(self) -> bytes:
        """32 bytes. Raises SecretsError."""
        try:
            key = bytes.fromhex(self._secret(MASTER_KEY))
        except ValueError:
            key = b""
        if len(key) != 32:
            raise SecretsError(f"{MASTER_KEY} (or the file master-key) must be 64 hexadecimal digits")
        return key

    @property
    def broker_admin_password(self) -> str:
        """Of the broker user `_admin`. Raises SecretsError."""
        return self._secret(BROKER_ADMIN_PASSWORD)

    @property
    def broker_bridge_password(self) -> str:
        """Of the broker user `_bridge`. Raises SecretsError."""
        return self._secret(BROKER_BRIDGE_PASSWORD)

    @property
    def broker_alerting_password(self) -> str:
        """Of the broker user `_alerting`. Raises SecretsError."""
        return self._secret(BROKER_ALERTING_PASSWORD)

    @property
    def broker_passwords(self) -> Passwords:
        """Of all the platform's own broker users. Raises SecretsError."""
        return Passwords(self.broker_admin_password, self.broker_bridge_password, self.broker_alerting_password)

    @property
    def deadman_url(self) -> str | None:
        """Pinged by alerting while all is well; None: nobody outside watches. Raises InvalidInput."""
        given = self._environ.get(DEADMAN_URL, "").strip()
        if given and not given.startswith(("https://", "http://")):
            raise InvalidInput(f"{DEADMAN_URL} must be an http or https URL, not {given!r}", DEADMAN_URL)
        return given.rstrip("/") or None

    @property
    def public_url(self) -> str | None:
        """Where people reach the api from outside, for links in messages; None: there are none. Raises InvalidInput."""
        given = self._environ.get(PUBLIC_URL)
        if given and not given.startswith(("http://", "https://")):
            raise InvalidInput(f"{PUBLIC_URL} must begin with https:// or http://", PUBLIC_URL)
        return given or None

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """Addresses or networks whose `X-Forwarded-For` is believed. Raises InvalidInput."""
        try:
            return tuple(str(ip_network(one)) for one in self._words(TRUSTED_PROXIES))
        except ValueError as error:
            raise InvalidInput(f"{TRUSTED_PROXIES}: {error}", TRUSTED_PROXIES) from None

    @property
    def cors_origins(self) -> tuple[str, ...]:
        """`https://host[:port]` of pages that may read here, or `*`. Raises InvalidInput."""
        given = self._words(CORS_ORIGINS)
        for one in given:
            if one != "*" and not _ORIGIN.fullmatch(one):
                raise InvalidInput(f"{CORS_ORIGINS}: {one!r} is no origin such as https://example.org", CORS_ORIGINS)
        return given

    @property
    def evidence_url(self) -> str | None:
        """Where pictures are kept: `file://`, `s3://`, `gs://` or `az://`; None: below the data directory."""
        return self._environ.get(EVIDENCE_URL) or None

    @property
    def contact_kept(self) -> timedelta:
        """How long a reporter's contact is kept after the report is over."""
        return timedelta(days=self._number(CONTACT_DAYS, 30, least=1, most=3_650))

    @property
    def requires_second_factor(self) -> bool:
        """Whether operators and administrators do nothing before they have a second factor. Raises InvalidInput."""
        return bool(self._number(REQUIRE_SECOND_FACTOR, 0, most=1))

    @property
    def retention(self) -> timedelta:
        """How long observations are kept; by default 30 years."""
        return timedelta(days=self._number(RETENTION_DAYS, 10_958, least=1, most=36_525))

    @property
    def rows_per_hour(self) -> int:
        """What a device without a quota of its own may write."""
        return self._number(ROWS_PER_HOUR, 1_000_000, least=1)

    @property
    def bridge_frames_per_s(self) -> int | None:
        """A brake on each lane, for drills; None: as fast as it goes."""
        return self._number(BRIDGE_FRAMES_PER_S, 0) or None

    @property
    def receive_maximum(self) -> int:
        """How many frames the broker may have under way to one lane (MQTT 5, section 3.1.2.11.3)."""
        return self._number(RECEIVE_MAXIMUM, 4096, least=1, most=65_535)

    @property
    def cap_voice(self) -> Voice:
        """In whose name and in which languages CAP messages are sent. Raises InvalidInput, SecretsError."""
        usual = Voice()
        languages = self._words(CAP_LANGUAGES)
        return checked(
            Voice(
                sender=self._environ.get(CAP_SENDER) or usual.sender,
                sender_name=self._environ.get(CAP_SENDER_NAME) or usual.sender_name,
                languages=languages or usual.languages,
                web=self._environ.get(CAP_WEB) or None,
                contact=self._environ.get(CAP_CONTACT) or None,
                signing=self._signing_key(),
            )
        )

    def _signing_key(self) -> SigningKey | None:
        paths = [self._environ.get(variable) for variable in (CAP_CERTIFICATE, CAP_KEY)]
        if not any(paths):
            return None
        try:
            return SigningKey(*(Path(path or "").read_text(encoding="ascii") for path in paths))
        except (OSError, ValueError) as error:
            raise SecretsError(f"{CAP_CERTIFICATE} and {CAP_KEY} must both name PEM files ({error})") from None

    def _words(self, variable: str) -> tuple[str, ...]:
        return tuple(self._environ.get(variable, "").replace(",", " ").split())

    def _place(self, variable: str) -> str:
        given = self._environ.get(variable)
        if given:
            return given
        path = self.data_dir / "endpoints.json"
        try:
            return str(msgspec.json.decode(path.read_bytes(), type=dict[str, str])[_ENDPOINTS[variable]])
        except (OSError, msgspec.MsgspecError, KeyError):
            raise Unavailable(
                f"no platform runs below {self.data_dir}: start it with `hydroalert up`, or set {variable}"
            ) from None

    def _secret(self, variable: str) -> str:
        given = self._environ.get(variable)
        if given:
            return given.strip()
        path = self.data_dir / "secrets" / _SECRET_FILES[variable]
        try:
            return path.read_text().strip()
        except OSError as error:
            raise SecretsError(f"set {variable}, or make {path} readable ({error.strerror})") from None

    def _number(self, variable: str, default: int, *, least: int = 0, most: int = 2**31 - 1) -> int:
        given = self._environ.get(variable) or str(default)
        if not (given.isascii() and given.isdecimal() and len(given) < 12 and least <= int(given) <= most):
            raise InvalidInput(f"{variable} must be a whole number from {least} to {most}, not {given!r}", variable)
        return int(given)


def from_environment(data_dir: Path | None = None) -> Config:
    """The configuration of this process."""
    return Config(os.environ, data_dir)
