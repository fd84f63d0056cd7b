"""What an API key looks like: `ha_{code}_{secret}`; the code names it, the secret proves it; pure."""

import hashlib
import hmac
import re
from collections.abc import Callable

import msgspec

PREFIX = "ha_"
"""By which a key is told from an access token, and found by those who search for leaked secrets."""

_CODE_BYTES, _SECRET_BYTES = 6, 20
_FORM = re.compile(r"ha_([0-9a-f]{12})_([0-9a-f]{40})", re.ASCII)


class KeyToken(msgspec.Struct, frozen=True):
    """A key as its owner has it."""

    code: str
    secret: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.code}_{self.secret}"

    @property
    def digest(self) -> bytes:
        """What is kept of the secret: it has 160 random bits, so a fast hash is as good as a slow one."""
        return hashlib.sha256(self.secret.encode()).digest()

    def proves(self, digest: bytes) -> bool:
        """Whether it is the key of that digest; in constant time."""
        return hmac.compare_digest(self.digest, digest)


def draw_key_token(random_bytes: Callable[[int], bytes]) -> KeyToken:
    """A new one."""
    return KeyToken(random_bytes(_CODE_BYTES).hex(), random_bytes(_SECRET_BYTES).hex())


def read_key_token(text: str) -> KeyToken | None:
    """A key as it was sent; None of what is none."""
    found = _FORM.fullmatch(text)
    return None if found is None else KeyToken(found[1], found[2])
