"""What could tell who a reporter is: read, and erased for good."""

from datetime import datetime
from uuid import UUID

from hydroalert.store.pool import Connection

_SEALED = "SELECT contact FROM report WHERE id = $1"
# The digest of what was sent rests on the contact, too: who has the master key could try numbers on it.
_EXPIRED = """
SELECT id FROM report WHERE contact IS NOT NULL AND contact_until <= $1
ORDER BY contact_until LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED
"""
_ERASE_CONTACT = """
UPDATE report SET contact = NULL, contact_until = NULL, reporter = NULL, once = NULL, once_body = NULL WHERE id = $1
"""
_ERASE = """
UPDATE report SET position = cell, accuracy_m = NULL, text = '', erased_at = $2,
                  tracking = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
WHERE id = $1
"""


async def read_sealed_contact(connection: Connection, report_id: UUID) -> bytes | None:
    """The contact of a report as it is sealed; None where there is none."""
    sealed: bytes | None = await connection.fetchval(_SEALED, report_id)
    return sealed


async def lock_expired(connection: Connection, now: datetime, limit: int) -> list[UUID]:
    """Reports whose contact has been kept for long enough, locked; those that somebody else holds are left out."""
    return [row["id"] for row in await connection.fetch(_EXPIRED, now, limit)]


async def erase_contact(connection: Connection, report_id: UUID) -> None:
    """The contact, and every digest that rests on it. The caller holds the row locked."""
    await connection.execute(_ERASE_CONTACT, report_id)


async def erase_person(connection: Connection, report_id: UUID, at: datetime) -> None:
    """Everything else that leads to a person: the exact place, the words, the tracking code.

    The caller holds the row locked. No code has the digest that stands in the place of the erased one.
    """
    await connection.execute(_ERASE, report_id, at)
