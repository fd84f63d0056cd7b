"""Second factors of accounts: the shared secret, the last code that was taken, the recovery codes that are left."""

from datetime import datetime

from hydroalert.store.pool import Connection

# None of these is audited but what begins and ends a factor: `audited` looks at totp and totp_since.
_ENROL = """
UPDATE account SET totp = $2, totp_since = NULL, totp_step = NULL, recovery_codes = '{}'
WHERE id = $1 AND totp_since IS NULL
"""
_CONFIRM = "UPDATE account SET totp_since = $2, totp_step = $3, recovery_codes = $4 WHERE id = $1"
_TAKE_STEP = "UPDATE account SET totp_step = $2 WHERE id = $1"
_TAKE_RECOVERY = "UPDATE account SET recovery_codes = array_remove(recovery_codes, $2) WHERE id = $1"
_REMOVE = "UPDATE account SET totp = NULL, totp_since = NULL, totp_step = NULL, recovery_codes = '{}' WHERE id = $1"


async def keep_secret(connection: Connection, account_id: int, sealed: bytes) -> None:
    """Keep a secret that is not confirmed yet; one that is confirmed stays."""
    await connection.execute(_ENROL, account_id, sealed)


async def confirm_factor(
    connection: Connection, account_id: int, since: datetime, step: int, recovery_codes: list[bytes]
) -> None:
    """Ask for codes from now on; the one of `step` was taken."""
    await connection.execute(_CONFIRM, account_id, since, step, recovery_codes)


async def take_step(connection: Connection, account_id: int, step: int) -> None:
    """The code of that step was taken: neither it nor an earlier one is again."""
    await connection.execute(_TAKE_STEP, account_id, step)


async def take_recovery_code(connection: Connection, account_id: int, digest: bytes) -> None:
    """That recovery code was used up."""
    await connection.execute(_TAKE_RECOVERY, account_id, digest)


async def remove_factor(connection: Connection, account_id: int) -> None:
    """Ask for no codes any more."""
    await connection.execute(_REMOVE, account_id)
