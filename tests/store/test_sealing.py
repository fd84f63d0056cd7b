"""Secrets at rest."""

import pytest

from hydroalert.domain.errors import SecretsError
from hydroalert.store import Connection
from hydroalert.store.sealing import Sealer, check_master_key, key_purpose, password_purpose

SEALER = Sealer(bytes(range(32)))
SECRET = b"thirty-two bytes of a secret key"


def test_what_is_sealed_opens_for_its_purpose() -> None:
    assert SEALER.open(SEALER.seal(SECRET, key_purpose("gauge-1", 0)), key_purpose("gauge-1", 0)) == SECRET


def test_the_same_secret_never_looks_the_same() -> None:
    assert SEALER.seal(SECRET, "a") != SEALER.seal(SECRET, "a")
    assert SECRET not in SEALER.seal(SECRET, "a")


@pytest.mark.parametrize(
    "purpose", [key_purpose("gauge-1", 1), key_purpose("gauge-2", 0), password_purpose("gauge-1"), ""]
)
def test_what_is_sealed_opens_for_no_other_purpose(purpose: str) -> None:
    with pytest.raises(SecretsError, match="another master key"):
        SEALER.open(SEALER.seal(SECRET, key_purpose("gauge-1", 0)), purpose)


def test_another_master_key_opens_nothing() -> None:
    with pytest.raises(SecretsError, match="another master key"):
        Sealer(bytes(32)).open(SEALER.seal(SECRET, "a"), "a")


@pytest.mark.parametrize("at", [0, 12, -1])
def test_nothing_opens_that_was_altered(at: int) -> None:
    sealed = bytearray(SEALER.seal(SECRET, "a"))
    sealed[at] ^= 1
    with pytest.raises(SecretsError):
        SEALER.open(bytes(sealed), "a")


@pytest.mark.parametrize("size", [0, 1, 7, 12, 27])
def test_nothing_opens_that_was_cut_short(size: int) -> None:
    with pytest.raises(SecretsError):
        SEALER.open(SEALER.seal(SECRET, "a")[:size], "a")


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_master_key_is_32_bytes(size: int) -> None:
    with pytest.raises(SecretsError, match="64 hexadecimal digits"):
        Sealer(bytes(size))


async def test_a_database_keeps_to_the_master_key_that_it_was_first_used_with(connection: Connection) -> None:
    for _ in range(2):
        await check_master_key(connection, SEALER)
    for _ in range(2):
        with pytest.raises(SecretsError, match="another master key"):
            await check_master_key(connection, Sealer(bytes(32)))
    await check_master_key(connection, SEALER)


def test_a_digest_is_the_same_only_for_the_same_secret_purpose_and_master_key() -> None:
    sealer = Sealer(bytes(32))
    assert sealer.digest(b"anna", "login-name") == Sealer(bytes(32)).digest(b"anna", "login-name")
    others = [sealer.digest(b"annb", "login-name"), sealer.digest(b"anna", "refresh-token")]
    others += [Sealer(b"\1" * 32).digest(b"anna", "login-name"), sealer.digest(b"\0anna", "login-name")]
    assert len({sealer.digest(b"anna", "login-name"), *others}) == 5
