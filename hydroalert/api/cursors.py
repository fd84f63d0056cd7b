"""Cursors: where the next page starts, signed, so that nobody can make one up or use it for another question."""

import base64
import binascii
import hmac
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Request

from hydroalert.domain.errors import InvalidInput

T = TypeVar("T")

_TAG_BYTES = 12
_MAX_CURSOR_LENGTH = 512


def cursor_key(master_key: bytes) -> bytes:
    """The key that cursors are signed with, the same in every process that has the master key."""
    return hmac.digest(master_key, b"hydroalert http cursor 1", "sha256")


def seal(key: bytes, question: object, position: object) -> str:
    """The cursor for `position` in the answer to `question`; both are encoded as JSON."""
    payload = msgspec.json.encode(position)
    return base64.urlsafe_b64encode(_tag(key, question, payload) + payload).decode().rstrip("=")


def unseal(key: bytes, question: object, cursor: str, kind: type[T]) -> T:
    """The position in a cursor that `seal` made for the same question; InvalidInput for any other text."""
    try:
        if len(cursor) > _MAX_CURSOR_LENGTH:
            raise ValueError
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        tag, payload = sealed[:_TAG_BYTES], sealed[_TAG_BYTES:]
        canonical = base64.urlsafe_b64encode(sealed).decode().rstrip("=") == cursor
        if not canonical or not hmac.compare_digest(tag, _tag(key, question, payload)):
            raise ValueError
        return msgspec.json.decode(payload, type=kind)
    except (ValueError, binascii.Error, msgspec.MsgspecError) as error:
        raise InvalidInput(
            "not a cursor of this query: take `next` of an earlier page and repeat its other parameters", "cursor"
        ) from error


def next_link(request: Request[Any, Any, Any], cursor: str | None) -> dict[str, str]:
    """The Link header (RFC 8288) to the next page, relative to the path; empty on the last."""
    if cursor is None:
        return {}
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return {"Link": f'<{request.url.path}?{urlencode([*kept, ("cursor", cursor)])}>; rel="next"'}


def _tag(key: bytes, question: object, payload: bytes) -> bytes:
    return hmac.digest(key, msgspec.json.encode(question) + b"\0" + payload, "sha256")[:_TAG_BYTES]
