"""Bodies that are taken as they are: frames, tables."""

import asyncio
from http import HTTPStatus
from typing import Any

from litestar import Request
from litestar.exceptions import InternalServerException

from hydroalert.api.problems import Refused

_TIMEOUT_S = 20.0


async def read_body(request: Request[Any, Any, Any]) -> bytes:
    """The whole body. Raises Refused where it does not come.

    Litestar stops reading at the route's limit (413), and calls it a fault of its own where the client is gone.
    """
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            return await request.body()
    except TimeoutError:
        raise Refused(HTTPStatus.REQUEST_TIMEOUT, "too-slow", "The body took too long to come.") from None
    except InternalServerException:
        raise Refused(HTTPStatus.BAD_REQUEST, "cut-off", "The body ended before all of it was there.") from None
