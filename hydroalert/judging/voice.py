"""In whose name the platform warns."""

import re

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm

from hydroalert.domain.errors import InvalidInput
from hydroalert.judging.texts.templates import LANGUAGES
from hydroalert.wire.cap import values
from hydroalert.wire.cap.message import BadCap
from hydroalert.wire.cap.signature import check_key

_SENDER = re.compile(r"[^\s,<&\x00-\x1f]{1,200}")


class SigningKey(msgspec.Struct, frozen=True):
    """An X.509 certificate and its private key (RSA or elliptic curve), each as PEM."""

    certificate_pem: str
    key_pem: str


class Voice(msgspec.Struct, frozen=True):
    """Who sends CAP messages, and in which languages, the first first. Without `signing` they are not signed.

    `sender` is unique in the world, such as an address of the sender's own domain.
    """

    sender: str = "hydroalert@localhost"
    sender_name: str = "HydroAlert"
    languages: tuple[str, ...] = ("en", "es")
    web: str | None = None
    contact: str | None = None
    signing: SigningKey | None = None


def checked(voice: Voice) -> Voice:
    """The voice itself, if it can be heard. Raises InvalidInput that says what to change."""
    if not _SENDER.fullmatch(voice.sender):
        raise InvalidInput(f"the CAP sender {voice.sender!r} must have no blanks, commas, < or & (CAP 1.2, 3.2.1)")
    if not voice.languages or len(set(voice.languages)) != len(voice.languages):
        raise InvalidInput("name each language of CAP messages once, and at least one")
    if voice.web is not None and not _is_address(voice.web):
        raise InvalidInput(f"the CAP web address {voice.web!r} must be an http or https URL")
    for language in voice.languages:
        if language not in LANGUAGES:
            raise InvalidInput(f"there are no texts in {language!r}: choose of {', '.join(LANGUAGES)}")
    if voice.signing is not None:
        _check_signing(voice.signing)
    return voice


def _check_signing(signing: SigningKey) -> None:
    """Now, not when the first warning is to be signed."""
    try:
        check_key(signing.certificate_pem, signing.key_pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidInput(f"CAP messages cannot be signed with this certificate and key: {error}") from None


def _is_address(text: str) -> bool:
    try:
        values.uri(text)
    except BadCap:
        return False
    return text.startswith(("https://", "http://"))
