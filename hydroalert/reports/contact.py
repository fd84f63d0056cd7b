"""A reporter's contact: for how long it is kept, and who reads it."""

from datetime import datetime, timedelta
from uuid import UUID

from hydroalert.domain.errors import NotFound
from hydroalert.reports.vault import Vault
from hydroalert.store import Connection
from hydroalert.store.audit import record
from hydroalert.store.report_contacts import read_sealed_contact

KEPT_AT_MOST = timedelta(days=365)
"""However long nobody decides."""


def kept_until(contact_until: datetime | None, over_at: datetime, kept: timedelta) -> datetime | None:
    """Until when a contact is kept of a report that was decided or withdrawn at `over_at`; None where there is none."""
    return None if contact_until is None else min(contact_until, over_at + kept)


async def read_contact(connection: Connection, vault: Vault, report_id: UUID) -> str:
    """For an operator who must ask back: the audit keeps who read it. Raises NotFound, SecretsError."""
    found = await _open(connection, vault, report_id)
    if found is None:
        raise NotFound(f"of report {report_id} there is no contact: none was left, or it is erased")
    await record(connection, "contact read", "report", str(report_id))
    return found


async def export_contact(connection: Connection, vault: Vault, report_id: UUID) -> str | None:
    """For its reporter, in a file with all the rest: the audit keeps that. Raises SecretsError."""
    await record(connection, "exported", "report", str(report_id))
    return await _open(connection, vault, report_id)


async def _open(connection: Connection, vault: Vault, report_id: UUID) -> str | None:
    sealed = await read_sealed_contact(connection, report_id)
    return None if sealed is None else vault.open_contact(report_id, sealed)
