"""A WebSocket that is refused is answered as any other request: with problem details, instead of a handshake."""

from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from hydroalert.api.problems import MEDIA_TYPE, problem_of

_ANSWERS = "websocket.http.response"  # the extension of ASGI that an answer before the handshake needs


async def keep_refusal(error: Exception, scope: Scope) -> None:
    """For Litestar's `after_exception`: remember why, for who answers."""
    scope["refusal"] = error  # type: ignore[typeddict-unknown-key]


class Handshakes:
    """An ASGI application around another. Litestar closes a socket without a word: here the word is found again."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.WEBSOCKET or _ANSWERS not in (scope.get("extensions") or {}):
            await self._app(scope, receive, send)
            return
        accepted = False

        async def send_word(message: Message) -> None:
            nonlocal accepted
            accepted = accepted or message["type"] == "websocket.accept"
            error: Any = scope.get("refusal")
            if message["type"] == "websocket.close" and not accepted and error is not None:
                await _refuse(send, error, scope["path"])
            else:
                await send(message)

        await self._app(scope, receive, send_word)


async def _refuse(send: Send, error: Exception, path: str) -> None:
    found, headers = problem_of(error, path)
    given = {"content-type": MEDIA_TYPE, **headers}
    start: Any = {
        "type": f"{_ANSWERS}.start",
        "status": found.status,
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
    }
    body: Any = {"type": f"{_ANSWERS}.body", "body": msgspec.json.encode(found), "more_body": False}
    await send(start)
    await send(body)
