"""What the audit says: one entry for each thing that was done."""

from datetime import datetime
from typing import Any

import msgspec


class Entry(msgspec.Struct, frozen=True):
    """One thing that was done. `act`: added, changed, removed, or an event's own word; of a change, `before` and
    `after` hold only what changed. Secrets and personal data read `(hidden)`."""

    id: int
    at: datetime
    actor_kind: str
    actor: str
    account_id: int | None
    address: str | None
    request_id: str | None
    act: str
    thing: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Filter(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which entries are asked for; everything given must hold. `since` belongs to it, `until` does not."""

    actor: str | None = None
    thing: str | None = None
    target: str | None = None
    act: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
