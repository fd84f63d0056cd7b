"""A claim becomes a report: once, however often it is sent, and with the code that its reporter follows it by."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec.structs import replace

from hydroalert.domain.actors import Actor
from hydroalert.domain.errors import Conflicting
from hydroalert.domain.reports import severity_of
from hydroalert.reports.claims import Claim
from hydroalert.reports.coarse import cell_of, quarter_of
from hydroalert.reports.contact import KEPT_AT_MOST
from hydroalert.reports.tracking import digest_of
from hydroalert.reports.vault import Vault
from hydroalert.store import Connection
from hydroalert.store.report_events import NewEvent
from hydroalert.store.reports import NewReport, Report, add_report, find_report, find_sent_once
from hydroalert.store.sealing import check_master_key

CITIZEN = Actor("citizen", "the reporter")
"""Who acts without a login: the audit learns neither a name nor an address. No account can have this name."""


class Sending(msgspec.Struct, frozen=True):
    """How a claim came. `id`: the report's, drawn at random; `once`: the sender's idempotency key."""

    id: UUID
    author: str
    at: datetime
    once: str | None = None


class Submitted(msgspec.Struct, frozen=True):
    """The report, and the code that nobody reads anywhere else."""

    report: Report
    tracking_code: str


async def submit(connection: Connection, vault: Vault, claim: Claim, sending: Sending) -> Submitted:
    """Keep a claim, in the caller's transaction. What was sent before with the same idempotency key is given back.

    Raises Conflicting where something else was sent with that key, SecretsError under another master key.
    """
    if claim.contact is not None:
        await check_master_key(connection, vault.sealer)
    new = new_report(vault, claim, sending)
    if await add_report(connection, new, NewEvent("submitted", sending.author, shown=True)):
        report = await find_report(connection, new.id)
        assert report is not None
    else:
        report = await _sent_before(connection, new)
    return Submitted(report, vault.tracking_code(report.id))


def new_report(vault: Vault, claim: Claim, sending: Sending) -> NewReport:
    """The row that a claim becomes, but for the state that it begins in."""
    cell = cell_of(claim.lon, claim.lat)
    new = NewReport(
        id=sending.id,
        lon=claim.lon,
        lat=claim.lat,
        accuracy_m=claim.accuracy_m,
        seen_at=claim.seen_at,
        submitted_at=sending.at,
        category=claim.category,
        depth_cm=claim.depth_cm,
        depth_word=claim.depth_word,
        text=claim.text,
        language=claim.language,
        severity=severity_of(claim.category, claim.depth_cm),
        cell_lon=cell.lon,
        cell_lat=cell.lat,
        seen_quarter=quarter_of(claim.seen_at),
        tracking=digest_of(vault.tracking_code(sending.id)),
    )
    return _sent_once(vault, _reachable(vault, new, claim.contact), claim, sending.once)


def _reachable(vault: Vault, new: NewReport, contact: str | None) -> NewReport:
    if contact is None:
        return new
    return replace(
        new,
        contact=vault.seal_contact(new.id, contact),
        contact_until=new.submitted_at + KEPT_AT_MOST,
        reporter=vault.reporter(contact),
    )


def _sent_once(vault: Vault, new: NewReport, claim: Claim, key: str | None) -> NewReport:
    return new if key is None else replace(new, once=vault.once(key), once_body=vault.body(claim))


async def _sent_before(connection: Connection, new: NewReport) -> Report:
    assert new.once is not None
    found = await find_sent_once(connection, new.once)
    if found is None or found[1] != new.once_body:
        raise Conflicting("something else was sent with this Idempotency-Key: use a new key for a new report")
    return found[0]
