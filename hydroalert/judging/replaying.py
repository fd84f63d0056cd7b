"""From what is stored of an area to a case that can be put to the test."""

from collections.abc import Collection, Iterable
from datetime import datetime

import msgspec

from hydroalert.domain.errors import InvalidInput, NotFound
from hydroalert.domain.quality import UNTESTED, QualitySettings, Test
from hydroalert.domain.rules import Rule, VersionedRule, checked
from hydroalert.judging.backtest import Case
from hydroalert.judging.context import Point, Stream
from hydroalert.judging.history import History
from hydroalert.judging.lookback import Lookback, lookback_of, window_of
from hydroalert.store import Connection
from hydroalert.store.quality import read_settings
from hydroalert.store.reading_histories import (
    HeardDatastream,
    ReplayedArea,
    areas_of,
    heard_by,
    observations_of,
)
from hydroalert.store.rules import load_rules

_BY_WINDOW = frozenset({Test.SPIKE, Test.RISE, Test.FALL, Test.FLAT_LINE, Test.GAP, Test.ALL_PASSED})
"""Their flags are forgotten: the replay tests anew, from what was known at each moment."""


class Span(msgspec.Struct, frozen=True):
    """Which part of what is stored is replayed, both ends included; None leaves one open. `as_received`: each
    observation arrives when it did, not at its phenomenon time."""

    start: datetime | None = None
    end: datetime | None = None
    as_received: bool = False


class Planned(msgspec.Struct, frozen=True):
    """An area, and the rules that it is to be tested with; those that are not stored have version 0."""

    area: ReplayedArea
    rules: tuple[VersionedRule, ...]


class Replay(msgspec.Struct, frozen=True):
    """A case, and from when to when it is judged; both included."""

    case: Case
    start: datetime
    end: datetime


async def plan_in_force(connection: Connection, codes: Collection[str] | None) -> list[Planned]:
    """These areas, or all, under the rules in force; without those that have none. Raises NotFound."""
    areas = await areas_of(connection, codes)
    in_force = await load_rules(connection, [area.id for area in areas])
    planned = [Planned(area, in_force[area.id]) for area in areas if area.id in in_force]
    if not planned:
        raise NotFound("no rule is in force there: put one in force, or give the rules to be tested")
    return planned


async def plan_with(connection: Connection, rules: Iterable[tuple[str, Rule]]) -> list[Planned]:
    """Areas under these rules, in force or not. Raises InvalidInput, NotFound."""
    by_area: dict[str, list[VersionedRule]] = {}
    for area, rule in rules:
        by_area.setdefault(area, []).append(VersionedRule(0, checked(rule)))
    return [Planned(area, tuple(by_area[area.code])) for area in await areas_of(connection, by_area)]


async def load_replay(
    connection: Connection, planned: Planned, span: Span, most_points: int | None = None
) -> Replay | None:
    """What to replay; None where nothing is stored of what the area hears. Raises NotFound; InvalidInput where it would
    be more than `most_points`."""
    members = {(member.station, member.datastream) for one in planned.rules for member in one.rule.members}
    heard = await heard_by(connection, planned.area.id, members)
    lookback = lookback_of(one.rule for one in planned.rules)
    histories: list[History] = []
    for one in heard:
        left = None if most_points is None else most_points - sum(len(other.points) for other in histories)
        histories.append(await _load_history(connection, one, lookback, span, left))
    case = Case(
        area=planned.area.code,
        rules=planned.rules,
        informing=frozenset(one.station for one in heard if one.informs),
        histories=tuple(histories),
        silence_factor=planned.area.silence_factor,
    )
    told = [history for history in histories if history.points]
    if not told:
        return None
    first, last = min(one.points[0].time for one in told), max(max(one.arrives_at) for one in told)
    return Replay(case, span.start or first, span.end or last)


async def _load_history(
    connection: Connection, heard: HeardDatastream, lookback: Lookback, span: Span, most_points: int | None
) -> History:
    """Chunk by chunk, so that whoever else runs in this loop has its turn."""
    window = window_of(lookback, heard.datastream, heard.unit, heard.interval_s, heard.live_for_s)
    since = None if span.start is None else span.start - window.span
    points: list[Point] = []
    received_at: list[datetime] = []
    async for chunk in observations_of(connection, heard.id, since, span.end):
        points += [Point(time, result, *_as_admitted(quality, test)) for time, result, quality, test, _ in chunk]
        received_at += [row[-1] for row in chunk]
        if most_points is not None and len(points) > most_points:
            raise InvalidInput("that are too many observations: ask for a shorter time, or for one area", "from")
    settings = read_settings(heard.id, heard.settings)
    return History(_stream(heard, settings), settings, points, received_at if span.as_received else None)


def _stream(heard: HeardDatastream, settings: QualitySettings) -> Stream:
    return Stream(
        station=heard.station,
        datastream=heard.datastream,
        unit=heard.unit,
        interval_s=heard.interval_s,
        live_for_s=heard.live_for_s,
        sensor_max=settings.sensor_max,
    )


def _as_admitted(quality: int, test: int) -> tuple[int, int]:
    return UNTESTED if test in _BY_WINDOW else (quality, test)
