"""Time-based one-time passwords (RFC 6238): six digits, HMAC-SHA-1, 30 seconds; and recovery codes; pure.

SHA-1 because authenticator apps know no other; as HMAC it is not broken.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from hydroalert.domain.clock import EPOCH

SECRET_BYTES = 20
"""RFC 4226, section 4: 160 bits."""

RECOVERY_CODES = 10
_STEP_S = 30
_DIGITS = 6
_SKEW_STEPS = 1
_ISSUER = "HydroAlert"
_RECOVERY_BYTES = 10


def step_of(secret: bytes, code: str, now: datetime, *, after: int | None = None) -> int | None:
    """The step whose code it is, of this one and its neighbours (section 5.2); None where none is, or where that
    step is not later than `after`: no code is taken twice.
    """
    current = (now - EPOCH) // timedelta(seconds=_STEP_S)
    given = code.replace(" ", "").encode("utf-8", "replace")
    steps = range(current - _SKEW_STEPS, current + _SKEW_STEPS + 1)
    found = [step for step in steps if hmac.compare_digest(code_at(secret, step), given)]
    return next((step for step in found if after is None or step > after), None)


def code_at(secret: bytes, step: int) -> bytes:
    """The six digits of that step."""
    return _totp(secret).generate(step * _STEP_S)


def shown_secret(secret: bytes) -> str:
    """As a person types it where there is no camera."""
    return base64.b32encode(secret).decode()


def uri_of(secret: bytes, name: str) -> str:
    """`otpauth://totp/…`, which authenticator apps read."""
    return _totp(secret).get_provisioning_uri(name, _ISSUER)


def qr_svg(uri: str) -> str:
    """The same as a picture."""
    picture = BytesIO()
    segno.make(uri, error="m", micro=False).save(picture, kind="svg", scale=4, xmldecl=False, light="#fff")
    return picture.getvalue().decode()


def draw_recovery_codes(random_bytes: Callable[[int], bytes]) -> list[str]:
    """Ten of 80 random bits each."""
    drawn = [base64.b32encode(random_bytes(_RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)]
    return ["-".join(signs[at : at + 4] for at in range(0, len(signs), 4)) for signs in drawn]


def recovery_digest(code: str) -> bytes:
    """What is kept of a recovery code, however it is written."""
    return hashlib.sha256(code.replace("-", "").replace(" ", "").lower().encode("utf-8", "replace")).digest()


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, _DIGITS, SHA1(), _STEP_S)  # noqa: S303 - see above
