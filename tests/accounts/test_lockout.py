"""Laws of waiting after wrong passwords: guessing gets slow, and nobody is locked out where they are known."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.accounts.hashing import Hasher
from hydroalert.accounts.issuing import Tokens
from hydroalert.accounts.lockout import (
    EVERYWHERE,
    FORGOTTEN_AFTER,
    FREE_EVERYWHERE,
    FREE_HERE,
    KNOWN_FOR,
    LONGEST,
    still_blocked,
    wait_after,
    with_one_less,
    with_one_more,
)
from hydroalert.accounts.login import Entry, log_in
from hydroalert.accounts.proving import Desk, TooSoon, WrongPassword
from hydroalert.domain.errors import Unavailable
from hydroalert.store import Connection
from hydroalert.store.login_failures import Tries
from tests.accounts.conftest import CAFE, HOME, NOBODY, NOW, PASSWORD

FRESH = Tries(0, NOW, NOW)


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_waiting_begins_after_the_free_tries_never_shrinks_and_ends_within_a_quarter_of_an_hour(
    failures: int, free: int
) -> None:
    wait = wait_after(failures, free)
    assert (wait == timedelta(0)) == (failures < free)
    assert wait <= wait_after(failures + 1, free) <= LONGEST == timedelta(minutes=15)


@given(st.lists(st.integers(0, 2_000), max_size=60))
def test_a_try_is_never_looked_at_before_its_wait_is_over(pauses_s: list[int]) -> None:
    tries, now = FRESH, NOW
    for pause_s in pauses_s:
        now += timedelta(seconds=pause_s)
        if not still_blocked(tries, now):
            tries = with_one_more(HOME, tries, now)
            assert still_blocked(tries, now) == wait_after(tries.failures, FREE_HERE)
    assert tries.failures <= len(pauses_s)


def test_what_is_long_ago_is_forgotten_and_a_try_taken_back_blocks_nobody() -> None:
    many = Tries(50, NOW, NOW)
    assert with_one_more(HOME, many, NOW + FORGOTTEN_AFTER).failures == 1
    assert with_one_more(HOME, many, NOW + FORGOTTEN_AFTER - timedelta(seconds=1)).failures == 51
    assert still_blocked(with_one_less(with_one_more(EVERYWHERE, many, NOW), NOW), NOW) == timedelta(0)


def entry(password: str = "wrong wrong wrong", party: str = HOME, name: str = "anna") -> Entry:
    return Entry(name, password, party, code=None, agent="tests")


@pytest.mark.usefixtures("anna")
async def test_two_thousand_wrong_passwords_are_looked_at_no_more_often_than_the_free_tries(
    desk: Desk, connection: Connection
) -> None:
    async def guess(number: int) -> object:
        return await log_in(desk, entry(party=CAFE, name="anna" if number % 2 else "nobody-here"), NOBODY, NOW)

    answers = [answer for _ in range(20) for answer in await asyncio.gather(*(guess(n) for n in range(100)))]
    assert len(answers) == 2000
    assert desk.hasher.computed == 2 * FREE_HERE
    assert sum(isinstance(one, WrongPassword) for one in answers) == 2 * FREE_HERE
    assert sum(isinstance(one, TooSoon) for one in answers) == 2000 - 2 * FREE_HERE
    kept = await connection.fetch("SELECT failures FROM login_failure WHERE party = $1", CAFE)
    assert [row["failures"] for row in kept] == [FREE_HERE, FREE_HERE]


@pytest.mark.usefixtures("anna")
async def test_a_name_guessed_at_from_everywhere_is_slowed_down_but_not_where_its_owner_is_known(
    desk: Desk, connection: Connection
) -> None:
    assert isinstance(await log_in(desk, entry(PASSWORD), NOBODY, NOW), Tokens)
    for number in range(2 * FREE_EVERYWHERE):
        await log_in(desk, entry(party=f"192.0.2.{number}"), NOBODY, NOW)
    assert desk.hasher.computed == 1 + FREE_EVERYWHERE
    assert isinstance(await log_in(desk, entry(PASSWORD, CAFE), NOBODY, NOW), TooSoon)
    assert isinstance(await log_in(desk, entry(PASSWORD, HOME), NOBODY, NOW), Tokens)
    # Who proved to be the owner is believed elsewhere again, too.
    assert isinstance(await log_in(desk, entry(PASSWORD, CAFE), NOBODY, NOW), Tokens)
    later = NOW + KNOWN_FOR
    for number in range(2 * FREE_EVERYWHERE):
        await log_in(desk, entry(party=f"192.0.2.{number}"), NOBODY, later)
    assert isinstance(await log_in(desk, entry(PASSWORD, HOME), NOBODY, later), TooSoon)
    assert isinstance(await log_in(desk, entry(PASSWORD, HOME), NOBODY, later + LONGEST), Tokens)
    counted = "SELECT count(*) FROM login_failure"
    assert await connection.fetchval(counted) > 0
    for _ in range(4):
        await log_in(desk, entry(PASSWORD, HOME), NOBODY, later + 2 * FORGOTTEN_AFTER)
    assert await connection.fetchval(counted) == 0


@pytest.mark.usefixtures("anna")
async def test_who_was_sent_away_unseen_because_too_many_wait_has_not_failed(
    desk: Desk, connection: Connection
) -> None:
    full = replace(desk, hasher=Hasher(at_once=1, waiting=-1))
    for _ in range(2 * FREE_HERE):
        with pytest.raises(Unavailable):
            await log_in(full, entry(PASSWORD), NOBODY, NOW)
    assert isinstance(await log_in(desk, entry(PASSWORD), NOBODY, NOW), Tokens)


@pytest.mark.usefixtures("anna")
async def test_a_name_that_nobody_has_is_answered_like_one_whose_password_is_wrong(
    desk: Desk, connection: Connection
) -> None:
    async def tried(name: str) -> list[tuple[object, int]]:
        seen = []
        for number in range(FREE_EVERYWHERE + 8):
            before = desk.hasher.computed
            party = HOME if number < FREE_HERE + 2 else f"192.0.2.{number}"
            answer = await log_in(desk, entry(party=party, name=name), NOBODY, NOW)
            seen.append((answer, desk.hasher.computed - before))
        return seen

    known, unknown = await tried("anna"), await tried("annb")
    await connection.execute("UPDATE account SET enabled = false")
    await connection.execute("DELETE FROM login_failure")
    disabled = await tried(" ANNA ")
    assert known == unknown == disabled
    assert {type(answer) for answer, _ in known} == {WrongPassword, TooSoon}
    await connection.execute("DELETE FROM login_failure")
    assert await log_in(desk, entry(PASSWORD), NOBODY, NOW) == WrongPassword()


@pytest.mark.usefixtures("anna")
async def test_the_audit_knows_who_was_tried_and_nothing_that_was_typed(
    desk: Desk, connection: Connection, audit_mark: int
) -> None:
    await log_in(desk, entry("a wrong password"), NOBODY, NOW)
    await log_in(desk, entry("x", name="my secret password"), NOBODY, NOW)
    await log_in(desk, entry(PASSWORD), NOBODY, NOW)
    kept = await connection.fetch(
        "SELECT * FROM audit.entry WHERE thing = 'account' AND act <> 'added' AND id > $1 ORDER BY id", audit_mark
    )
    acts = [(row["act"], row["target"], row["actor_kind"], row["actor"], row["address"]) for row in kept]
    assert acts == [
        ("wrong password", "anna", "nobody", "", HOME),
        ("wrong password", "", "nobody", "", HOME),
        ("logged in", "anna", "account", "anna", HOME),
    ]
    everything = str(
        [
            tuple(row)
            for table in ("audit.entry", "login_failure", "login_session", "refresh_token")
            for row in await connection.fetch(f"SELECT * FROM {table}")
        ]
    )
    assert not [typed for typed in ("a wrong password", "my secret", PASSWORD) if typed in everything]
