"""Secrets at rest."""

import pytest

from hydroalert.domain.errors import SecretsError
from hydroalert.store.sealing import Sealer, key_purpose, password_purpose

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


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_master_key_is_32_bytes(size: int) -> None:
    with pytest.raises(SecretsError, match="64 hexadecimal digits"):
        Sealer(bytes(size))
