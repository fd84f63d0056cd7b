"""From what is stored of an area to a case that can be put to the test."""

from datetime import datetime

import msgspec

from hydroalert.domain.quality import UNTESTED, QualitySettings, Test
from hydroalert.domain.rules import VersionedRule
from hydroalert.judging.backtest import Case
from hydroalert.judging.context import Point, Stream
from hydroalert.judging.history import History
from hydroalert.judging.lookback import lookback_of, window_of
from hydroalert.store import Connection
from hydroalert.store.reading_histories import (
    HeardDatastream,
    ObservationRow,
    ReplayedArea,
    heard_by,
    observations_of,
)

_BY_WINDOW = frozenset({Test.SPIKE, Test.RISE, Test.FALL, Test.FLAT_LINE, Test.GAP, Test.ALL_PASSED})
"""Their flags are forgotten: the replay tests anew, from what was known at each moment."""


class Span(msgspec.Struct, frozen=True):
    """Which part of what is stored is replayed, both ends included; None leaves one open. `as_received`: each
    observation arrives when it did, not at its phenomenon time."""

    start: datetime | None = None
    end: datetime | None = None
    as_received: bool = False


class Replay(msgspec.Struct, frozen=True):
    """A case, and from when to when it is judged; both included."""

    case: Case
    start: datetime
    end: datetime


async def load_replay(
    connection: Connection, area: ReplayedArea, rules: tuple[VersionedRule, ...], span: Span
) -> Replay | None:
    """The area under these rules; None where nothing is stored of what it hears. Raises NotFound."""
    members = {(member.station, member.datastream) for one in rules for member in one.rule.members}
    heard = await heard_by(connection, area.id, members)
    lookback = lookback_of(one.rule for one in rules)
    histories = []
    for one in heard:
        since = span.start and span.start - window_of(lookback, one.interval_s)
        rows = [row async for chunk in observations_of(connection, one.id, since, span.end) for row in chunk]
        histories.append(_history(one, rows, as_received=span.as_received))
    case = Case(
        area=area.code,
        rules=rules,
        informing=frozenset(one.station for one in heard if one.informs),
        histories=tuple(histories),
        silence_factor=area.silence_factor,
    )
    arrivals = [history.arrives_at for history in histories if history.points]
    if not arrivals:
        return None
    return Replay(case, span.start or min(map(min, arrivals)), span.end or max(map(max, arrivals)))


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
