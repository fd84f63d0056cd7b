"""The other comparison: what was warned of, with what the stored observations say; and what the broker shows of it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
import asyncpg

LEVELS = ((1.004, "minor"), (1.008, "moderate"), (1.012, "severe"), (1.016, "extreme"))
"""The load's values climb from 1.001 in steps of a thousandth and fall back at each round: every level is reached."""
DATASTREAM = "level"
RADIUS_M = 100
_LISTEN_S = 1.0

_REVISIONS = """
SELECT area.code::text AS area, revision, transition, alert_id, hazard::text, public,
       EXISTS (SELECT FROM cap_message WHERE cap_message.area_id = revision.area_id
               AND cap_message.drill = revision.drill AND cap_message.revision = revision.revision) AS told
FROM revision JOIN area ON area.id = area_id WHERE NOT drill ORDER BY area.code, revision
"""
_STANDING = """
SELECT area.code::text AS area, hazard::text, (body ->> 'level')::int AS level
FROM alert JOIN area ON area.id = area_id WHERE active AND NOT drill
"""
_STATES = """
SELECT area.code::text AS area, revision, failure FROM area_state JOIN area ON area.id = area_id WHERE NOT drill
"""
_WAITING = """
SELECT (SELECT count(*) FROM due) + (SELECT count(*) FROM area_due) + (SELECT count(*) FROM outbox)
     + (SELECT count(*) FROM delivery WHERE state = 'waiting')
"""


@dataclass(frozen=True)
class Revision:
    """One revision of an area, as it is stored."""

    area: str
    revision: int
    transition: str
    alert_id: str
    hazard: str
    public: bool
    told: bool


@dataclass(frozen=True)
class Warned:
    """What the database holds of warnings, in one snapshot, and what the broker shows, a moment later."""

    revisions: Sequence[Revision]
    standing: Mapping[str, int]
    """The level of the standing flood alert of each area."""
    states: Mapping[str, int]
    failures: int
    waiting: int
    shown: Mapping[str, int]
    """The revision that each area's retained topic shows."""


@dataclass(frozen=True)
class WarningVerdict:
    """What is amiss, each as a count: all 0 when nothing was lost or doubled. `revisions`: how many there are."""

    revisions: int
    missing: int
    doubled: int
    untold: int
    wrong_level: int
    wrong_shown: int
    waiting: int
    failures: int

    @property
    def amiss(self) -> int:
        """How much is wrong, altogether."""
        faults = (self.missing, self.doubled, self.untold, self.wrong_level, self.wrong_shown)
        return sum(faults) + self.waiting + self.failures


def rules_by_area(stations: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """A ladder over the level of each station, as `hydroalert rules import` reads them; its area has its code."""
    levels = [{"name": severity, "threshold": threshold, "severity": severity} for threshold, severity in LEVELS]
    return {
        station: [{"code": "level", "levels": levels, "members": [{"station": station, "datastream": DATASTREAM}]}]
        for station in stations
    }


async def read_warnings(database: str, broker: str) -> Warned:
    """Everything that was warned of. Raises asyncpg's and aiomqtt's errors where a part is away."""
    connection = await asyncpg.connect(database, timeout=5)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            revisions = await connection.fetch(_REVISIONS)
            standing = await connection.fetch(_STANDING)
            states = await connection.fetch(_STATES)
            waiting = await connection.fetchval(_WAITING)
    finally:
        await connection.close()
    return Warned(
        revisions=[Revision(**{**row, "alert_id": str(row["alert_id"])}) for row in revisions],
        standing={row["area"]: row["level"] for row in standing if row["hazard"] == "flood"},
        states={row["area"]: row["revision"] for row in states},
        failures=sum(row["failure"] is not None for row in states),
        waiting=waiting,
        shown=await _shown(broker),
    )


async def _shown(broker: str) -> dict[str, int]:
    """What anybody sees who subscribes now: retained messages come at once, so silence ends the listening."""
    address, shown = urlsplit(broker), dict[str, int]()
    client = aiomqtt.Client(address.hostname or "", address.port or 1883, protocol=aiomqtt.ProtocolVersion.V5)
    async with client:
        await client.subscribe("hydroalert/v1/alerts/+", qos=1)
        try:
            while True:
                async with asyncio.timeout(_LISTEN_S):
                    message = await anext(client.messages)
                area = json.loads(bytes(message.payload)) if isinstance(message.payload, bytes) else {}
                shown[area.get("area", "")] = area.get("revision", -1)
        except TimeoutError:
            return shown


def judge_warnings(newest: Mapping[tuple[str, str], float], warned: Warned) -> WarningVerdict:
    """Compare what stands with the newest stored values; count revisions, and follow each alert from step to step."""
    by_area: dict[str, list[Revision]] = {area: [] for area in warned.states}
    for revision in warned.revisions:
        by_area[revision.area].append(revision)
    true_levels = {
        area: sum(newest.get((area, DATASTREAM), 0.0) >= threshold for threshold, _ in LEVELS) for area in by_area
    }
    return WarningVerdict(
        revisions=len(warned.revisions),
        missing=sum(_missing(found, warned.states[area]) for area, found in by_area.items()),
        doubled=sum(map(_illegal_steps, by_area.values())),
        untold=sum(one.told != (one.public and one.hazard == "flood") for one in warned.revisions),
        wrong_level=sum(warned.standing.get(area, 0) != level for area, level in true_levels.items()),
        wrong_shown=sum(warned.shown.get(area) != revision for area, revision in warned.states.items()),
        waiting=warned.waiting,
        failures=warned.failures,
    )


def _missing(found: Sequence[Revision], newest: int) -> int:
    """Numbers between 1 and the newest that no revision has, or that the state has not counted."""
    return len(set(range(1, newest + 1)) ^ {one.revision for one in found})


def _illegal_steps(found: Sequence[Revision]) -> int:
    """Raised while it stood, or anything else while it did not: a step that was made twice, or one that was lost."""
    standing: dict[str, str] = {}
    illegal = 0
    for one in found:
        raised = one.transition == "raised"
        illegal += raised == (one.hazard in standing) or (not raised and standing.get(one.hazard) != one.alert_id)
        if one.transition == "cleared":
            standing.pop(one.hazard, None)
        else:
            standing[one.hazard] = one.alert_id
    return illegal
