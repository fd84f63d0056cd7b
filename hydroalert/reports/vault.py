"""What of a report rests on the master key: tracking code, contact, and digests that tell nothing without it."""

import hmac
from uuid import UUID

import msgspec

from hydroalert.reports.claims import Claim
from hydroalert.reports.tracking import code_from
from hydroalert.store.sealing import Sealer, contact_purpose


class Vault:
    """Each use has a key of its own, derived from the master key: none can stand in for another."""

    def __init__(self, master_key: bytes) -> None:
        self.sealer = Sealer(master_key)
        self._keys = {
            use: hmac.digest(master_key, f"hydroalert report {use} 1".encode(), "sha256")
            for use in ("tracking", "reporter", "once", "body")
        }

    def tracking_code(self, report_id: UUID) -> str:
        """The code of a report: made again where the same is sent twice, and so kept nowhere."""
        return code_from(self._digest("tracking", report_id.bytes))

    def seal_contact(self, report_id: UUID, contact: str) -> bytes:
        """A contact as it is kept; it opens as that of no other report."""
        return self.sealer.seal(contact.encode(), contact_purpose(report_id))

    def open_contact(self, report_id: UUID, sealed: bytes) -> str:
        """The contact that `seal_contact` sealed. Raises SecretsError."""
        return self.sealer.open(sealed, contact_purpose(report_id)).decode()

    def reporter(self, contact: str) -> bytes:
        """The same for every report with this contact; whose it is, nobody reads from it."""
        return self._digest("reporter", contact.encode())

    def once(self, key: str) -> bytes:
        """The digest of a sender's idempotency key."""
        return self._digest("once", key.encode())

    def body(self, claim: Claim) -> bytes:
        """The digest of what was said, to tell whether the same was said again."""
        return self._digest("body", msgspec.json.encode(claim))

    def _digest(self, use: str, what: bytes) -> bytes:
        return hmac.digest(self._keys[use], what, "sha256")
