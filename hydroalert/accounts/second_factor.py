"""The second factor of an account: begun, confirmed by a code, asked for at each login, and taken away again."""

from collections.abc import Callable
from datetime import datetime

from hydroalert.accounts.totp import SECRET_BYTES, draw_recovery_codes, recovery_digest, step_of
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.store import Connection
from hydroalert.store.accounts import Credentials, lock_credentials
from hydroalert.store.audit import record
from hydroalert.store.sealing import Sealer, check_master_key, totp_purpose
from hydroalert.store.second_factors import confirm_factor, keep_secret, take_recovery_code, take_step

_WRONG = (
    "that code is wrong, or its time is over: enter the one that the app shows now, and see that its clock is right"
)


async def begin_factor(
    connection: Connection, sealer: Sealer, account_id: int, random_bytes: Callable[[int], bytes]
) -> bytes:
    """A new secret for the authenticator app; nothing is asked for until a code confirms it. Raises Conflicting."""
    account = await _locked(connection, account_id)
    if account.totp_since is not None:
        raise Conflicting("this account has a second factor already: remove it first")
    await check_master_key(connection, sealer)
    secret = random_bytes(SECRET_BYTES)
    await keep_secret(connection, account_id, sealer.seal(secret, totp_purpose(account_id)))
    return secret


async def confirm_code(connection: Connection, sealer: Sealer, account_id: int, code: str, now: datetime) -> int:
    """The step of the code by which the app has shown that it knows the secret. Raises Conflicting, InvalidInput."""
    account = await _locked(connection, account_id)
    if account.totp is None or account.totp_since is not None:
        raise Conflicting("nothing waits to be confirmed: begin with POST /api/v1/account/second-factor")
    step = step_of(sealer.open(account.totp, totp_purpose(account_id)), code, now)
    if step is None:
        raise InvalidInput(_WRONG, "code")
    return step


async def finish_factor(
    connection: Connection, account_id: int, step: int, now: datetime, random_bytes: Callable[[int], bytes]
) -> list[str]:
    """Ask for codes from now on; returns the recovery codes, of which only digests are kept."""
    codes = draw_recovery_codes(random_bytes)
    await confirm_factor(connection, account_id, now, step, [recovery_digest(code) for code in codes])
    return codes


async def takes_code(connection: Connection, sealer: Sealer, account: Credentials, code: str, now: datetime) -> bool:
    """Whether the code of the app, or a recovery code, is right; then it is used up. The account's row is locked."""
    assert account.totp is not None
    secret = sealer.open(account.totp, totp_purpose(account.id))
    step = step_of(secret, code, now, after=account.totp_step)
    if step is not None:
        await take_step(connection, account.id, step)
        return True
    digest = recovery_digest(code)
    if digest not in account.recovery_codes:
        return False
    await take_recovery_code(connection, account.id, digest)
    await record(connection, "recovery code used", "account", account.name, {"left": len(account.recovery_codes) - 1})
    return True


async def _locked(connection: Connection, account_id: int) -> Credentials:
    account = await lock_credentials(connection, account_id)
    if account is None:
        raise NotFound("this account is not there any more")
    return account
