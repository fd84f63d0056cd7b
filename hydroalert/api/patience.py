"""How long a body may take to come: whoever sends a byte now and then would hold a connection for ever (CWE-400)."""

import asyncio
from http import HTTPStatus
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from hydroalert.api.problems import Refused

PATIENCE_S = 30.0
_CLOSE = {"Connection": "close"}
_PICTURES = "/evidence"
"""They are long, and bounded by a least rate of their own."""


class Patient:
    """An ASGI application around another, for which every body is whole within `patience_s`, or refused (408)."""

    def __init__(self, app: ASGIApp, patience_s: float = PATIENCE_S) -> None:
        self._app = app
        self._patience_s = patience_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != ScopeType.HTTP or scope["path"].endswith(_PICTURES):
            await self._app(scope, receive, send)
            return
        deadline: float | None = asyncio.get_running_loop().time() + self._patience_s

        async def receive_in_time() -> Any:
            """Once the body is whole, what comes is that the client goes, whenever that is."""
            nonlocal deadline
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                words = f"The body was not whole within {self._patience_s:.0f} s: send it again."
                raise Refused(HTTPStatus.REQUEST_TIMEOUT, "too-slow", words, headers=_CLOSE) from None
            if message["type"] != "http.request" or not message.get("more_body"):
                deadline = None
            return message

        await self._app(scope, receive_in_time, send)
