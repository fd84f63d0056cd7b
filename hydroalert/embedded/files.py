"""Files that are there whole or not at all, readable by their owner only."""

import os
from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """Put a file in place, mode 0600, so that neither a reader nor a power cut ever meets half of it."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    unfinished.replace(path)
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    """A rename is durable only once its directory is."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
