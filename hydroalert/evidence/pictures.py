"""What pictures are received with, read by, and kept in; one of it for each api process."""

import contextlib
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from hydroalert.domain.errors import InvalidInput, Unavailable
from hydroalert.evidence.readers import Readers
from hydroalert.evidence.sign import link_key
from hydroalert.evidence.spool import Spool
from hydroalert.evidence.storage import Storage, open_storage

_LEFT_FREE_BYTES = 512 * 1024 * 1024
"""What pictures leave of the disk, which may be the database's."""


@dataclass(frozen=True)
class Pictures:
    """`folder` is where files come in; `link_key` is what links are signed with."""

    storage: Storage
    readers: Readers
    link_key: bytes
    folder: Path

    def spool(self) -> Spool:
        """A file to receive into. Raises Unavailable when the disk is nearly full: readings come first."""
        if shutil.disk_usage(self.folder).free < _LEFT_FREE_BYTES:
            raise Unavailable("the disk is nearly full and takes no pictures now: the report itself is kept")
        return Spool(self.folder)


@contextlib.asynccontextmanager
async def open_pictures(url: str | None, data_dir: Path, master_key: bytes) -> AsyncIterator[Pictures]:
    """Where `url` says, or below the data directory. No process is begun before there is a picture to read.

    Raises InvalidInput for a URL or a directory that cannot be right.
    """
    _make(data_dir)
    storage = open_storage(url, data_dir, master_key)
    async with Readers() as readers:
        yield Pictures(storage, readers, link_key(master_key), data_dir)


def _make(data_dir: Path) -> None:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"{data_dir} cannot be used as data directory: {error.strerror}") from None
