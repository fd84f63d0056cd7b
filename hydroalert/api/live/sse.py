"""`/api/v1/stream`: server-sent events (HTML, section 9.2)."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.types import Receive, Scope, Send

from hydroalert.api.callers.may import anyone
from hydroalert.api.documenting import EventStreamOut
from hydroalert.api.live.clients import Client
from hydroalert.api.live.entering import check_wanted, token_of
from hydroalert.api.live.events import Event
from hydroalert.api.live.filters import parse_filter
from hydroalert.api.live.service import Live, retry_in_ms
from hydroalert.api.problems import documented
from hydroalert.api.services import Services

_PIECE_BYTES = 16_384
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

Areas = Annotated[list[str] | None, QueryParameter(description="Codes of areas; repeat it, or separate with commas")]
Kinds = Annotated[
    list[str] | None, QueryParameter(description="alert, latest, report, shelter, triage; all unless said")
]
Box = Annotated[str | None, QueryParameter(description="minlon,minlat,maxlon,maxlat in degrees")]
Least = Annotated[str | None, QueryParameter(description="Of areas: minor, moderate, severe or extreme, and worse")]
Drill = Annotated[bool, QueryParameter(description="Exercises too, as events of the kind drill")]
LastId = Annotated[str | None, QueryParameter(description="As the header Last-Event-ID, for who cannot set it")]


class EventStream(Response[bytes]):
    """An answer that goes on until one side ends it. One task writes, one waits for the client to go."""

    def __init__(self, live: Live, client: Client, last_id: str | None) -> None:
        super().__init__(b"", media_type="text/event-stream")
        self._live = live
        self._client = client
        self._last_id = last_id

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        """The stream in the place of a body."""
        return self._stream

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = self._client
        address = (scope.get("client") or ("",))[0]
        with self._live.seats.seat(address):
            self._live.pace.check(address)
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await send(_body(b"retry: %d\n\n" % retry_in_ms()))
            watching = asyncio.create_task(_until_gone(receive), name="gone")
            watching.add_done_callback(lambda _: client.end())
            try:
                await self._live.join(client, self._last_id)
                await _write(client, send)
            finally:
                self._live.clients.remove(client)
                watching.cancel()


@get(
    "/api/v1/stream",
    tags=["live"],
    summary="What changes, as it changes: server-sent events",
    guards=[anyone(rate=None)],
    operation_class=EventStreamOut,
    responses=documented(400, 429, 503),
)
async def stream(  # noqa: PLR0913 - one for each part of the query
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    area: Areas = None,
    bbox: Box = None,
    severity: Least = None,
    kind: Kinds = None,
    drill: Drill = False,
    last_event_id: LastId = None,
) -> Response[bytes]:
    """First the state of everything that matches, then a heartbeat, then each change; docs/http.md says more."""
    wanted = parse_filter(area or [], bbox, severity, kind or [], drill)
    check_wanted(request, wanted)
    client = Client(wanted, token_of(request))
    return EventStream(services.live, client, request.headers.get("last-event-id") or last_event_id)


async def _write(client: Client, send: Send) -> None:
    """A client that takes nothing holds this up, until its queue is full or the kernel gives the connection up."""
    while client.ending is None:
        for piece in _pieces(await client.take()):
            await send(_body(piece))
            if client.ending is not None:
                break
    last = client.ending.event.sse if client.ending.event else b""
    await send(_body(last, more=False))


def _pieces(events: Sequence[Event]) -> Iterator[bytes]:
    """A single event goes out as it is, shared by all who get it; many are joined, never to more than a piece."""
    gathered: list[bytes] = []
    size = 0
    for event in events:
        if gathered and size + len(event.sse) > _PIECE_BYTES:
            yield b"".join(gathered)
            gathered, size = [], 0
        gathered.append(event.sse)
        size += len(event.sse)
    if gathered:
        yield gathered[0] if len(gathered) == 1 else b"".join(gathered)


def _body(body: bytes, *, more: bool = True) -> Any:
    return {"type": "http.response.body", "body": body, "more_body": more}


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
