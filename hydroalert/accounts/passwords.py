"""Which passwords are taken (NIST SP 800-63B, section 5.1.1.2: long, not common; no rules of composition); pure."""

import base64
import re
import unicodedata
from collections.abc import Callable

from hydroalert.domain.errors import InvalidInput

MIN_CHARS = 12
MAX_BYTES = 1024
"""Of its UTF-8: what is longer would only cost time."""

_LEAST_OF_OWN = 8
_LEAST_DISTINCT = 5
_RANDOM_BYTES = 15
_ROWS = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
_COMMON = re.compile(
    "(?:"
    "password|passw0rd|p@ssw0rd|p@ssword|pass|qwerty|qwertyuiop|letmein|iloveyou|welcome|admin|administrator|"
    "root|superuser|changeme|default|secret|monkey|dragon|football|baseball|basketball|sunshine|princess|"
    "superman|batman|trustno1|whatever|starwars|michael|jennifer|charlie|jordan|liverpool|arsenal|chelsea|"
    "computer|internet|samsung|master|hello|helloworld|login|guest|test|testing|user|username|operator|viewer|"
    "abc|asdf|asdfgh|zxcvbnm|abcd|hydroalert|flood|floods|flooding|water|river|sensor|alert|alarm|emergency|"
    "shelter"
    ")+"
)
"""What stands at the heart of the commonest: a lock on the first guesses, not on a dictionary."""


def normalised(password: str) -> str:
    """The same for every way to type it (NFC). Raises InvalidInput for what is too long, or no text."""
    try:
        text = unicodedata.normalize("NFC", password)
        too_long = len(text.encode()) > MAX_BYTES
    except UnicodeEncodeError:
        raise InvalidInput("this password is no text that could be typed again", "password") from None
    if too_long:
        raise InvalidInput(f"a password has at most {MAX_BYTES} bytes", "password")
    return text


def checked(password: str, name: str) -> str:
    """A password as it may be kept for the account of that name. Raises InvalidInput, which says why not."""
    text = normalised(password)
    folded = text.casefold()
    if len(text) < MIN_CHARS:
        raise InvalidInput(f"take a password of at least {MIN_CHARS} characters; several words are easy", "password")
    if len(folded.replace(name.casefold(), "")) < _LEAST_OF_OWN:
        raise InvalidInput("that password is little more than the account's name: take another", "password")
    if len(set(folded)) < _LEAST_DISTINCT or _is_common(folded):
        raise InvalidInput("that password is among the first that are guessed: take another", "password")
    return text


def draw_password(random_bytes: Callable[[int], bytes]) -> str:
    """One of 120 random bits, in groups that can be copied by hand."""
    signs = base64.b32encode(random_bytes(_RANDOM_BYTES)).decode().lower()
    return "-".join(signs[at : at + 6] for at in range(0, len(signs), 6))


def _is_common(folded: str) -> bool:
    """Whether it is a row of keys, or made of common words, with figures and signs around them."""
    signs = "".join(sign for sign in folded if sign.isalnum())
    if len(signs) >= _LEAST_DISTINCT and any(signs in row or signs in row[::-1] for row in _ROWS):
        return True
    return _COMMON.fullmatch(folded.strip("0123456789 !?.,;:-_#*+$%&/()=@")) is not None
