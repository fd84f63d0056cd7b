"""Logging in: password, then the second factor where there is one, then a login of one's own."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hydroalert.accounts.issuing import Grant, Tokens, first_refresh_token, give_out, grant, stands_until
from hydroalert.accounts.lockout import KNOWN_FOR
from hydroalert.accounts.passwords import normalised
from hydroalert.accounts.proving import Desk, TooSoon, WrongPassword, hold_as_proven, prove_password
from hydroalert.accounts.second_factor import takes_code
from hydroalert.accounts.tries import Attempt, settle, take_back
from hydroalert.domain.actors import Actor
from hydroalert.store import Connection
from hydroalert.store.accounts import Credentials, set_password
from hydroalert.store.audit import act_as, record
from hydroalert.store.login_failures import keep_place
from hydroalert.store.sessions import NewLogin, prune_logins, start_login
from hydroalert.store.writing import writing

_KEPT_AFTER_END = timedelta(days=7)


class Entry(Attempt, frozen=True, kw_only=True):
    """What somebody logs in by. `code`: of the second factor; `agent`: which program it says that it is."""

    code: str | None
    agent: str


class CodeNeeded(msgspec.Struct, frozen=True):
    """The password is right; this account has a second factor."""


class WrongCode(msgspec.Struct, frozen=True):
    """The password is right; the code is wrong, too old, or was taken before."""


Refusal = TooSoon | WrongPassword | CodeNeeded | WrongCode


async def log_in(desk: Desk, entry: Entry, actor: Actor, now: datetime) -> Tokens | Refusal:
    """Begin a login. Raises InvalidInput, Unavailable."""
    found = await prove_password(desk, entry, actor, now)
    if not isinstance(found, Credentials):
        return found
    outdated = desk.hasher.is_outdated(found.password)
    renewed = await desk.hasher.hash(normalised(entry.password)) if outdated else None
    async with writing(desk.pool, actor) as connection:
        account = await hold_as_proven(connection, found)
        if account is None:
            return WrongPassword()
        refused = await _ask_code(connection, desk, entry, account, now)
        if refused is not None:
            return refused
        if renewed is not None:
            await set_password(connection, account.id, renewed, must_change=account.must_change)
        return await _begin(connection, desk, entry, account, actor, now)


async def _ask_code(
    connection: Connection, desk: Desk, entry: Entry, account: Credentials, now: datetime
) -> CodeNeeded | WrongCode | None:
    """What is wanting of the second factor; None where nothing is."""
    if account.totp_since is None:
        return None
    if entry.code is None:
        await take_back(connection, desk.sealer, entry, account.id, now)
        return CodeNeeded()
    if await takes_code(connection, desk.sealer, account, entry.code, now):
        return None
    await record(connection, "wrong code", "account", account.name)
    return WrongCode()


async def _begin(
    connection: Connection, desk: Desk, entry: Entry, account: Credentials, actor: Actor, now: datetime
) -> Tokens:
    """The login itself, its first tokens, and what is remembered of the place."""
    login_id = UUID(bytes=desk.random_bytes(16), version=4)
    address, agent = actor.address or "", entry.agent
    await start_login(connection, NewLogin(login_id, account.id, stands_until(now, now), address, agent), now)
    await prune_logins(connection, now - _KEPT_AFTER_END)
    await settle(connection, desk.sealer, entry)
    await keep_place(connection, account.id, entry.party, now, now - KNOWN_FOR)
    await act_as(connection, msgspec.structs.replace(actor, kind="account", name=account.name, account_id=account.id))
    await record(connection, "logged in", "account", account.name, {"login": login_id, "agent": agent})
    refresh_token = first_refresh_token(desk)
    await give_out(connection, refresh_token, login_id, now)
    to = Grant(login_id, account.id, account.role, account.must_change)
    return await grant(connection, desk, to, refresh_token, now)
