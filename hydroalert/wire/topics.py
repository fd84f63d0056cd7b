"""The topics of the contract (SPEC 1)."""

from enum import StrEnum
from functools import lru_cache

ROOT = "hydroalert/v1"
TIME = f"{ROOT}/time"
_DEVICES = f"{ROOT}/devices/"


class Channel(StrEnum):
    """What a device publishes on."""

    FRAMES = "frames"
    STATUS = "status"


def device_topic(device: str, channel: Channel) -> str:
    """The topic on which `device` publishes frames or its status."""
    return _DEVICES + device + "/" + channel  # half the time that a formatted string takes with an enum in it


def receipts_topic(device: str) -> str:
    """The topic on which `device` hears what is stored."""
    return f"{_DEVICES}{device}/receipts"


def latest_topic(station: str) -> str:
    """The retained topic of a station's newest observations."""
    return f"{ROOT}/stations/{station}/latest"


def alert_topic(area: str, *, drill: bool) -> str:
    """The retained topic of an area as a whole; exercises have topics of their own."""
    return f"{ROOT}/drill/alerts/{area}" if drill else f"{ROOT}/alerts/{area}"


def cap_topic(area: str, hazard: str, *, drill: bool) -> str:
    """The retained topic of the newest CAP message of one hazard in one area."""
    return f"{alert_topic(area, drill=drill)}/{hazard}/cap"


def shared_filters(share_group: str) -> tuple[str, str]:
    """The shared subscriptions of one lane (MQTT 5, section 4.8.2)."""
    return f"$share/{share_group}/{_DEVICES}+/frames", f"$share/{share_group}/{_DEVICES}+/status"


@lru_cache(maxsize=16_384)
def split_device_topic(topic: str) -> tuple[str, Channel] | None:
    """The device and channel of a topic that a lane is subscribed to; None for any other."""
    parts = topic.split("/")
    if len(parts) != 5 or not topic.startswith(_DEVICES):
        return None
    return (parts[3], Channel(parts[4])) if parts[4] in ("frames", "status") else None
