"""The audit: what triggers and events write into it, append-only. `docs/why/audit.md` says who may do what to it."""

from datetime import datetime
from typing import Any

import msgspec

from hydroalert.domain.actors import Actor
from hydroalert.store.pool import Connection

ACTOR_SETTING = "hydroalert.actor"
"""The setting in which a transaction, or a whole connection, says who acts."""

_ACT_AS = f"SELECT set_config('{ACTOR_SETTING}', $1, true)"
_RECORD = "SELECT add_audit($1, $2, $3, $4::jsonb, $5::jsonb)"


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


async def act_as(connection: Connection, actor: Actor) -> None:
    """From now to the end of this transaction, that one acts."""
    await connection.execute(_ACT_AS, setting_of(actor))


def setting_of(actor: Actor) -> str:
    """The value of the setting that says so."""
    return msgspec.json.encode(actor).decode()


async def record(connection: Connection, act: str, thing: str, target: str, after: object = None) -> None:
    """Keep an event that changes no audited row, such as a failed login or an export. Commits with the caller's
    transaction."""
    kept = None if after is None else msgspec.json.encode(after).decode()
    await connection.execute(_RECORD, act, thing, target, None, kept)
