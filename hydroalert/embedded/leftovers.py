"""What a run that was killed may have left: processes whose working directory is a service's own."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from hydroalert.embedded.errors import PlatformError


def processes_in(directory: Path) -> tuple[int, ...]:
    """The pids whose working directory is `directory`; those that we may not look at are not ours."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError):
                if (entry / "cwd").readlink() == directory:
                    found.append(int(entry.name))
    return tuple(sorted(found))


async def stop_former(directory: Path, number: signal.Signals, *, grace_s: float = 20.0) -> int:
    """Stop every process that a former run left in `directory`; returns how many there were.

    Raises PlatformError when they do not end within the grace.
    """
    former = processes_in(directory)
    _signal_all(former, number)
    for _ in range(round(grace_s / 0.05)):
        remaining = processes_in(directory)
        if not remaining:
            return len(former)
        await asyncio.sleep(0.05)
    raise PlatformError(
        f"Process {remaining[0]} of a former run still works in {directory} and does not end when asked. "
        f"End it with: kill -9 {remaining[0]}"
    )


def _signal_all(pids: tuple[int, ...], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
