"""Laws of administration: there is always one who can, and nobody lifts themselves."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest

from hydroalert.accounts.administration import (
    add_person,
    change_role,
    create_first_administrator,
    disable,
    enable,
    remove_person,
    reset_password,
)
from hydroalert.accounts.api_keys import LONGEST, Wanted, make_key, revoke
from hydroalert.accounts.issuing import Tokens
from hydroalert.accounts.login import Entry, log_in
from hydroalert.accounts.proving import Desk, WrongPassword
from hydroalert.accounts.recognition import recognise
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.store import Connection
from hydroalert.store.accounts import NewAccount, add_account, list_accounts, read_account
from hydroalert.store.keys import list_keys
from tests.accounts.conftest import HOME, NOBODY, NOW, cheap_hasher

Act = Callable[[Connection, str], Awaitable[object]]


async def demote(connection: Connection, name: str) -> None:
    await change_role(connection, name, Role.OPERATOR, NOW, by=None)


async def shut_out(connection: Connection, name: str) -> None:
    await disable(connection, name, NOW)


async def remove(connection: Connection, name: str) -> None:
    await remove_person(connection, name, NOW)


async def two_administrators(connection: Connection) -> None:
    for name in ("ann", "bob"):
        await add_account(connection, NewAccount(name, Role.ADMIN, "!", must_change=False))


async def test_of_many_who_start_at_once_one_makes_the_first_administrator(
    database_url: str, connection: Connection
) -> None:
    others = [await asyncpg.connect(database_url) for _ in range(3)]
    made = await asyncio.gather(*(create_first_administrator(one, NOW) for one in others))
    for one in others:
        await one.close()
    assert len([password for password in made if password]) == 1
    assert await create_first_administrator(connection, NOW) is None
    (account,) = await list_accounts(connection, NOW)
    assert (account.name, account.role, account.must_change) == ("admin", Role.ADMIN, True)


async def test_of_the_last_two_administrators_one_stays_even_when_both_go_at_once(
    database_url: str, connection: Connection
) -> None:
    second = await asyncpg.connect(database_url)

    async def go(through: Connection, act: Act, name: str) -> None:
        async with through.transaction():
            await act(through, name)

    for one, other in ((demote, remove), (shut_out, demote), (remove, shut_out)):
        await connection.execute("DELETE FROM account")
        await two_administrators(connection)
        ends = await asyncio.gather(go(connection, one, "ann"), go(second, other, "bob"), return_exceptions=True)
        assert sorted(type(end).__name__ for end in ends) == ["Conflicting", "NoneType"]
        left = [found for found in await list_accounts(connection, NOW) if found.role is Role.ADMIN and found.enabled]
        assert len(left) == 1
    await second.close()


async def test_nobody_changes_their_own_role_and_what_is_not_there_is_not_found(connection: Connection) -> None:
    await two_administrators(connection)
    ann = await read_account(connection, "ann", NOW)
    with pytest.raises(Conflicting):
        await change_role(connection, "ann", Role.VIEWER, NOW, by=ann.id)
    with pytest.raises(NotFound):
        await change_role(connection, "nobody", Role.ADMIN, NOW, by=ann.id)
    for name in ("", "Ann", "a b", "-ann", "a" * 64, "ann\n"):
        with pytest.raises(InvalidInput):
            await add_person(connection, cheap_hasher(), name, Role.VIEWER, secrets.token_bytes)
    with pytest.raises(Conflicting):
        await add_person(connection, cheap_hasher(), "ann", Role.VIEWER, secrets.token_bytes)


async def test_a_drawn_password_opens_once_shown_and_a_reset_or_disabling_ends_every_login(
    desk: Desk, connection: Connection
) -> None:
    password = await add_person(connection, desk.hasher, "ben", Role.VIEWER, secrets.token_bytes)

    async def login() -> object:
        return await log_in(desk, Entry("ben", password, HOME, code=None, agent=""), NOBODY, NOW)

    async def stands(tokens: object) -> bool:
        assert isinstance(tokens, Tokens)
        return await recognise(connection, desk.sealer, tokens.access_token, NOW) is not None

    tokens = await login()
    assert isinstance(tokens, Tokens)
    assert tokens.must_change
    await disable(connection, "ben", NOW)
    await enable(connection, "ben", NOW)
    assert not await stands(tokens)
    tokens = await login()
    assert await stands(tokens)
    password, before = await reset_password(connection, desk.hasher, "ben", NOW, secrets.token_bytes), password
    assert not await stands(tokens)
    assert await log_in(desk, Entry("ben", before, HOME, code=None, agent=""), NOBODY, NOW) == WrongPassword()
    assert await stands(await login())
    assert (await remove_person(connection, "ben", NOW)).logins == 1
    assert await log_in(desk, Entry("ben", password, HOME, code=None, agent=""), NOBODY, NOW) == WrongPassword()


async def test_a_key_is_made_for_what_its_owner_may_within_a_year_and_revoked_by_its_owner(
    connection: Connection, desk: Desk
) -> None:
    await two_administrators(connection)
    await demote(connection, "ann")
    ann, bob = [await read_account(connection, name, NOW) for name in ("ann", "bob")]
    day = NOW + timedelta(days=1)
    for wanted in (
        Wanted("x", frozenset({Scope.METRICS, Scope.AUDIT_READ}), day),
        Wanted("x", frozenset(), day),
        Wanted(" \n", frozenset({Scope.METRICS}), day),
        Wanted("x", frozenset({Scope.METRICS}), NOW),
        Wanted("x", frozenset({Scope.METRICS}), NOW + LONGEST + timedelta(seconds=1)),
    ):
        with pytest.raises(InvalidInput):
            await make_key(connection, ann, wanted, NOW, secrets.token_bytes)
    token = await make_key(connection, ann, Wanted("prometheus", frozenset({Scope.METRICS}), day), NOW, bytes)
    await make_key(connection, bob, Wanted("export", frozenset(Scope), day), NOW, secrets.token_bytes)
    assert [key.name for key in await list_keys(connection, None, NOW)] == ["prometheus", "export"]
    with pytest.raises(NotFound):
        await revoke(connection, token.code, NOW, of=bob.id)
    assert await recognise(connection, desk.sealer, str(token), NOW) is not None
    await revoke(connection, token.code, NOW, of=ann.id)
    assert await recognise(connection, desk.sealer, str(token), NOW) is None
    with pytest.raises(NotFound):
        await revoke(connection, token.code, NOW, of=None)
