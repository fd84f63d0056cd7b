"""The head of a request, bounded in size and time: uvicorn itself waits for its end for ever, and keeps all of it."""

import asyncio
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hydroalert.api.problems import MEDIA_TYPE, problem

MAX_HEAD_BYTES = 65_536
"""Of whatever is no body: request line, fields, chunk extensions, trailers; to what one read of the socket brings."""

_PATIENCE_S = 20.0
_NOT_HTTP = "This is no HTTP request, or its parts contradict each other: see RFC 9112."
_TOO_LONG = f"Request line and fields have at most {MAX_HEAD_BYTES} bytes: send less of them."


class BoundedHeads(HttpToolsProtocol):
    """uvicorn's protocol for those who send a head that never ends, or end it never (CWE-400)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unfinished_bytes = 0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client came."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """It went."""
        self._head_has_come()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """The parser takes it; what finished nothing adds up."""
        self._unfinished_bytes += len(data)
        super().data_received(data)
        if self._unfinished_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", _TOO_LONG)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._head_has_come()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body: the route that takes it has its own limit."""
        self._unfinished_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._unfinished_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """As every other error is answered."""
        self._refuse(HTTPStatus.BAD_REQUEST, "bad-request", _NOT_HTTP)

    def _await_head(self) -> None:
        if self._patience is None:
            self._patience = self.loop.call_later(_PATIENCE_S, self._give_up)

    def _head_has_come(self) -> None:
        self._unfinished_bytes = 0
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        """Unless it is our turn: who asked twice at once waits for the first answer."""
        self._patience = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
        else:
            self._await_head()

    def _refuse(self, status: HTTPStatus, name: str, words: str) -> None:
        body = msgspec.json.encode(problem(status, name, words))
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()
