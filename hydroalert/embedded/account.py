"""Which system user runs a service, and where that user can keep its files.

PostgreSQL refuses to run as root, and Mosquitto gives root up by itself; so whoever starts the platform as
root runs each under its own account. Anybody else runs them as themselves.
"""

import hashlib
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

SYSTEM_DIRECTORY = Path("/var/lib/hydroalert")


@dataclass(frozen=True)
class Account:
    """A system user as `subprocess` wants it."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]


def account_for(name: str) -> Account | None:
    """The account that a service called `name` runs under, or None for "as whoever we are".

    Root becomes `name`, or `nobody` where no such user exists.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        entry = pwd.getpwnam("nobody")
    groups = tuple(os.getgrouplist(entry.pw_name, entry.pw_gid))
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, groups)


def can_enter(directory: Path, account: Account | None) -> bool:
    """Whether the account reaches an existing directory; asked of the system, which also knows ACLs."""
    if account is None:
        return os.access(directory, os.X_OK)
    asked = subprocess.run(
        ["test", "-x", str(directory)],  # noqa: S607 - every system has it, wherever it is
        check=False,
        user=account.uid,
        group=account.gid,
        extra_groups=account.groups,
        cwd="/",
    )
    return asked.returncode == 0


def home_of(service: str, data_dir: Path, account: Account | None) -> Path:
    """Where `service` keeps its files: `data_dir/service`, else a system path that its account can enter.

    The system path carries a hash of the data directory, so that two platforms on one machine stay apart.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    resolved = data_dir.resolve()
    if can_enter(resolved, account):
        return resolved / service
    return SYSTEM_DIRECTORY / hashlib.sha256(str(resolved).encode()).hexdigest()[:16] / service


def own(path: Path, account: Account | None) -> None:
    """Give one file or directory to the account; nothing to do when we are that user ourselves."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def make_home(directory: Path, account: Account | None) -> None:
    """Create a directory, mode 0700, that belongs to the account; its parents may be passed through."""
    if account is not None:
        directory.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    own(directory, account)
