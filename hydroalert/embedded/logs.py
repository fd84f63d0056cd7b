"""Logs that never fill the disk: each child appends to one file, which is cut when it has grown."""

import shutil
from pathlib import Path

LIMIT_BYTES = 10_000_000
KEPT = 3


def rotate(path: Path, *, limit_bytes: int = LIMIT_BYTES, kept: int = KEPT) -> bool:
    """Move a log that is larger than the limit to `path.1`, the older ones on by one; says whether it did.

    The file is copied and truncated, since its writer, another process, keeps it open for appending; a line
    written in between is lost.
    """
    if not path.exists() or path.stat().st_size <= limit_bytes:
        return False
    for number in range(kept - 1, 0, -1):
        older = _numbered(path, number)
        if older.exists():
            older.replace(_numbered(path, number + 1))
    shutil.copyfile(path, _numbered(path, 1))
    with path.open("r+b") as file:
        file.truncate(0)
    return True


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")
