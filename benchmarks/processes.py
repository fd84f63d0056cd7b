"""What processes cost, from /proc: CPU time and memory (proc(5))."""

import contextlib
import math
import os
from collections import defaultdict
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """The process and all that descend from it and live."""
    children: dict[int, list[int]] = defaultdict(list)
    for path in _PROC.iterdir():
        if path.name.isdecimal():
            with contextlib.suppress(OSError):
                children[int(_fields(int(path.name))[1])].append(int(path.name))
    found = [pid]
    for one in found:
        found += children[one]
    return found


def cpu_s(pid: int) -> float:
    """CPU seconds of the process and its descendants, those that have ended and were waited for included."""
    ticks = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            ticks += sum(map(int, _fields(one)[11:15]))
    return ticks * _TICK_S


def resident_mb(pid: int, *, peak: bool = False) -> float:
    """Resident memory of the process and its descendants; `peak`: the most that each ever had."""
    return sum(memory_mb(one, "VmHWM" if peak else "VmRSS") for one in family(pid))


def memory_mb(pid: int, kind: str) -> float:
    """Of the process alone: `VmRSS`, `VmHWM` (the most that it ever was), `VmPeak` (the most of its address space)."""
    with contextlib.suppress(OSError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith(f"{kind}:"):
                return int(line.split()[1]) / 1024
    return 0.0


def address_space_limit_mb(pid: int) -> float:
    """The process's RLIMIT_AS; infinite where it has none. Raises OSError where it has ended."""
    for line in (_PROC / str(pid) / "limits").read_text().splitlines():
        if line.startswith("Max address space") and line.split()[3] != "unlimited":
            return int(line.split()[3]) / 1024**2
    return math.inf


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may itself hold blanks: state, parent, …"""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
