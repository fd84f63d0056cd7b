"""Where pictures are kept: a folder of this machine or a bucket of a cloud, through obstore either way.

Keys are our own random names. They begin with a word that only this platform's master key makes: where two share a
bucket by mistake, neither takes the other's files for forgotten ones.
"""

import asyncio
import contextlib
import hmac
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

import msgspec
import obstore
import structlog
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store, from_url

from hydroalert.domain.errors import InvalidInput, NotFound, Unavailable

if TYPE_CHECKING:  # it has no such name at run time
    from obstore.store import ClientConfig

FOLDER = "evidence"
"""Below the data directory, where nothing else is said."""

_SCHEMES = ("file", "s3", "gs", "az")
_CHUNK_BYTES = 65_536
_PART_BYTES = 5 * 1024 * 1024  # S3 takes no smaller ones, but the last
_PARTS_AT_ONCE = 2
_CLIENT: "ClientConfig" = {"allow_http": True, "timeout": "60s", "connect_timeout": "5s"}
_ATTRIBUTES = {
    "Content-Type": "image/jpeg",
    "Content-Disposition": 'inline; filename="evidence.jpg"',
    "Cache-Control": "private, max-age=900",
}
_UNFINISHED = "#1"  # what obstore calls a file of a folder that is still being written
_log = structlog.get_logger("hydroalert.evidence")

Store = LocalStore | S3Store | GCSStore | AzureStore


class Stored(msgspec.Struct, frozen=True):
    """A file as it is read: its size, and its bytes in chunks."""

    size_bytes: int
    chunks: AsyncIterator[bytes]


class Storage:
    """Files by their keys. Every method raises Unavailable when the folder or the cloud does not answer."""

    def __init__(self, store: Store, owner: str, folder: Path | None) -> None:
        self._store = store
        self._owner = owner
        self._folder = folder

    def new_key(self) -> str:
        """A name that no file has."""
        return f"{self._owner}-{secrets.token_hex(16)}.jpg"

    async def put(self, key: str, file: BinaryIO) -> None:
        """Keep a file, from its beginning: as a whole, on disk, or not at all."""
        file.seek(0)
        attributes = None if self._folder else _ATTRIBUTES
        with _faults():
            await obstore.put_async(
                self._store, key, file, attributes=attributes, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
            )
            if self._folder:
                await asyncio.to_thread(_settle, self._folder / key)

    async def get(self, key: str) -> Stored:
        """Read a file. Raises NotFound."""
        with _faults():
            try:
                found = await obstore.get_async(self._store, key)
            except FileNotFoundError:
                raise NotFound("this picture is not there any more") from None
        return Stored(found.meta["size"], _chunks(found.stream(min_chunk_size=_CHUNK_BYTES)))

    async def delete(self, key: str) -> None:
        """Delete a file, or what was begun of it; one that is not there is deleted."""
        with _faults(), contextlib.suppress(FileNotFoundError):
            if self._folder:
                await asyncio.to_thread((self._folder / (key + _UNFINISHED)).unlink, missing_ok=True)
            await obstore.delete_async(self._store, key)

    async def link(self, key: str, valid_for: timedelta) -> str | None:
        """A link of the cloud's own that opens the file to anyone for so long; None where there is no cloud."""
        if isinstance(self._store, LocalStore):
            return None
        with _faults():
            return await obstore.sign_async(self._store, "GET", key, valid_for)

    async def older_than(self, moment: datetime) -> AsyncIterator[list[str]]:
        """The keys of all files of this platform that were written before then, some at a time."""
        with _faults():
            if self._folder:
                yield await asyncio.to_thread(_names_before, self._folder, self._owner, moment)
                return
            async for found in obstore.list(self._store):
                yield [
                    meta["path"]
                    for meta in found
                    if meta["path"].startswith(self._owner) and meta["last_modified"] < moment
                ]


def open_storage(url: str | None, data_dir: Path, master_key: bytes) -> Storage:
    """The place that a URL names (`file://`, `s3://`, `gs://`, `az://`), or the folder below the data directory.

    Clouds' credentials and endpoints are read by obstore from their usual variables (`AWS_…`, `GOOGLE_…`, `AZURE_…`).
    Nothing is asked of a cloud yet. Raises InvalidInput, which says what cannot be right.
    """
    owner = hmac.digest(master_key, b"hydroalert evidence owner 1", "sha256")[:4].hex()
    place = url or (data_dir / FOLDER).absolute().as_uri()
    parts = urlsplit(place)
    if parts.scheme == "file":
        folder = _made(Path(unquote(parts.path)), parts.netloc)
        return Storage(LocalStore(folder), owner, folder)
    if parts.scheme not in _SCHEMES or not parts.netloc:
        raise InvalidInput(f"HYDROALERT_EVIDENCE_URL must begin with {'://, '.join(_SCHEMES)}://, not {place!r}")
    try:
        store = from_url(place, config=None, client_options=_CLIENT)
    except (BaseError, ValueError) as error:
        raise InvalidInput(f"HYDROALERT_EVIDENCE_URL {place!r}: {_first_line(error)}") from None
    assert isinstance(store, S3Store | GCSStore | AzureStore)
    return Storage(store, owner, None)


def _made(folder: Path, host: str) -> Path:
    """The folder, for nobody but this user."""
    try:
        if host:
            raise OSError(None, "a file URL has three slashes")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise InvalidInput(f"pictures cannot be kept in {folder}: {error.strerror}") from None
    return folder


def _settle(path: Path) -> None:
    """See that a file is on disk, under its name, and for nobody else to read."""
    for place in (path, path.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            if place == path:
                os.fchmod(descriptor, 0o600)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _names_before(folder: Path, owner: str, moment: datetime) -> list[str]:
    with os.scandir(folder) as entries:
        return [
            entry.name.removesuffix(_UNFINISHED)
            for entry in entries
            if entry.name.startswith(owner) and _written_at(entry) < moment
        ]


def _written_at(entry: os.DirEntry[str]) -> datetime:
    return datetime.fromtimestamp(entry.stat(follow_symlinks=False).st_mtime, UTC)


async def _chunks(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    with _faults():
        async for chunk in stream:
            yield chunk


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    """What went wrong, and where, is for the log: who sends a picture need not know our folders and endpoints."""
    try:
        yield
    except (BaseError, OSError) as error:
        _log.warning("pictures_unavailable", error=_first_line(error))
        raise Unavailable("the store of pictures does not answer: try again in a few minutes") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
