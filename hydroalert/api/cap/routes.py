"""`/api/v1/cap`: the feed of CAP messages, and each message to the byte."""

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter

from hydroalert.api import cursors
from hydroalert.api.callers.may import anyone
from hydroalert.api.cap.conditional import entity_tag, http_date, is_known, last_modified
from hydroalert.api.cap.feed import MEDIA_TYPE as ATOM
from hydroalert.api.cap.feed import PATH, Selection, atom_feed
from hydroalert.api.problems import documented
from hydroalert.api.services import Services
from hydroalert.domain.codes import is_code
from hydroalert.domain.errors import NotFound
from hydroalert.store import Connection
from hydroalert.store import reading_cap as store
from hydroalert.store.reading import reading
from hydroalert.wire.cap.message import MEDIA_TYPE as CAP

_IDENTIFIER = re.compile(r"[a-z0-9-]{1,200}")
_NEVER_CHANGES = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_KNOWN = {304: ResponseSpec(None, description="What the client has is what there is", generate_examples=False)}


class Position(msgspec.Struct, frozen=True, array_like=True):
    """The last message of a page."""

    sent: datetime
    identifier: str


_START = Position(datetime(9999, 1, 1, tzinfo=UTC), "")


@get(
    PATH,
    media_type=ATOM,
    tags=["cap"],
    summary="Atom feed of CAP messages, the newest first",
    guards=[anyone()],
    responses={
        200: ResponseSpec(bytes, description="RFC 4287", media_type=ATOM, generate_examples=False),
        **_KNOWN,
        **documented(400, 404, 503),
    },
)
async def read_cap_feed(
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
    area: Annotated[str | None, QueryParameter(description="One area's messages, by its code")] = None,
    drill: Annotated[bool, QueryParameter(description="The exercises, instead of what is real")] = False,
    limit: Annotated[int, QueryParameter(description="Messages a page", ge=1, le=200)] = 50,
    cursor: Annotated[str | None, QueryParameter(description="From the `next` link of the page before")] = None,
) -> Response[bytes]:
    """Each entry links to its message. `ETag` and `Last-Modified` make asking again cheap."""
    selection = Selection(drill, area)
    before = _START
    if cursor is not None:
        before = cursors.unseal(services.cursor_key, ("cap", selection), cursor, Position)
    found = await _find(services, selection, before, limit + 1)
    messages = found[:limit]
    following = None
    if len(found) > limit:
        last = Position(messages[-1].sent, messages[-1].identifier)
        following = cursors.seal(services.cursor_key, ("cap", selection), last)
    body = atom_feed(messages, selection, services.cursor_key, following)
    modified = last_modified(messages[0].sent if messages else None, services.clock())
    headers = {"Cache-Control": _ASK_AGAIN, **cursors.next_link(request, following)}
    return _unless_known(request, body, ATOM, modified, headers)


@get(
    PATH + "/{identifier:str}",
    media_type=CAP,
    tags=["cap"],
    summary="One CAP 1.2 message, as it was sent",
    guards=[anyone()],
    responses={
        200: ResponseSpec(bytes, description="OASIS CAP 1.2", media_type=CAP, generate_examples=False),
        **_KNOWN,
        **documented(404, 503),
    },
)
async def read_cap_message(
    identifier: Annotated[str, PathParameter(description="The message's identifier")],
    request: Request[Any, Any, Any],
    services: NamedDependency[Services],
) -> Response[bytes]:
    """To the byte, signature and all: a message never changes, what follows it is another message."""
    found = None
    if _IDENTIFIER.fullmatch(identifier):
        async with reading(services.readings) as connection:
            found = await store.message(connection, identifier)
    if found is None:
        raise NotFound(f"there is no CAP message {identifier!r}: {PATH} lists them")
    return _unless_known(request, found.xml.encode(), CAP, found.sent, {"Cache-Control": _NEVER_CHANGES})


async def _find(services: Services, selection: Selection, before: Position, limit: int) -> list[store.StoredMessage]:
    async with reading(services.readings) as connection:
        if selection.area is not None and not await _is_known_area(connection, selection.area):
            raise NotFound(f"there is no area {selection.area!r}")
        position = before.sent, before.identifier
        return await store.messages_page(connection, selection.area, position, limit, drill=selection.drill)


async def _is_known_area(connection: Connection, code: str) -> bool:
    return is_code(code) and await store.area_is_known(connection, code)


def _unless_known(
    request: Request[Any, Any, Any],
    body: bytes,
    media_type: str,
    modified: datetime | None,
    headers: dict[str, str],
) -> Response[bytes]:
    tag = entity_tag(body)
    headers = headers | {"ETag": tag} | ({} if modified is None else {"Last-Modified": http_date(modified)})
    if is_known(request.headers, tag, modified):
        return Response(b"", status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
