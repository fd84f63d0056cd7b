"""What is shown of a device; never a secret."""

from datetime import datetime

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.store import reading_devices as store


class Key(msgspec.Struct, frozen=True):
    """`expires_at` is null while it is in force until rotated."""

    key_id: int
    created_at: str
    expires_at: str | None


class Status(msgspec.Struct, frozen=True):
    """What the device last said of itself."""

    online: bool
    at: str | None
    firmware: str | None
    uptime_s: float | None


class Refused(msgspec.Struct, frozen=True):
    """Whole frames, and records of frames that were otherwise taken."""

    frames: int
    records: int


class Device(msgspec.Struct, frozen=True):
    """A device; its tallies follow a commit by about a second. `status` is null before it first spoke of itself,
    `rows_per_hour` where no quota was set for it alone."""

    device: str
    station: str
    created_at: str
    revoked_at: str | None
    rows_per_hour: int | None
    keys: list[Key]
    online: bool
    status: Status | None
    frames: int
    stored: int
    duplicates: int
    conflicts: int
    refused: dict[str, Refused]
    last_received_at: str | None


class DevicePage(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page; null on the last."""

    devices: list[Device]
    next: str | None


def show_device(device: store.Device) -> Device:
    """A device as JSON has it."""
    return Device(
        device=device.code,
        station=device.station,
        created_at=rfc3339(device.created_at),
        revoked_at=_shown(device.revoked_at),
        rows_per_hour=device.rows_per_hour,
        keys=[Key(key.key_id, rfc3339(key.created_at), _shown(key.expires_at)) for key in device.signing_keys],
        online=device.online or False,
        status=_show_status(device),
        frames=device.frames,
        stored=device.stored,
        duplicates=device.duplicates,
        conflicts=device.conflicts,
        refused={reason: Refused(one.frames, one.records) for reason, one in device.refused.items()},
        last_received_at=_shown(device.last_received_at),
    )


def _show_status(device: store.Device) -> Status | None:
    if device.online is None:
        return None
    return Status(device.online, _shown(device.status_at), device.firmware, device.uptime_s)


def _shown(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)
