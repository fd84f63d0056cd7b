"""Everything that one judgement of one area rests on, and what comes out of it: values, nothing else."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from hydroalert.domain.alerts import Alert, Change
from hydroalert.domain.rules import VersionedRule
from hydroalert.domain.severity import Severity

Name = tuple[str, str]
"""(station, datastream)."""


class Point(msgspec.Struct, frozen=True, gc=False):
    """One observation as it is judged; `quality` and `test` are `domain.quality`'s."""

    time: datetime
    result: float
    quality: int = 2
    test: int = 0


class Stream(msgspec.Struct, frozen=True):
    """One datastream that the area hears: its points in order of time, as far back as any rule of the area looks.

    `sensor_max`: the upper end of its sensor's span, in `unit`. In maintenance it raises nothing and is not missed.
    """

    station: str
    datastream: str
    unit: str
    interval_s: int
    live_for_s: int
    points: tuple[Point, ...] = ()
    sensor_max: float | None = None
    maintenance_until: datetime | None = None

    @property
    def name(self) -> Name:
        """(station, datastream)."""
        return self.station, self.datastream


class Override(msgspec.Struct, frozen=True):
    """What a person decided by hand, while it is in force. `severity`: raised to; or held at; or cleared at."""

    hazard: str
    kind: Literal["raise", "hold", "clear"]
    severity: Severity
    reason: str
    author: str
    expires_at: datetime


class Known(msgspec.Struct, frozen=True):
    """What was last known of a datastream."""

    time: datetime
    result: float
    quality: int


class Witness(msgspec.Struct, frozen=True):
    """A verified report from within the area: when it was seen, and how bad it was. `reporter`: the same for all
    reports that one person is known to have sent."""

    seen_at: datetime
    severity: Severity
    reporter: str


class Memory(msgspec.Struct, frozen=True):
    """What an area's judgement keeps from one time to the next.

    `held`: the level each member of each rule holds, by `rule/station/datastream`; `sure`: the highest of them that was
    corroborated. `unanswered`: since when a release is wanted, by hazard. `known`: the newest usable observation of
    each datastream, by `station/datastream`.
    """

    held: dict[str, int] = {}
    sure: dict[str, int] = {}
    unanswered: dict[str, datetime] = {}
    known: dict[str, Known] = {}
    blind_since: datetime | None = None


class Context(msgspec.Struct, frozen=True):
    """What one judgement rests on. `released` and `confirmed`: standing alerts that an operator released or confirmed.

    `informing`: the stations that inform the area. `streams` covers every member of every rule and every datastream of
    an informing station. `witnesses`: verified reports, as far back as any rule of the area asks for them.
    """

    area: str
    now: datetime
    rules: tuple[VersionedRule, ...] = ()
    streams: dict[Name, Stream] = {}
    informing: frozenset[str] = frozenset()
    silence_factor: float = 3.0
    alerts: tuple[Alert, ...] = ()
    overrides: tuple[Override, ...] = ()
    released: frozenset[UUID] = frozenset()
    confirmed: frozenset[UUID] = frozenset()
    witnesses: tuple[Witness, ...] = ()
    memory: Memory = Memory()
    drill: bool = False


class Finding(msgspec.Struct, frozen=True):
    """Why a member of a rule holds the level that it holds, or none: the answer to *why* and *why not*.

    `level`: 0 for none. `value`: of the signal. `threshold`: of the level held, or of the first where none is.
    `vouched`: what corroborated a suspect value just now.
    """

    rule: str
    version: int
    hazard: str
    station: str
    datastream: str
    unit: str
    level: int
    level_name: str
    threshold: float
    value: float | None
    time: datetime | None
    quality: int | None
    test: int | None
    live: bool
    silent: bool
    corroborated: bool
    words: str
    vouched: str = ""


class Judgement(msgspec.Struct, frozen=True):
    """What follows. `changes` in order, each one revision; `alerts` that stand after them; `judge_at`: when to look
    again though nothing new arrives."""

    changes: tuple[Change, ...]
    alerts: tuple[Alert, ...]
    memory: Memory
    findings: tuple[Finding, ...]
    blind_since: datetime | None
    judge_at: datetime
