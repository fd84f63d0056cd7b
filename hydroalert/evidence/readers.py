"""The processes that read pictures, as the api asks them: few, begun when needed, ended when they take too long."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import BinaryIO, Self

import msgspec
import structlog

from hydroalert.domain.errors import Unavailable
from hydroalert.evidence.picture import Picture, Refusal, Word
from hydroalert.evidence.worker import MAX_ANSWER_BYTES

_log = structlog.get_logger("hydroalert.evidence")

_TURN_PATIENCE_S = 120.0
_MAX_PICTURES = 100

Answer = Picture | Refusal


class Reader:
    """One process and the socket that it is asked over. Not for two at once."""

    def __init__(self) -> None:
        self._asking, asked = socket.socketpair()
        self._asking.setblocking(False)
        self.pictures = 0
        with asked:
            self._process = _begin(asked.fileno())

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    async def read(self, *files: BinaryIO) -> Answer:
        """Ask, and wait. Raises OSError or EOFError when the process is gone, ValidationError for no true answer."""
        self.pictures += 1
        socket.send_fds(self._asking, [b"r"], [file.fileno() for file in files])
        answer = b""
        while not answer.endswith(b"\n"):
            more = await asyncio.get_running_loop().sock_recv(self._asking, MAX_ANSWER_BYTES)
            if not more or len(answer) > MAX_ANSWER_BYTES:
                raise EOFError
            answer += more
        told: Answer = msgspec.json.decode(answer, type=Answer)
        return told

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._asking.close()


def _begin(asked: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own module, with nothing of the environment
        [sys.executable, "-I", "-m", "hydroalert.evidence.worker", str(asked)],
        pass_fds=[asked],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={},
    )


class Readers:
    """At most `processes` of them, each given `patience_s` for a picture. Who asks while all are busy waits."""

    def __init__(self, processes: int | None = None, *, patience_s: float = 60.0) -> None:
        self._patience_s = patience_s
        self._turns = asyncio.Semaphore(processes or min(2, os.cpu_count() or 1))
        self._idle: list[Reader] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        while self._idle:
            await asyncio.to_thread(self._idle.pop().end)

    async def read(self, sent: BinaryIO, picture: BinaryIO, thumbnail: BinaryIO) -> Answer:
        """What the picture is, with what is kept of it written into the two other files, or why it is not taken.

        A process that dies of a picture, or takes too long, is ended, and the picture is `unreadable`. Raises
        Unavailable when no process can be had in time.
        """
        async with self._turn():
            reader = await self._idle_reader()
            try:
                async with asyncio.timeout(self._patience_s):
                    answer = await reader.read(sent, picture, thumbnail)
            except (TimeoutError, EOFError, OSError, msgspec.ValidationError, msgspec.DecodeError) as fault:
                _log.warning("picture_unreadable", pid=reader.pid, fault=type(fault).__name__)
                await asyncio.to_thread(reader.end)
                return Refusal(Word.UNREADABLE)
            except asyncio.CancelledError:
                reader.end()
                raise
            await self._put_back(reader)
            return answer

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(_TURN_PATIENCE_S):
                await self._turns.acquire()
        except TimeoutError:
            raise Unavailable("many pictures are waiting to be read: send this one again in a few minutes") from None
        try:
            yield
        finally:
            self._turns.release()

    async def _idle_reader(self) -> Reader:
        while self._idle:
            reader = self._idle.pop()
            if reader.lives:
                return reader
            await asyncio.to_thread(reader.end)
        try:
            return await asyncio.to_thread(Reader)
        except OSError as error:
            raise Unavailable(f"no process to read pictures with can be begun: {error.strerror}") from error

    async def _put_back(self, reader: Reader) -> None:
        if reader.pictures < _MAX_PICTURES:
            self._idle.append(reader)
        else:
            await asyncio.to_thread(reader.end)
