"""Registries as admission holds them, made without a database."""

import math
from typing import Any

from hydroalert.domain.registry import Datastream, Device, Key, Registry

ALWAYS = (-math.inf, math.inf)


def datastreams_of(given: dict[str, Any]) -> dict[str, tuple[Datastream, ...]]:
    """The datastreams of a vectors file, filled by one device for all times; ids count from 1."""
    return {code: (Datastream(id_, one["unit"], *ALWAYS),) for id_, (code, one) in enumerate(given.items(), 1)}


def device_of(code: str, id_: int, given: dict[str, Any]) -> Device:
    """A registered device of a vectors file."""
    keys = {
        int(key_id): Key(bytes.fromhex(key["hex"]), math.inf if key["state"] == "active" else -math.inf)
        for key_id, key in given["keys"].items()
    }
    revoked = given["state"] == "revoked"
    return Device(id_, code, "station", revoked, 1000, keys, datastreams_of(given["datastreams"]))


def registry_of(devices: dict[str, Any]) -> Registry:
    """Every device of a vectors file."""
    return {code: device_of(code, id_, one) for id_, (code, one) in enumerate(devices.items(), 1)}


def spent_of(devices: dict[str, Any]) -> set[int]:
    """The ids of those over their quota."""
    return {id_ for id_, one in enumerate(devices.values(), 1) if one["quota_spent"]}
