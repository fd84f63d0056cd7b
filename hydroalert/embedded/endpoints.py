"""Where the platform can be reached, told to other programs in a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hydroalert.embedded.files import write_private


class Endpoints(msgspec.Struct, frozen=True):
    """URLs; `database` carries the password of the platform's role, so whoever reads it owns the data."""

    http: str
    mqtt: str
    database: str


@dataclass(frozen=True)
class Addresses:
    """What a person is shown: no password in it."""

    http: str
    mqtt: str
    mqtts: str
    database: str
    data_dir: Path


@contextmanager
def announced(endpoints: Endpoints, paths: list[Path]) -> Iterator[None]:
    """Each file says where the platform is, as long as it is there and no longer."""
    content = msgspec.json.format(msgspec.json.encode(endpoints), indent=2) + b"\n"
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_private(path, content)
        yield
    finally:
        withdraw(paths)


def withdraw(paths: list[Path]) -> None:
    """Remove what says that the platform is there; also what a killed run left."""
    for path in paths:
        path.unlink(missing_ok=True)
