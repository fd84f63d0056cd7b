"""Who calls, in tests: headers of people and machines, made without the time that a password takes."""

import secrets
from datetime import timedelta
from uuid import uuid4

from hydroalert.accounts.key_tokens import draw_key_token
from hydroalert.accounts.tokens import issue
from hydroalert.api.services import Services
from hydroalert.domain.actors import Role, Scope
from hydroalert.store import Connection
from hydroalert.store.accounts import NewAccount, add_account
from hydroalert.store.keys import NewKey, add_key
from hydroalert.store.sessions import NewLogin, start_login
from hydroalert.store.signing_keys import current_signing_key
from hydroalert.store.writing import writing

NO_PASSWORD = "nobody-logs-in-by-this"
Headers = dict[str, str]


async def logged_in(services: Services, role: Role, name: str | None = None) -> Headers:
    """Headers of a new account of that role that just logged in."""
    now = services.clock()
    async with writing(services.writings) as connection:
        account_id = await _account(connection, role, name)
        login = NewLogin(uuid4(), account_id, now + timedelta(hours=12), "127.0.0.1", "tests")
        await start_login(connection, login, now)
        key = await current_signing_key(connection, services.sealer, secrets.token_bytes)
    return bearing(issue(key, account_id, login.id, now))


async def with_key(services: Services, role: Role, *scopes: Scope) -> Headers:
    """Headers of a machine with a key of these scopes, which belongs to a new account of that role."""
    now, token = services.clock(), draw_key_token(secrets.token_bytes)
    async with writing(services.writings) as connection:
        account_id = await _account(connection, role, None)
        expires_at = now + timedelta(days=1)
        key = NewKey(token.code, account_id, "tests", token.digest, frozenset(scopes), expires_at)
        await add_key(connection, key, now)
    return bearing(str(token))


def bearing(token: str) -> Headers:
    """Headers that carry it."""
    return {"Authorization": f"Bearer {token}"}


async def _account(connection: Connection, role: Role, name: str | None) -> int:
    name = name or f"{role}-{secrets.token_hex(4)}"
    return await add_account(connection, NewAccount(name, role, NO_PASSWORD, must_change=False))
