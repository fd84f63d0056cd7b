"""What operators are told of the platform itself: no queue, each subscription just remembers what it was told last."""

from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.addresses import Kind
from hydroalert.store.pool import Connection

# Whoever claims pushes the time ahead: what is not settled by then is anyone's again.
_CLAIM = """
UPDATE subscription SET notice_due_at = now() + $2::interval WHERE id IN (
    SELECT id FROM subscription
    WHERE enabled AND audience = 'operators' AND told_amiss <> $1 AND notice_due_at <= now()
    FOR NO KEY UPDATE SKIP LOCKED
)
RETURNING id, name, kind, sealed, told_amiss_at
"""
_TOLD = """
UPDATE subscription SET told_amiss = $2, told_amiss_at = now(), notice_due_at = now() + $3::interval WHERE id = $1
"""
_AGAIN = "UPDATE subscription SET notice_due_at = now() + $2::interval WHERE id = $1"


class Uninformed(msgspec.Struct, frozen=True):
    """An operators' subscription that was last told something else, at `told_amiss_at`."""

    id: int
    name: str
    kind: Kind
    sealed: bytes
    told_amiss_at: datetime


async def claim_uninformed(connection: Connection, amiss: str, lease: timedelta) -> list[Uninformed]:
    """Take on those that do not know yet that this is amiss; an empty text: that nothing is."""
    return msgspec.convert(await connection.fetch(_CLAIM, amiss, lease), list[Uninformed])


async def note_informed(connection: Connection, subscription_id: int, amiss: str, quiet: timedelta) -> None:
    """It knows now, and hears nothing more of this kind for a while."""
    await connection.execute(_TOLD, subscription_id, amiss, quiet)


async def postpone_notice(connection: Connection, subscription_id: int, pause: timedelta) -> None:
    """It could not be told; try again after a pause."""
    await connection.execute(_AGAIN, subscription_id, pause)
