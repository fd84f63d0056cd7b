"""The audit: who acts, as triggers keep it, and events that change no row. `docs/why/audit.md` says who may do what."""

import msgspec

from hydroalert.domain.actors import Actor
from hydroalert.store.pool import Connection, Pool

ACTOR_SETTING = "hydroalert.actor"
"""The setting in which a transaction, or a whole connection, says who acts."""

_ACT_AS = f"SELECT set_config('{ACTOR_SETTING}', $1, true)"
_RECORD = "SELECT add_audit($1, $2, $3, $4::jsonb, $5::jsonb)"


async def act_as(connection: Connection, actor: Actor) -> None:
    """From now to the end of this transaction, that one acts."""
    await connection.execute(_ACT_AS, setting_of(actor))


def setting_of(actor: Actor) -> str:
    """The value of the setting that says so."""
    return msgspec.json.encode(actor).decode()


async def record(connection: Connection | Pool, act: str, thing: str, target: str, after: object = None) -> None:
    """Keep an event that changes no audited row, such as a failed login or an export. Commits with the caller's
    transaction."""
    kept = None if after is None else msgspec.json.encode(after).decode()
    await connection.execute(_RECORD, act, thing, target, None, kept)
