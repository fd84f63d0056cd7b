"""Conditional requests (RFC 9110, section 13): who has seen it already is not sent it again."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

SETTLED_AFTER = timedelta(minutes=2)
"""What was sent longer ago than this has all been committed: no statement may take as long."""


def entity_tag(body: bytes) -> str:
    """A strong validator: other bytes, another tag (8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def last_modified(newest: datetime | None, now: datetime) -> datetime | None:
    """When the newest of a list was sent, once nothing of the same second can still appear (8.8.2.2); else None."""
    return newest if newest is not None and now - newest > SETTLED_AFTER else None


def http_date(moment: datetime) -> str:
    """`Fri, 28 Nov 2025 06:30:00 GMT` (5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def is_known(headers: Mapping[str, str], tag: str, modified: datetime | None) -> bool:
    """Whether the client has this already: by its tags where it sent any, else by time (13.2.2)."""
    tags = headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or tag in [one.strip().removeprefix("W/") for one in tags.split(",")]
    since = _date(headers.get("if-modified-since"))
    return modified is not None and since is not None and modified <= since


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
