"""Secrets at rest: AES-256-GCM under the master key, each bound to what it belongs to."""

import hmac
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hydroalert.domain.errors import SecretsError
from hydroalert.store.pool import Connection

_NONCE_BYTES = 12
_PLATFORM = "platform"


class Sealer:
    """Seals and opens small secrets. `purpose` is authenticated with them: a sealed key opens as nothing else."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != 32:
            raise SecretsError("the master key is 64 hexadecimal digits (32 bytes)")
        self._aead = AESGCM(master_key)
        self._digesting = hmac.digest(master_key, b"hydroalert digest 1", "sha256")

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """A random nonce and the sealed secret."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, secret, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The secret. Raises SecretsError when it was sealed under another master key or for another purpose."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError):  # the latter of what is too short to hold a nonce
            raise SecretsError(
                f"{purpose}: sealed under another master key; start with the key this database was made with"
            ) from None

    def digest(self, secret: bytes, purpose: str) -> bytes:
        """32 bytes that without the master key tell nothing of the secret; others for each purpose."""
        return hmac.digest(self._digesting, purpose.encode() + b"\0" + secret, "sha256")


async def check_master_key(connection: Connection, sealer: Sealer) -> None:
    """See that this master key is the one that the database was first used with. Raises SecretsError.

    Before anything is sealed: one secret under another key would be read by nobody.
    """
    seal: bytes | None = await connection.fetchval("SELECT seal FROM platform")
    if seal is None:  # only then: who writes that row makes everybody else wait who seals something
        seal = await connection.fetchval(
            "UPDATE platform SET seal = coalesce(seal, $1) RETURNING seal", sealer.seal(b"", _PLATFORM)
        )
    sealer.open(seal or b"", _PLATFORM)


def key_purpose(device: str, key_id: int) -> str:
    """What a device's signing key is bound to."""
    return f"device-key/{device}/{key_id}"


def password_purpose(device: str) -> str:
    """What a device's broker password is bound to."""
    return f"broker-password/{device}"


def subscription_purpose(name: str) -> str:
    """What a subscription's address and secret are bound to."""
    return f"subscription/{name}"


def signing_purpose() -> str:
    """What a key that signs access tokens is bound to."""
    return "signing-key"


def totp_purpose(account_id: int) -> str:
    """What the shared secret of an account's second factor is bound to."""
    return f"totp/{account_id}"


def contact_purpose(report_id: UUID) -> str:
    """What a reporter's contact is bound to."""
    return f"report-contact/{report_id}"
