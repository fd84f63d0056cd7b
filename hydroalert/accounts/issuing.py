"""What a login is given: an access token for ten minutes, and a refresh token that brings the next."""

import base64
import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hydroalert.accounts.proving import Desk
from hydroalert.accounts.tokens import LIFETIME, issue
from hydroalert.domain.actors import Role
from hydroalert.store import Connection
from hydroalert.store.refresh_tokens import keep_token
from hydroalert.store.sealing import Sealer
from hydroalert.store.signing_keys import current_signing_key

IDLE = timedelta(hours=12)
"""A login that nobody continues ends after that."""

IN_ALL = timedelta(days=30)
"""However often it is continued."""

_REFRESH_BYTES = 32
_PURPOSE = "refresh-token"


class Grant(msgspec.Struct, frozen=True):
    """Whose login it is."""

    session_id: UUID
    account_id: int
    role: Role
    must_change: bool


class Tokens(msgspec.Struct, frozen=True):
    """What the client keeps, and what it should know of its account."""

    access_token: str
    refresh_token: str
    lifetime: timedelta
    role: Role
    must_change: bool


async def grant(connection: Connection, desk: Desk, to: Grant, refresh_token: str, now: datetime) -> Tokens:
    """A new access token beside that refresh token."""
    key = await current_signing_key(connection, desk.sealer, desk.random_bytes)
    access_token = issue(key, to.account_id, to.session_id, now)
    return Tokens(access_token, refresh_token, LIFETIME, to.role, to.must_change)


async def give_out(connection: Connection, refresh_token: str, session_id: UUID, now: datetime) -> None:
    """Keep its digest, to know it when it comes back."""
    await keep_token(connection, digest_of(refresh_token), session_id, now)


def stands_until(created_at: datetime, now: datetime) -> datetime:
    """When a login that was used now ends."""
    return min(now + IDLE, created_at + IN_ALL)


def first_refresh_token(desk: Desk) -> str:
    """256 random bits."""
    return _text(desk.random_bytes(_REFRESH_BYTES))


def successor_of(refresh_token: str, sealer: Sealer) -> str:
    """The one that it is exchanged for: always the same, and without the master key nobody can tell which.

    So who repeats a refresh whose answer was lost gets that very answer, and no second line of tokens begins.
    """
    return _text(sealer.digest(refresh_token.encode("utf-8", "replace"), _PURPOSE))


def digest_of(refresh_token: str) -> bytes:
    """What is kept of it."""
    return hashlib.sha256(refresh_token.encode("utf-8", "replace")).digest()


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
