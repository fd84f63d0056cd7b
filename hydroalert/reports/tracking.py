"""Tracking codes: who has one may look at its report, add to it, and take it back. Pure."""

import hashlib

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, so that what is read aloud or copied by hand is not mistaken."""

_READ_AS = str.maketrans("OIL", "011", "- \t")
_LENGTH = 20  # 100 bits: 2**60 guesses find one of a million reports with a chance of one in a million
_GROUP = 5


def code_from(secret: bytes) -> str:
    """The code that the first 100 bits of a secret make: `7K3MQ-0ZTRC-9XH2V-FA41D`."""
    bits = int.from_bytes(secret[:13], "big") >> 4
    signs = "".join(_SIGNS[bits >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
    return "-".join(signs[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP))


def digest_of(code: str) -> bytes:
    """What is kept of a code: its SHA-256, the same for every way to write it.

    What is no code has a digest that no report has, and costs the same to look for.
    """
    return hashlib.sha256(code.upper().translate(_READ_AS).encode("utf-8", "replace")).digest()
