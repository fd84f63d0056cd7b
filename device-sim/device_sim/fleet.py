"""The devices that this simulator may speak as: what ``hydroalert device import FILE --json`` printed."""

from pathlib import Path

import msgspec


class FleetError(Exception):
    """The fleet cannot do what it was asked for; the message says what to do."""


class Stream(msgspec.Struct, frozen=True):
    """A registered datastream: code, unit, and how often it reports."""

    code: str
    unit: str
    interval_s: int = 900


class Member(msgspec.Struct, frozen=True):
    """One device with its key and its broker account. Unknown fields are ignored."""

    device: str
    station: str
    key_id: int
    key_hex: str
    datastreams: tuple[Stream, ...]
    mqtt_username: str | None = None
    mqtt_password: str | None = None

    @property
    def key(self) -> bytes:
        """The 32 bytes that the device signs with."""
        return bytes.fromhex(self.key_hex)

    def stream(self, code: str) -> Stream | None:
        """The datastream of that code, or None where it is not registered to this device."""
        return next((stream for stream in self.datastreams if stream.code == code), None)


def read_fleet(path: Path) -> list[Member]:
    """The members of a fleet file: a list, or one device as an object."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise FleetError(f"no fleet: {error}; make one with: hydroalert device import FILE --json") from None
    try:
        is_list = raw.lstrip()[:1] == b"["
        fleet = msgspec.json.decode(raw if is_list else b"[" + raw + b"]", type=list[Member])
        for member in fleet:
            _check(member)
    except (msgspec.DecodeError, ValueError) as error:
        raise FleetError(f"{path} is not a fleet: {error}") from None
    if not fleet:
        raise FleetError(f"{path} holds no device")
    return fleet


def _check(member: Member) -> None:
    if len(member.key) != 32:
        raise ValueError(f"{member.device}: a key is 32 bytes, 64 hexadecimal digits")
    if not member.datastreams:
        raise ValueError(f"{member.device} has no datastream")
