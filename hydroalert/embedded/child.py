"""A child process that never outlives its parent, and tells when it has ended.

`setpriv --pdeathsig` asks the kernel to signal the child when the parent dies, `kill -9` included. The child
leads a session of its own, so that Ctrl-C in the terminal reaches the parent only, which stops them in order.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from hydroalert.embedded.account import Account
from hydroalert.embedded.errors import PlatformError

POLL_S = 0.02


@dataclass(frozen=True, kw_only=True)
class Program:
    """What to run and how to end it.

    `stop_signal` asks for a clean end (and is what the kernel sends when the parent dies); `kill_signal`
    follows after `grace_s` seconds. `environment` is added to ours. Standard output goes to `output_path`, which
    nobody else can read, or else to the log with standard error.
    """

    name: str
    command: tuple[str, ...]
    log_path: Path
    output_path: Path | None = None
    directory: Path = Path("/")
    account: Account | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    kill_signal: signal.Signals = signal.SIGKILL
    grace_s: float = 15.0


class Child:
    """One run of a program, from its start to its end; never started again."""

    def __init__(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        self.program = program
        self.pid = process.pid
        self._process = process
        self._pidfd = os.pidfd_open(process.pid)

    @property
    def running(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    async def wait(self) -> int:
        """Wait for its end and return the exit code (negative: the signal that ended it)."""
        loop = asyncio.get_running_loop()
        while (code := self._process.poll()) is None:
            ended = asyncio.Event()
            loop.add_reader(self._pidfd, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(self._pidfd)
        return code

    async def stop(self, *, grace_s: float | None = None) -> int:
        """Ask it to end; insist when it has not within the grace. Returns its exit code."""
        self.signal(self.program.stop_signal)
        try:
            async with asyncio.timeout(self.program.grace_s if grace_s is None else grace_s):
                await self.wait()
        except TimeoutError:
            self.signal(self.program.kill_signal)
        return await self.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send one signal; a child that has ended is left alone, its pid may be another's by now."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def close(self) -> None:
        """Release the handle on a child that has ended, and end what it may have left in its group."""
        os.close(self._pidfd)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def spawn(program: Program) -> Child:
    """Start a program; its output is appended to its log.

    Must be called on a thread that lives as long as the child shall: the kernel's "parent" is the thread.
    """
    account = program.account
    death_signal = program.stop_signal.name.removeprefix("SIG")
    with program.log_path.open("ab") as log, _output_of(program) as output:
        process = subprocess.Popen(
            ["setpriv", "--pdeathsig", death_signal, "--", *program.command],  # noqa: S607
            stdin=subprocess.DEVNULL,
            stdout=output or log,
            stderr=log,
            cwd=program.directory,
            env={**os.environ, **program.environment},
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=account.groups if account else None,
        )
    return Child(program, process)


@contextmanager
def _output_of(program: Program) -> Iterator[int | None]:
    if program.output_path is None:
        yield None
        return
    descriptor = os.open(program.output_path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def until_ready(child: Child, ready: Callable[[], Awaitable[bool]], *, timeout_s: float) -> None:
    """Poll `ready` until it says yes.

    Raises PlatformError with the end of the log when the child ends first or the time is over.
    """
    try:
        async with asyncio.timeout(timeout_s):
            while not await ready():
                if not child.running:
                    raise PlatformError(describe_failure(child.program, "ended before it was ready"))
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        problem = f"was not ready within {timeout_s:.0f} s"
        raise PlatformError(describe_failure(child.program, problem)) from None


def describe_failure(program: Program, problem: str, *, lines: int = 8) -> str:
    """One paragraph for a person: what failed, the end of its log, and where the rest is."""
    tail = program.log_path.read_text(errors="replace").splitlines()[-lines:]
    said = "\n".join(f"    {line}" for line in tail) or "    (it said nothing)"
    return f"{program.name} {problem}. Its last words:\n{said}\nThe whole log: {program.log_path}"


@asynccontextmanager
async def running(
    program: Program, ready: Callable[[], Awaitable[bool]], *, timeout_s: float = 30.0
) -> AsyncIterator[Child]:
    """A child that is ready, stopped cleanly when the block is left."""
    child = spawn(program)
    try:
        await until_ready(child, ready, timeout_s=timeout_s)
        yield child
    finally:
        await child.stop()
        child.close()
