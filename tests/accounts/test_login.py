"""Laws of logins: how they begin, go on, and end."""

import asyncio
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from hydroalert.accounts.continuing import GRACE, Ended, refresh
from hydroalert.accounts.hashing import Hasher
from hydroalert.accounts.issuing import IDLE, IN_ALL, Tokens
from hydroalert.accounts.login import Entry, log_in
from hydroalert.accounts.own import change_password
from hydroalert.accounts.proving import Desk, WrongPassword
from hydroalert.accounts.recognition import recognise
from hydroalert.accounts.tries import Attempt
from hydroalert.domain.errors import InvalidInput
from hydroalert.store import Connection
from hydroalert.store.sessions import end_login, list_logins
from tests.accounts.conftest import HOME, NOBODY, NOW, PASSWORD

SECOND = timedelta(seconds=1)


async def logged_in(desk: Desk, now: datetime = NOW, password: str = PASSWORD) -> Tokens:
    answer = await log_in(desk, Entry("anna", password, HOME, code=None, agent="tests"), NOBODY, now)
    assert isinstance(answer, Tokens)
    return answer


async def refreshed(desk: Desk, tokens: Tokens, now: datetime) -> Tokens:
    answer = await refresh(desk, tokens.refresh_token, NOBODY, now)
    assert isinstance(answer, Tokens)
    return answer


async def stands(desk: Desk, tokens: Tokens, now: datetime) -> bool:
    async with desk.pool.acquire() as connection:
        return await recognise(connection, desk.sealer, tokens.access_token, now) is not None


@pytest.mark.usefixtures("anna")
async def test_a_refresh_token_that_comes_back_ends_the_login_for_both_who_have_it(
    desk: Desk, connection: Connection, audit_mark: int
) -> None:
    first = await logged_in(desk)
    other = await logged_in(desk)
    second = await refreshed(desk, first, NOW + SECOND)
    third = await refreshed(desk, second, NOW + 2 * SECOND)
    assert await stands(desk, third, NOW + 3 * SECOND)
    assert await refresh(desk, first.refresh_token, NOBODY, NOW + 3 * SECOND) == Ended()
    assert await refresh(desk, third.refresh_token, NOBODY, NOW + 3 * SECOND) == Ended()
    assert not await stands(desk, third, NOW + 3 * SECOND)
    assert await stands(desk, other, NOW + 3 * SECOND)
    acts = await connection.fetch(
        "SELECT act, target FROM audit.entry WHERE act LIKE 'a refresh%' AND id > $1", audit_mark
    )
    assert [tuple(row) for row in acts] == [("a refresh token was used twice", "anna")]


@pytest.mark.usefixtures("anna")
async def test_an_answer_that_was_lost_is_given_again_within_seconds_while_its_token_was_not_used(desk: Desk) -> None:
    first = await logged_in(desk)
    lost = await refreshed(desk, first, NOW)
    again = await refreshed(desk, first, NOW + GRACE)
    assert again.refresh_token == lost.refresh_token
    assert await stands(desk, again, NOW + GRACE)
    assert await refresh(desk, first.refresh_token, NOBODY, NOW + GRACE + SECOND) == Ended()


@pytest.mark.usefixtures("anna")
async def test_of_two_who_refresh_at_once_neither_is_thrown_out_and_one_line_of_tokens_goes_on(
    desk: Desk, connection: Connection
) -> None:
    tokens = await logged_in(desk)
    for step in range(1, 4):
        both = await asyncio.gather(*(refreshed(desk, tokens, NOW + step * SECOND) for _ in range(4)))
        assert len({one.refresh_token for one in both}) == 1
        tokens = both[0]
    unused = "SELECT count(*) FROM refresh_token WHERE used_at IS NULL"
    assert await connection.fetchval(unused) == 1


async def test_a_login_ends_when_it_idles_when_it_is_old_and_when_it_is_told_to(
    desk: Desk, anna: int, connection: Connection
) -> None:
    idle = await logged_in(desk)
    assert await refresh(desk, idle.refresh_token, NOBODY, NOW + IDLE) == Ended()
    tokens, now = await logged_in(desk), NOW
    while now + IDLE - SECOND < NOW + IN_ALL:
        now += IDLE - SECOND
        tokens = await refreshed(desk, tokens, now)
    assert await refresh(desk, tokens.refresh_token, NOBODY, NOW + IN_ALL) == Ended()
    (login,) = await list_logins(connection, anna, now)
    assert login.expires_at == NOW + IN_ALL
    assert await stands(desk, tokens, now)
    assert await end_login(connection, anna, login.id, now, "its owner logged out")
    assert not await stands(desk, tokens, now)
    assert await refresh(desk, tokens.refresh_token, NOBODY, now) == Ended()
    assert await refresh(desk, "made up", NOBODY, now) == Ended()


async def test_another_password_ends_every_other_login_and_the_old_one_opens_nothing(
    desk: Desk, anna: int, connection: Connection
) -> None:
    here, elsewhere = await logged_in(desk, NOW - SECOND), await logged_in(desk)
    kept = (await list_logins(connection, anna, NOW))[-1].id
    new = "six geese a-laying"

    async def change(current: str, to: str) -> object:
        return await change_password(desk, Attempt("anna", current, HOME), to, kept, NOBODY, NOW)

    assert await change("not it at all", new) == WrongPassword()
    with pytest.raises(InvalidInput):
        await change(PASSWORD, "short")
    with pytest.raises(InvalidInput):
        await change(PASSWORD, PASSWORD)
    assert await stands(desk, elsewhere, NOW)
    assert await change(PASSWORD, new) is None
    assert (await stands(desk, here, NOW), await stands(desk, elsewhere, NOW)) == (True, False)
    old = Entry("anna", PASSWORD, HOME, code=None, agent="")
    assert await log_in(desk, old, NOBODY, NOW) == WrongPassword()
    assert await stands(desk, await logged_in(desk, password=new), NOW)


async def test_a_hash_of_other_costs_is_made_anew_at_the_next_login(
    desk: Desk, anna: int, connection: Connection
) -> None:
    dearer = Hasher(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    renewing = Desk(desk.pool, desk.sealer, dearer, desk.random_bytes)
    await logged_in(renewing)
    kept = "SELECT password FROM account WHERE id = $1"
    assert "m=16,t=2,p=1" in await connection.fetchval(kept, anna)
    await logged_in(renewing)
    assert dearer.computed == 3
