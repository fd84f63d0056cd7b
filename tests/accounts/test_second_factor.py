"""Laws of second factors: RFC 6238's own figures, no code twice, and no way around."""

import asyncio
import secrets
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.accounts.issuing import Tokens
from hydroalert.accounts.lockout import FREE_HERE
from hydroalert.accounts.login import CodeNeeded, Entry, WrongCode, log_in
from hydroalert.accounts.own import drop_second_factor
from hydroalert.accounts.proving import Desk, TooSoon, WrongPassword
from hydroalert.accounts.second_factor import begin_factor, confirm_code, finish_factor
from hydroalert.accounts.totp import code_at, qr_svg, step_of, uri_of
from hydroalert.accounts.tries import Attempt
from hydroalert.domain.clock import EPOCH
from hydroalert.domain.errors import Conflicting, InvalidInput
from hydroalert.store import Connection
from tests.accounts.conftest import HOME, NOBODY, NOW, PASSWORD

RFC_SECRET = b"12345678901234567890"
STEP = timedelta(seconds=30)


@pytest.mark.parametrize(
    ("unix_s", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238_appendix_b(unix_s: int, code: str) -> None:
    """Its eight digits; of which six are the last six."""
    now = EPOCH + timedelta(seconds=unix_s)
    assert step_of(RFC_SECRET, code[2:], now) == unix_s // 30


@given(st.integers(3, 2**31), st.integers(-3, 3))
def test_a_code_counts_one_step_before_and_after_its_time_and_only_once(step: int, off: int) -> None:
    now, code = EPOCH + step * STEP, code_at(RFC_SECRET, step + off).decode()
    found = step_of(RFC_SECRET, code, now)
    if abs(off) <= 1:
        assert found is not None
        assert step_of(RFC_SECRET, code, now, after=step + 1) is None


@given(st.text(max_size=12))
def test_no_other_text_is_a_code(text: str) -> None:
    codes = {code_at(RFC_SECRET, step).decode() for step in range(99, 102)}
    found = step_of(RFC_SECRET, text, EPOCH + 100 * STEP)
    assert (found is not None) == (text.replace(" ", "") in codes)


def test_an_app_is_told_whose_secret_it_is_in_words_and_as_a_picture() -> None:
    uri = uri_of(RFC_SECRET, "anna")
    assert uri.startswith("otpauth://totp/HydroAlert:anna?")
    assert "issuer=HydroAlert" in uri
    assert qr_svg(uri).startswith("<svg xmlns=")


async def enrolled(desk: Desk, connection: Connection, anna: int) -> tuple[bytes, list[str]]:
    async with connection.transaction():
        secret = await begin_factor(connection, desk.sealer, anna, secrets.token_bytes)
        step = await confirm_code(connection, desk.sealer, anna, code(secret, 0), NOW)
        return secret, await finish_factor(connection, anna, step, NOW, secrets.token_bytes)


def code(secret: bytes, steps: int) -> str:
    return code_at(secret, (NOW - EPOCH) // STEP + steps).decode()


async def tried(desk: Desk, given_: str | None, steps: int = 0, password: str = PASSWORD) -> object:
    entry = Entry("anna", password, HOME, code=given_, agent="tests")
    return await log_in(desk, entry, NOBODY, NOW + steps * STEP)


async def test_a_factor_asks_after_the_right_password_only_and_takes_no_code_twice(
    desk: Desk, anna: int, connection: Connection, audit_mark: int
) -> None:
    secret, recovery = await enrolled(desk, connection, anna)
    assert await tried(desk, None, password="not the password") == WrongPassword()
    assert await tried(desk, code(secret, 1), password="not the password") == WrongPassword()
    assert await tried(desk, None) == CodeNeeded()
    assert await tried(desk, code(secret, 0)) == WrongCode()  # it confirmed the factor
    assert isinstance(await tried(desk, code(secret, 1)), Tokens)
    assert await tried(desk, code(secret, 1), 1) == WrongCode()
    assert await tried(desk, code(secret, 0), 1) == WrongCode()
    assert isinstance(await tried(desk, recovery[0].upper().replace("-", " "), 1), Tokens)
    assert await tried(desk, recovery[0], 1) == WrongCode()
    acts = await connection.fetch(
        "SELECT act FROM audit.entry WHERE thing = 'account' AND act ~ 'code' AND id > $1 ORDER BY id", audit_mark
    )
    assert [row["act"] for row in acts] == ["wrong code"] * 3 + ["recovery code used", "wrong code"]
    assert not {secret.hex(), *recovery} & {str(row) for row in await connection.fetch("SELECT * FROM account")}


async def test_of_two_who_bring_the_same_code_at_once_one_is_let_in(
    desk: Desk, anna: int, connection: Connection
) -> None:
    secret, recovery = await enrolled(desk, connection, anna)
    for one in (code(secret, 1), recovery[0]):
        answers = await asyncio.gather(tried(desk, one), tried(desk, one))
        assert sorted(type(answer).__name__ for answer in answers) == ["Tokens", "WrongCode"]


async def test_codes_cannot_be_guessed_by_one_who_knows_the_password(
    desk: Desk, anna: int, connection: Connection
) -> None:
    await enrolled(desk, connection, anna)
    answers = []
    for _ in range(3 * FREE_HERE):
        answers += [await tried(desk, None), await tried(desk, "000000")]
    assert answers.count(WrongCode()) == FREE_HERE
    assert isinstance(answers[-1], TooSoon)


async def test_a_factor_is_confirmed_by_its_own_code_and_removed_by_the_password(
    desk: Desk, anna: int, connection: Connection
) -> None:
    async with connection.transaction():
        void = await begin_factor(connection, desk.sealer, anna, secrets.token_bytes)
        await begin_factor(connection, desk.sealer, anna, secrets.token_bytes)
        with pytest.raises(InvalidInput):
            await confirm_code(connection, desk.sealer, anna, code(void, 0), NOW)
    assert isinstance(await tried(desk, None), Tokens)
    await enrolled(desk, connection, anna)
    async with connection.transaction():
        with pytest.raises(Conflicting):
            await begin_factor(connection, desk.sealer, anna, secrets.token_bytes)
        with pytest.raises(Conflicting):
            await confirm_code(connection, desk.sealer, anna, "000000", NOW)
    assert await drop_second_factor(desk, Attempt("anna", "wrong", HOME), NOBODY, NOW) == WrongPassword()
    assert await tried(desk, None) == CodeNeeded()
    assert await drop_second_factor(desk, Attempt("anna", PASSWORD, HOME), NOBODY, NOW) is None
    assert isinstance(await tried(desk, None), Tokens)
