"""Status bodies: a device says that it came, or its last will that it went (SPEC 6)."""

from typing import Literal

import msgspec

from hydroalert.wire.strict_json import BadBody, finite_number, is_integer, read_strictly

_BEYOND = 2**53


class Status(msgspec.Struct, frozen=True):
    """What a status body says. `at` is Unix ms; `session` is new at every connection. `firmware` is any text."""

    status: Literal["online", "offline"]
    session: int
    at: int
    firmware: str | None = None
    uptime_s: float | None = None

    @property
    def online(self) -> bool:
        """Whether the device says that it came."""
        return self.status == "online"


def read_status(body: bytes) -> Status:
    """The status in a body; unknown fields are ignored (SPEC 6.1). Raises BadBody."""
    fields = read_strictly(body)
    if not isinstance(fields, dict):
        raise BadBody("not an object")
    if fields.get("status") not in ("online", "offline"):
        raise BadBody("status is neither online nor offline")
    for name in ("session", "at"):
        if not is_integer(fields.get(name)) or not 0 <= fields[name] < _BEYOND:
            raise BadBody(f"{name} is no whole number from 0 to 2**53 - 1")
    if not isinstance(fields.get("firmware", ""), str):
        raise BadBody("firmware is not text")
    uptime_s = finite_number(fields.get("uptime_s", 0))
    if uptime_s is None or uptime_s < 0:
        raise BadBody("uptime_s is no number from 0")
    known = uptime_s if "uptime_s" in fields else None
    return Status(fields["status"], fields["session"], fields["at"], fields.get("firmware"), known)
