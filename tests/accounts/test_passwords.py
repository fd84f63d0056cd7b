"""Laws of passwords: which are taken, and what is kept of them."""

import asyncio
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hydroalert.accounts.hashing import Hasher, owasp
from hydroalert.accounts.passwords import MAX_BYTES, checked, draw_password, normalised
from hydroalert.domain.errors import InvalidInput, Unavailable
from tests.accounts.conftest import PASSWORD, cheap_hasher


@pytest.mark.parametrize(
    "given_",
    [
        "short",
        "elevenchars",
        "anna.lindqvist",
        "anna.lindqvist2027",
        "password1234",
        "PasswordPassword!",
        "hydroalert2026",
        "adminadmin123",
        "aaaaaaaaaaaaaaaa",
        "121212121212",
        "1234567890123",
        "qwertyuiopasdf",
        "mnbvcxzlkjhg",
        "x" * (MAX_BYTES + 1),
        "\ud800" * 20,
    ],
)
def test_what_is_guessed_first_is_refused_with_words(given_: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(given_, "anna.lindqvist")
    assert refused.value.parameter == "password"
    assert given_ not in str(refused.value)


@pytest.mark.parametrize(
    "given_", [PASSWORD, "correct horse battery staple", "крокодилгена7", "🌊🌧🏞🏠🚣🐟🦆🌉⚓🧭🪵🐸", "x-!%/(&=?)§$_:;*"]
)
def test_what_is_long_and_not_common_is_taken_whatever_its_letters(given_: str) -> None:
    assert checked(given_, "anna.lindqvist") == unicodedata.normalize("NFC", given_)


@given(st.binary(min_size=15, max_size=15))
def test_a_drawn_password_has_all_its_bits_and_is_taken(drawn: bytes) -> None:
    password = draw_password(lambda _: drawn)
    assert len(password) == 27
    if len(set(password)) > 6:
        assert checked(password, "anna") == password


@given(st.text(max_size=40))
def test_a_password_is_the_same_however_its_accents_were_typed(text: str) -> None:
    forms = {normalised(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
    assert len(forms) == 1


async def test_argon2_runs_with_the_recommended_costs_and_once_for_each_look() -> None:
    hasher = Hasher()
    kept = await hasher.hash(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert [await hasher.verifies(kept, PASSWORD), await hasher.verifies(kept, PASSWORD + "!")] == [True, False]
    assert not await hasher.verifies(None, PASSWORD)
    assert (hasher.computed, hasher.is_outdated(kept)) == (4, False)
    assert hasher.is_outdated(await cheap_hasher().hash(PASSWORD))


async def test_the_hash_of_nobody_costs_what_a_real_one_does() -> None:
    """Argon2 reads its costs from the hash: equal costs and equal lengths are equal work."""
    real, nobodys = await Hasher().hash(PASSWORD), Hasher()._nobodys
    assert real.split("$")[:4] == nobodys.split("$")[:4]
    assert [len(part) for part in real.split("$")] == [len(part) for part in nobodys.split("$")]
    assert not owasp().check_needs_rehash(nobodys)
    with pytest.raises(Exception, match="does not match"):
        owasp().verify(nobodys, PASSWORD)


async def test_more_than_may_wait_are_sent_away_at_once() -> None:
    full = Hasher(owasp(), at_once=1, waiting=0)
    first = asyncio.ensure_future(full.hash(PASSWORD))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await full.hash(PASSWORD)
    assert (await first).startswith("$argon2id$")
