"""What the api says that the live table shows. Fields that are not shown are ignored; those that lack are empty."""

from datetime import datetime

import msgspec


class Latest(msgspec.Struct, frozen=True):
    """The newest observation of a datastream."""

    time: datetime
    result: float
    live: bool = True


class Datastream(msgspec.Struct, frozen=True):
    """One series at a station."""

    code: str
    unit: str
    latest: Latest | None = None


class Station(msgspec.Struct, frozen=True):
    """A monitored place."""

    code: str
    name: str
    datastreams: tuple[Datastream, ...] = ()


class Stations(msgspec.Struct, frozen=True):
    """A page of stations; `next` says that there are more."""

    stations: tuple[Station, ...] = ()
    next: str | None = None


class Refused(msgspec.Struct, frozen=True):
    """Counted by reason: whole frames, and records of frames that were otherwise taken."""

    frames: int = 0
    records: int = 0


class Device(msgspec.Struct, frozen=True):
    """What came of a device's frames."""

    device: str
    station: str
    frames: int = 0
    refused: dict[str, Refused] = {}


class Devices(msgspec.Struct, frozen=True):
    """A page of devices."""

    devices: tuple[Device, ...] = ()
    next: str | None = None


class Check(msgspec.Struct, frozen=True):
    """One thing that health looked at."""

    name: str
    verdict: str
    detail: str = ""


class Alerting(msgspec.Struct, frozen=True):
    """Public alerts that stand, by severity, and areas of which nothing is known now."""

    standing: dict[str, int] = {}
    blind: int = 0


class Health(msgspec.Struct, frozen=True):
    """What is well and what is not, and totals over everything."""

    checks: tuple[Check, ...] = ()
    counts: dict[str, int] | None = None  # null while the database is away
    refused: dict[str, Refused] = {}
    alerting: Alerting | None = None


class Observations(msgspec.Struct, frozen=True):
    """A page of a series, oldest first."""

    observations: tuple[Latest, ...] = ()


class Answers(msgspec.Struct, frozen=True):
    """Everything that was asked at one time; what did not answer is empty, and `fault` says why."""

    stations: Stations = Stations()
    devices: Devices = Devices()
    health: Health = Health()
    fault: str = ""
