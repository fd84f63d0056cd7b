"""One `up` a data directory: a lock that the kernel releases however its holder ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hydroalert.embedded.errors import RequestRefused


@contextmanager
def locked(data_dir: Path) -> Iterator[None]:
    """Hold the data directory for this process.

    Raises RequestRefused, naming the holder, when another process has it.
    """
    path = data_dir / "up.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RequestRefused(_describe_holder(data_dir, path)) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _describe_holder(data_dir: Path, path: Path) -> str:
    pid = ""
    with contextlib.suppress(OSError):
        pid = path.read_text().strip()
    return (
        f"`hydroalert up` already runs on {data_dir} (pid {pid or 'unknown'}); its addresses are in "
        f"{data_dir / 'endpoints.json'}. Stop it with: kill {pid or 'PID'}   or choose another --data-dir."
    )
