"""Argon2id (RFC 9106) in threads: only so many at once, only so many waiting, and a hash for names nobody has."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hydroalert.domain.errors import Unavailable

T = TypeVar("T")

_AT_ONCE = 2
_WAITING = 32
# What anyone may see: salt and hash of no password. To verify against it costs what a real one does.
_NO_SALT, _NO_HASH = "bm9ib2R5IGhhcyBpdCA6LQ", "bm8gcGFzc3dvcmQgaGFzIHRoaXMgaGFzaCBhdCBhbGw"


def owasp() -> PasswordHasher:
    """19 MiB, two passes, one lane: OWASP's Password Storage Cheat Sheet, the least that it recommends."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Hasher:
    """Hashes and verifies passwords. At most two at once, so that it takes 38 MiB and never more.

    `computed` counts how often Argon2 ran.
    """

    def __init__(
        self, argon2: PasswordHasher | None = None, *, at_once: int = _AT_ONCE, waiting: int = _WAITING
    ) -> None:
        self._argon2 = argon2 or owasp()
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        self._room = at_once + waiting
        self._under_way = 0
        self.computed = 0

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises Unavailable when too many wait."""
        return await self._run(lambda: self._argon2.hash(password))

    async def verifies(self, kept: str | None, password: str) -> bool:
        """Whether it is the password of that hash; of none, after the same work, never. Raises Unavailable."""
        return await self._run(lambda: self._verifies(kept or self._nobodys, password)) and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether the hash was made with other parameters than are in use now."""
        return self._argon2.check_needs_rehash(kept)

    def _verifies(self, kept: str, password: str) -> bool:
        try:
            return self._argon2.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False

    @property
    def _nobodys(self) -> str:
        argon2 = self._argon2
        costs = f"m={argon2.memory_cost},t={argon2.time_cost},p={argon2.parallelism}"
        return f"$argon2id$v=19${costs}${_NO_SALT}${_NO_HASH}"

    async def _run(self, work: Callable[[], T]) -> T:
        if self._under_way >= self._room:
            raise Unavailable("too many are logging in at this moment: try again shortly")
        self._under_way += 1
        self.computed += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._under_way -= 1
