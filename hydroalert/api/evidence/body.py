"""The body of an upload, as slowly as a bad network sends it, and no more of it than is allowed."""

import asyncio
from http import HTTPStatus
from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException

from hydroalert.api.problems import Refused
from hydroalert.evidence.picture import MAX_SENT_BYTES
from hydroalert.evidence.spool import Spool

_PATIENCE_S = 20.0
_LEAST_BYTES_PER_S = 4_000
"""Half of what a telephone sends where there is nothing better than EDGE."""


def check_length(request: Request[Any, Any, Any]) -> None:
    """Raises Refused for a body that says itself that it is too long, before any of it is read."""
    if (request.content_length or 0) > MAX_SENT_BYTES:
        raise too_large()


async def receive(request: Request[Any, Any, Any], spool: Spool) -> None:
    """Have all of it in the spool. Raises Refused: 413 as soon as it is too long, 408 from who is too slow, 400 when
    it ends too early."""
    begun_s = asyncio.get_running_loop().time()
    try:
        async with asyncio.timeout(_PATIENCE_S) as patience:
            async for chunk in request.stream():
                if spool.size_bytes + len(chunk) > MAX_SENT_BYTES:
                    raise too_large()
                await spool.add(chunk)
                patience.reschedule(begun_s + _PATIENCE_S + spool.size_bytes / _LEAST_BYTES_PER_S)
    except TimeoutError:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, "too-slow", "The picture took too long to come.") from None
    except InternalServerException:
        raise Refused(HTTPStatus.BAD_REQUEST, "cut-off", "The body ended before all of it was there.") from None
    await spool.flush()


def too_large() -> Refused:
    """413, with how long a picture may be."""
    most = MAX_SENT_BYTES // 1_000_000
    return Refused(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        f"A picture may have {most} MB: make it smaller and send it again.",
    )
