"""Secrets at rest: AES-256-GCM under the master key, each bound to what it belongs to."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hydroalert.domain.errors import SecretsError

_NONCE_BYTES = 12


class Sealer:
    """Seals and opens small secrets. `purpose` is authenticated with them: a sealed key opens as nothing else."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != 32:
            raise SecretsError("the master key is 64 hexadecimal digits (32 bytes)")
        self._aead = AESGCM(master_key)

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """A random nonce and the sealed secret."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aead.encrypt(nonce, secret, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The secret. Raises SecretsError when it was sealed under another master key or for another purpose."""
        try:
            return self._aead.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose.encode())
        except InvalidTag:
            raise SecretsError(
                f"{purpose}: sealed under another master key; start with the key this database was made with"
            ) from None


def key_purpose(device: str, key_id: int) -> str:
    """What a device's signing key is bound to."""
    return f"device-key/{device}/{key_id}"


def password_purpose(device: str) -> str:
    """What a device's broker password is bound to."""
    return f"broker-password/{device}"
