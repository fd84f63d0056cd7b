"""Free ports on loopback, and who holds one that is not."""

import contextlib
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        # As servers do: a port that only waits for old connections to fade is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def any_free(host: str = LOOPBACK) -> int:
    """A port that the kernel says is free; for tests, where any will do."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def next_free(port: int, host: str = LOOPBACK, *, taken: frozenset[int] = frozenset()) -> int:
    """`port`, or the first after it that is free and not in `taken`; 0 (any) when 1,000 are busy."""
    candidates = range(port, min(port + 1000, 65536))
    return next((p for p in candidates if p not in taken and is_free(p, host)), 0)


def holder_of(port: int) -> str:
    """Who listens on a TCP port, for a person: `mosquitto (pid 812)`, or `another program`."""
    inodes = _listening_inodes(port)
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and _holds(process, inodes):
            name = (process / "comm").read_text().strip()
            return f"{name} (pid {process.name})"
    return "another user's program"


def _listening_inodes(port: int) -> frozenset[str]:
    """The socket inodes of every listener on `port`, from /proc/net/tcp and tcp6 (proc(5))."""
    found = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == "0A" and int(columns[1].rsplit(":", 1)[1], 16) == port:
                    found.add(f"socket:[{columns[9]}]")
    return frozenset(found)


def _holds(process: Path, inodes: frozenset[str]) -> bool:
    with contextlib.suppress(OSError):
        return any(str(fd.readlink()) in inodes for fd in (process / "fd").iterdir())
    return False
