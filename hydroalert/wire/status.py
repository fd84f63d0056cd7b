"""Status bodies: a device says that it came, or its last will that it went (SPEC 6)."""

from typing import Literal

import msgspec

from hydroalert.wire.senml import BadBody

MAX_FIRMWARE_CHARS = 64
_MAX_INTEGER = 2**53


class Status(msgspec.Struct, frozen=True):
    """What a status body says. `at` is Unix ms; `session` is new at every connection."""

    status: Literal["online", "offline"]
    session: int
    at: int
    firmware: str | None = None
    uptime_s: float | None = None

    @property
    def online(self) -> bool:
        """Whether the device says that it came."""
        return self.status == "online"


_decode = msgspec.json.Decoder(Status).decode


def read_status(body: bytes) -> Status:
    """The status in a body. Unknown keys are ignored. Raises BadBody."""
    try:
        body.decode()
        status = _decode(body)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError) as error:
        raise BadBody(f"not a status: {error}") from None
    if not (0 <= status.session <= _MAX_INTEGER and 0 <= status.at <= _MAX_INTEGER):
        raise BadBody("session and at are whole numbers from 0 to 2**53")
    if status.firmware is not None and not _is_firmware(status.firmware):
        raise BadBody(f"firmware is at most {MAX_FIRMWARE_CHARS} printable characters")
    return status


def _is_firmware(text: str) -> bool:
    return len(text) <= MAX_FIRMWARE_CHARS and text.isprintable()
