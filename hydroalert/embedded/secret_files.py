"""The platform's secrets, one a file below `secrets/`, created at the first start and never changed after."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from hydroalert.access.accounts import Passwords
from hydroalert.embedded.errors import PlatformError
from hydroalert.embedded.files import write_private

SECRET_BYTES = 32
LATER = frozenset({"broker_alerting_password"})
"""Secrets that a data directory of an earlier version lacks. Nothing is kept under them: a new one does."""


@dataclass(frozen=True)
class Secrets:
    """Each 64 hexadecimal digits; a field's name with `-` for `_` is the name of its file."""

    master_key: str = field(repr=False)
    database_password: str = field(repr=False)
    database_superuser_password: str = field(repr=False)
    broker_admin_password: str = field(repr=False)
    broker_bridge_password: str = field(repr=False)
    broker_alerting_password: str = field(repr=False)

    @property
    def broker_passwords(self) -> Passwords:
        """Of the platform's own users at the broker."""
        return Passwords(self.broker_admin_password, self.broker_bridge_password, self.broker_alerting_password)


def load_secrets(directory: Path, *, create: bool, random_bytes: Callable[[int], bytes]) -> Secrets:
    """Read every secret, or make those that lack where `create` allows it.

    Do not allow it once there is data: device keys are sealed under the master key, and a new one would not
    open them. Raises PlatformError when one lacks then.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    directory.chmod(0o700)
    found = {}
    for name in (one.name for one in fields(Secrets)):
        found[name] = _load(directory / name.replace("_", "-"), create or name in LATER, random_bytes)
    return Secrets(**found)


def _load(path: Path, create: bool, random_bytes: Callable[[int], bytes]) -> str:
    if path.exists():
        return path.read_text().strip()
    if not create:
        raise PlatformError(
            f"{path} is missing, and what is stored cannot be used without it. Put it back from your backup "
            "(or, to begin anew without any of the old data, move the whole data directory away)."
        )
    value = random_bytes(SECRET_BYTES).hex()
    write_private(path, f"{value}\n".encode())
    return value
