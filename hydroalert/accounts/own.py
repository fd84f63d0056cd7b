"""What people do with their own account; each that could shut them out wants the password again."""

from datetime import datetime
from uuid import UUID

from hydroalert.accounts.passwords import checked
from hydroalert.accounts.proving import Desk, TooSoon, WrongPassword, hold_as_proven, prove_password
from hydroalert.accounts.second_factor import confirm_code, finish_factor
from hydroalert.accounts.tries import Attempt, settle
from hydroalert.domain.actors import Actor
from hydroalert.domain.errors import InvalidInput
from hydroalert.store.accounts import Credentials, set_password
from hydroalert.store.second_factors import remove_factor
from hydroalert.store.sessions import end_logins
from hydroalert.store.writing import writing

PASSWORD_CHANGED = "the password was changed"  # noqa: S105 - a reason


async def change_password(
    desk: Desk, attempt: Attempt, new: str, kept: UUID, actor: Actor, now: datetime
) -> TooSoon | WrongPassword | None:
    """Take another password; every other login of the account ends. Raises InvalidInput, Unavailable."""
    taken = checked(new, attempt.name)
    if new == attempt.password:
        raise InvalidInput("that is the password which is to be changed: take another", "new")
    found = await prove_password(desk, attempt, actor, now)
    if not isinstance(found, Credentials):
        return found
    hashed = await desk.hasher.hash(taken)
    async with writing(desk.pool, actor) as connection:
        if await hold_as_proven(connection, found) is None:
            return WrongPassword()
        await settle(connection, desk.sealer, attempt)
        await set_password(connection, found.id, hashed, must_change=False)
        await end_logins(connection, found.id, kept, now, PASSWORD_CHANGED)
    return None


async def set_up_second_factor(
    desk: Desk, attempt: Attempt, code: str, actor: Actor, now: datetime
) -> list[str] | TooSoon | WrongPassword:
    """Ask for codes from now on; returns the recovery codes. Raises Conflicting, InvalidInput, Unavailable."""
    found = await prove_password(desk, attempt, actor, now)
    if not isinstance(found, Credentials):
        return found
    async with writing(desk.pool, actor) as connection:
        if await hold_as_proven(connection, found) is None:
            return WrongPassword()
        step = await confirm_code(connection, desk.sealer, found.id, code, now)
        await settle(connection, desk.sealer, attempt)
        return await finish_factor(connection, found.id, step, now, desk.random_bytes)


async def drop_second_factor(
    desk: Desk, attempt: Attempt, actor: Actor, now: datetime
) -> TooSoon | WrongPassword | None:
    """Ask for no more codes; where it is required, another must be set up at once. Raises Unavailable."""
    found = await prove_password(desk, attempt, actor, now)
    if not isinstance(found, Credentials):
        return found
    async with writing(desk.pool, actor) as connection:
        if await hold_as_proven(connection, found) is None:
            return WrongPassword()
        await settle(connection, desk.sealer, attempt)
        await remove_factor(connection, found.id)
    return None
