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
from hydroalert.judging.lookback import lookback_of, window_of
from hydroalert.store import Connection
from hydroalert.store.reading_histories import (
    HeardDatastream,
    ObservationRow,
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
        since = span.start and span.start - window_of(lookback, one.interval_s, one.live_for_s)
        rows: list[ObservationRow] = []
        async for chunk in observations_of(connection, one.id, since, span.end):
            rows += chunk
            _check_size(sum(len(other.points) for other in histories) + len(rows), most_points)
        histories.append(_history(one, rows, as_received=span.as_received))
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


def _check_size(points: int, most: int | None) -> None:
    if most is not None and points > most:
        raise InvalidInput(f"that is more than {most:,} observations: ask for a shorter time, or one area", "from")


def _history(heard: HeardDatastream, rows: list[ObservationRow], *, as_received: bool) -> History:
    settings = msgspec.json.decode(heard.settings, type=QualitySettings)
    stream = Stream(
        station=heard.station,
        datastream=heard.datastream,
        unit=heard.unit,
        interval_s=heard.interval_s,
        live_for_s=heard.live_for_s,
        sensor_max=settings.sensor_max,
    )
    points = [Point(time, result, *_as_admitted(quality, test)) for time, result, quality, test, _ in rows]
    return History(stream, settings, points, [row[-1] for row in rows] if as_received else None)


def _as_admitted(quality: int, test: int) -> tuple[int, int]:
    return UNTESTED if test in _BY_WINDOW else (quality, test)
