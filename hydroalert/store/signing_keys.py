"""Keys that sign access tokens, sealed under the master key: one signs, those before it count until they retire."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from hydroalert.store.pool import Connection
from hydroalert.store.sealing import Sealer, signing_purpose

KEY_BYTES = 32

_CURRENT = "SELECT id, sealed FROM signing_key WHERE retired_at IS NULL"
# Of two that find none, one waits for the other here and then keeps its own to itself (signing_key_signs).
_ADD = "INSERT INTO signing_key (sealed) VALUES ($1) ON CONFLICT DO NOTHING"
_RETIRE = "UPDATE signing_key SET retired_at = $1 WHERE retired_at IS NULL OR retired_at > $1"


class SigningKey(msgspec.Struct, frozen=True):
    """A key and the id by which tokens name it (`kid`)."""

    id: int
    secret: bytes


async def current_signing_key(
    connection: Connection, sealer: Sealer, random_bytes: Callable[[int], bytes]
) -> SigningKey:
    """The key that signs now; the first who asks makes it. Raises SecretsError."""
    row = await connection.fetchrow(_CURRENT)
    if row is None:
        await connection.execute(_ADD, sealer.seal(random_bytes(KEY_BYTES), signing_purpose()))
        row = await connection.fetchrow(_CURRENT)
    assert row is not None
    return SigningKey(row["id"], open_signing_key(sealer, row["sealed"]))


async def rotate_signing_key(
    connection: Connection, sealer: Sealer, random_bytes: Callable[[int], bytes], retired_at: datetime
) -> None:
    """Sign with a new key from now on; what the old one signed counts until it retires. Within one transaction."""
    await connection.execute(_RETIRE, retired_at)
    await connection.execute(_ADD, sealer.seal(random_bytes(KEY_BYTES), signing_purpose()))


def open_signing_key(sealer: Sealer, sealed: bytes) -> bytes:
    """The secret of a key. Raises SecretsError."""
    return sealer.open(sealed, signing_purpose())
