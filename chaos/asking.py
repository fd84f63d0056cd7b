"""How people ask an api that may die at any moment: they ask again, and never take silence for an answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from chaos.deeds import Deeds

TRY_AGAIN_S = 0.1
PATIENCE_S = 20.0
_PIECES = 4
_BETWEEN_PIECES_S = 0.01

Json = dict[str, Any]
Content = Callable[[], AsyncIterator[bytes]]


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    body: Json

    @property
    def is_success(self) -> bool:
        """Whether it was done."""
        return self.status < HTTPStatus.BAD_REQUEST


class Asker:
    """One person's way to the api."""

    def __init__(self, http: str, deeds: Deeds, headers: dict[str, str]) -> None:
        self._deeds = deeds
        self._client = httpx.AsyncClient(base_url=f"{http}/api/v1/", headers=headers, timeout=PATIENCE_S)

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    async def once(self, method: str, path: str, *, content: Content | None = None, **request: Any) -> Answer | None:
        """One try. None: nobody knows what came of it, because the connection or the database died meanwhile."""
        try:
            body = None if content is None else content()
            answer = await self._client.request(method, path, content=body, **request)
        except httpx.TransportError:
            return None
        if answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            self._note(method, path, answer.text)
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return None
        return Answer(answer.status_code, answer.json() if answer.content else {})

    async def until_answered(self, method: str, path: str, **request: Any) -> Answer:
        """The same over and over, until somebody answers; for what may be said twice."""
        while True:
            answer = await self.once(method, path, **request)
            if answer is not None:
                return answer
            await asyncio.sleep(TRY_AGAIN_S)

    async def until_done(self, method: str, path: str, **request: Any) -> Json | None:
        """The same for what must be well; None, and noted, where it is not."""
        answer = await self.until_answered(method, path, **request)
        if answer.is_success:
            return answer.body
        self._note(method, path, str(answer.body))
        return None

    def _note(self, method: str, path: str, words: str) -> None:
        self._deeds.unforeseen.append(f"{method} {path}: {words}")


def slowly(content: bytes) -> Content:
    """The bytes as a weak network lets them through, piece after piece: a blow falls in between."""
    step = len(content) // _PIECES + 1

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(content), step):
            yield content[start : start + step]
            await asyncio.sleep(_BETWEEN_PIECES_S)

    return pieces
