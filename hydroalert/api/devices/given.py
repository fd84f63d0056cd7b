"""What is given of a device, and what it is given: secrets stand in these answers only, once."""

from typing import Annotated, Literal

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.store.devices import (
    DEFAULT_INTERVAL_S,
    DEFAULT_OVERLAP,
    MAX_OVERLAP,
    NewDatastream,
    NewDevice,
    Registered,
    Rotated,
)

Broker = Literal["told", "waiting"]
"""Whether the broker knows already; where not, a running bridge tells it."""


class GivenDatastream(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A datastream that the device fills."""

    code: str
    unit: str
    interval_s: int = DEFAULT_INTERVAL_S


class GivenDevice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A device to be registered. `take_over`: fill from now on what another device filled until now."""

    device: str
    station: str
    datastreams: list[GivenDatastream]
    rows_per_hour: int | None = None
    take_over: bool = False


class GivenFilling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A datastream of the device's station; added where there is none."""

    unit: str
    interval_s: int = DEFAULT_INTERVAL_S
    take_over: bool = False


class GivenQuota(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many rows it may write in an hour; null: as many as any."""

    rows_per_hour: int | None


class GivenRotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long the former keys stay good."""

    overlap_s: Annotated[int, msgspec.Meta(ge=0, le=int(MAX_OVERLAP.total_seconds()))] = int(
        DEFAULT_OVERLAP.total_seconds()
    )


class RegisteredDevice(msgspec.Struct, frozen=True):
    """What the device is given. Key and password are not shown again."""

    device: str
    station: str
    datastreams: tuple[NewDatastream, ...]
    key_id: int
    key_hex: str
    mqtt_username: str
    mqtt_password: str
    broker: Broker


class NewKey(msgspec.Struct, frozen=True):
    """A device's new key, not shown again, and when its former ones end."""

    device: str
    key_id: int
    key_hex: str
    former_keys_end_at: str


class RevokedDevice(msgspec.Struct, frozen=True):
    """A device that is shut out."""

    device: str
    broker: Broker


def new_device(given: GivenDevice) -> NewDevice:
    """As the store takes it."""
    datastreams = tuple(NewDatastream(one.code, one.unit, one.interval_s) for one in given.datastreams)
    return NewDevice(given.device, given.station, datastreams, given.rows_per_hour)


def show_registered(registered: Registered, broker: Broker) -> RegisteredDevice:
    """As JSON has it."""
    return RegisteredDevice(
        registered.device,
        registered.station,
        registered.datastreams,
        registered.key_id,
        registered.key_hex,
        registered.mqtt_username,
        registered.mqtt_password,
        broker,
    )


def show_rotated(rotated: Rotated) -> NewKey:
    """As JSON has it."""
    return NewKey(rotated.device, rotated.key_id, rotated.key_hex, rfc3339(rotated.former_keys_end_at))
