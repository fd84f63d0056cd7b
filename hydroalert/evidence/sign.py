"""Links that open one picture to whoever has them, for a few minutes, and say nothing else. Pure.

`HMAC-SHA-256(key, "GET" LF id LF variant LF expires)`, as base64url without padding: nothing of it can be changed, and
no link of one picture opens another. Who removes a picture closes its links, too: there is nothing behind them.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import msgspec

from hydroalert.domain.clock import EPOCH

VALID_FOR = timedelta(minutes=15)
_STEP = timedelta(minutes=5)  # links made within one are the same: who looks again need not fetch again
_SECOND = timedelta(seconds=1)


class Variant(StrEnum):
    """What can be looked at of a picture."""

    PICTURE = "picture"
    THUMBNAIL = "thumbnail"


class Fault(StrEnum):
    """Why a link opens nothing."""

    BAD = "bad-link"
    EXPIRED = "link-expired"


class Links(msgspec.Struct, frozen=True):
    """Paths with their query, good until then."""

    picture: str
    thumbnail: str
    expires_at: datetime


def link_key(master_key: bytes) -> bytes:
    """The key that links are signed with, the same in every process that has the master key."""
    return hmac.digest(master_key, b"hydroalert evidence link 1", "sha256")


def links_to(key: bytes, evidence_id: UUID, now: datetime) -> Links:
    """Where the picture and its thumbnail can be had, for 10 to 15 minutes."""
    expires_at = EPOCH + (now - EPOCH) // _STEP * _STEP + VALID_FOR
    picture, thumbnail = (_path(key, evidence_id, variant, expires_at) for variant in Variant)
    return Links(picture, thumbnail, expires_at)


def fault_of(
    key: bytes, evidence_id: UUID, variant: Variant, expires: int, signature: str, now: datetime
) -> Fault | None:
    """Why the link opens nothing; None where it does. That it has expired is only told of one that we made."""
    if not hmac.compare_digest(_signature(key, evidence_id, variant, expires), signature.encode("utf-8", "replace")):
        return Fault.BAD
    return Fault.EXPIRED if expires <= (now - EPOCH) // _SECOND else None


def _path(key: bytes, evidence_id: UUID, variant: Variant, expires_at: datetime) -> str:
    expires = (expires_at - EPOCH) // _SECOND
    signature = _signature(key, evidence_id, variant, expires).decode()
    return f"/api/v1/evidence/{evidence_id}/{variant}?expires={expires}&signature={signature}"


def _signature(key: bytes, evidence_id: UUID, variant: Variant, expires: int) -> bytes:
    told = f"GET\n{evidence_id}\n{variant}\n{expires}".encode()
    return urlsafe_b64encode(hmac.digest(key, told, "sha256")).rstrip(b"=")
