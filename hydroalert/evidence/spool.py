"""A file while it comes in: never whole in memory, never under a name, so that nothing of it is left by who is killed.

Measured: a quarter of a megabyte takes 0.3 ms to digest and write; in a thread, so that others are served meanwhile.
"""

import asyncio
import hashlib
import tempfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, cast

from hydroalert.domain.errors import Unavailable

_PIECE_BYTES = 131_072


class Spool:
    """The file, its size, and its SHA-256. Closed, it is gone."""

    def __init__(self, folder: Path) -> None:
        """Raises Unavailable where no file can be begun."""
        try:
            self.file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder))  # noqa: SIM115 - `__exit__` closes it
        except OSError as error:
            raise Unavailable(f"no picture can be taken in now: {error.strerror}; try again later") from error
        self.size_bytes = 0
        self._digest = hashlib.sha256()
        self._piece = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    async def add(self, chunk: bytes) -> None:
        """Take what came. Raises Unavailable when the disk is full."""
        self.size_bytes += len(chunk)
        self._piece += chunk
        if len(self._piece) >= _PIECE_BYTES:
            await self.flush()

    async def flush(self) -> None:
        """Have all of it in the file; after the last."""
        piece, self._piece = self._piece, bytearray()
        try:
            await asyncio.to_thread(self._write, piece)
        except OSError as error:
            raise Unavailable(f"the disk takes no more: {error.strerror}; try again later") from error

    @property
    def sha256(self) -> bytes:
        """Of all that was flushed."""
        return self._digest.digest()

    def _write(self, piece: bytearray) -> None:
        self._digest.update(piece)
        self.file.write(piece)
        self.file.flush()
