#!/usr/bin/env python3
"""Run a command, wait for it, and see to it that no process outlives it.

usage: contained.py [--limit-s N] COMMAND [ARGUMENT...]

The exit code is the command's own; 124 when it passed its time limit; 99 when it succeeded but left
processes behind. Those are named on standard error and killed, however far they had detached themselves: this
process is a *subreaper*, so that the kernel hands it every orphan among its descendants
(prctl(2), PR_SET_CHILD_SUBREAPER).
"""

import argparse
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
LEFTOVERS = 99
OUT_OF_TIME = 124
GRACE_S = 15.0


def main() -> int:
    arguments = parse(sys.argv[1:])
    become_subreaper()
    code = run(arguments.command, arguments.limit_s)
    leftovers = list(descendants(os.getpid()))
    for pid in leftovers:
        print(f"contained: left behind and now killed: {describe(pid)}", file=sys.stderr)
    kill_all()
    return code or (LEFTOVERS if leftovers else 0)


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run a command and leave no process behind.")
    parser.add_argument("--limit-s", type=float, default=None, help="stop the command after so many seconds")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="the command and its arguments")
    arguments = parser.parse_args(argv)
    if not arguments.command:
        parser.error("name a command to run")
    return arguments


def become_subreaper() -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refuses PR_SET_CHILD_SUBREAPER")


class OutOfTime(Exception):
    """The command's time limit has passed."""


def run(command: list[str], limit_s: float | None) -> int:
    """The command's exit code, as a shell would give it. A signal to this process is passed on to it."""
    child = subprocess.Popen(command, start_new_session=True)  # noqa: S603  (whose purpose is to run it)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: signal_group(child.pid, received))
    try:
        with time_limit(limit_s):
            child.returncode = wait_for(child.pid)
    except OutOfTime:
        print(f"contained: stopped after its limit of {limit_s} s: {' '.join(command)}", file=sys.stderr)
        stop(child)
        return OUT_OF_TIME
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def wait_for(pid: int) -> int:
    """The exit code of a child. Orphans that were handed to this process are reaped meanwhile, as init does it."""
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == pid:
            return os.waitstatus_to_exitcode(status)


@contextlib.contextmanager
def time_limit(limit_s: float | None) -> Iterator[None]:
    """Raise OutOfTime in the block after so many seconds."""

    def interrupt(_number: int, _frame: object) -> None:
        raise OutOfTime

    signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, limit_s or 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def stop(child: "subprocess.Popen[bytes]") -> None:
    """Ask the command to end, as Ctrl-C would; what does not heed that is killed later with the rest."""
    signal_group(child.pid, signal.SIGINT)
    with contextlib.suppress(OutOfTime), time_limit(GRACE_S):
        child.returncode = wait_for(child.pid)


def signal_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def descendants(root: int) -> Iterator[int]:
    """Every living process below `root`; one that ended and waits to be reaped does not count."""
    children: dict[int, list[int]] = {}
    for pid, parent in living():
        children.setdefault(parent, []).append(pid)
    below = list(children.get(root, []))
    while below:
        pid = below.pop()
        yield pid
        below.extend(children.get(pid, []))


def living() -> Iterator[tuple[int, int]]:
    """(process id, parent's id) of each process, from proc(5): pid (name) state parent …"""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    yield int(entry.name), int(parent)


def describe(pid: int) -> str:
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return f"{pid} {b' '.join(words).decode(errors='replace').strip()}"
    return f"{pid} (already gone)"


def kill_all() -> None:
    """Kill until nothing is left: a process may start another while it is being looked for."""
    give_up_at = time.monotonic() + GRACE_S
    while pids := list(descendants(os.getpid())):
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"these processes do not die: {pids}")
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        reap()
        time.sleep(0.05)
    reap()


def reap() -> None:
    """Take the exit codes of children that ended, so that they do not stay as zombies."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


if __name__ == "__main__":
    sys.exit(main())
