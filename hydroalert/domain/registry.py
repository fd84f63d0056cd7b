"""What admission must know of a device to judge its frames."""

import msgspec

from hydroalert.domain.quality import QualitySettings


class Datastream(msgspec.Struct, frozen=True, gc=False):
    """One datastream while it is filled by one device: phenomenon times from_ms to until_ms,
    both included, Unix ms. `spans`: its settings where they hold a span to test against."""

    id: int
    unit: str
    from_ms: float
    until_ms: float
    spans: QualitySettings | None = None


class Key(msgspec.Struct, frozen=True, gc=False):
    """A device's key, 32 bytes, good until `expires_ms` (Unix ms; infinity while in force)."""

    secret: bytes
    expires_ms: float


class Device(msgspec.Struct, frozen=True):
    """A registered device. `datastreams` lists, for each code, the times at which this device fills it."""

    id: int
    code: str
    station: str
    revoked: bool
    rows_per_hour: int
    keys: dict[int, Key]
    datastreams: dict[str, tuple[Datastream, ...]]


Registry = dict[str, Device]
"""All devices by code."""


class BrokerAccount(msgspec.Struct, frozen=True):
    """A device, or a user of the platform's own, as the broker should know it; not `enabled` means revoked."""

    device: str
    password: str
    enabled: bool
