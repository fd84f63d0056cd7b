"""From what the store holds of some areas to the contexts that they are judged in: a few queries for all of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from hydroalert.domain.alerts import Alert
from hydroalert.domain.clock import MAX_AHEAD
from hydroalert.domain.rules import VersionedRule
from hydroalert.domain.severity import Severity
from hydroalert.judging.context import Context, Memory, Override, Point, Stream, Witness
from hydroalert.judging.lookback import Window, lookback_of, wider, window_of
from hydroalert.store import Connection
from hydroalert.store.judging import (
    DecidedByHand,
    HeardStream,
    HeldArea,
    PointRow,
    Seen,
    answered_alerts,
    overrides_in_force,
    standing_alerts,
    streams_of,
    windows_of,
    witnesses_of,
)
from hydroalert.store.rules import load_rules

_Rules = dict[int, tuple[VersionedRule, ...]]


class _Loaded(msgspec.Struct, frozen=True):
    """Everything that was read for some areas."""

    rules: _Rules
    streams: dict[int, list[HeardStream]]
    points: dict[int, list[PointRow]]
    standing: dict[tuple[int, bool], list[str]]
    overrides: dict[tuple[int, bool], list[DecidedByHand]]
    answered: dict[str, set[UUID]]
    witnesses: dict[int, list[Seen]]


async def load_contexts(connection: Connection, held: Sequence[HeldArea], now: datetime) -> list[Context]:
    """The context of each held area, in their order. An exercise hears no stations.

    No area is judged as of a time before its newest revision: whoever waited for it waited.
    """
    real = [one.area_id for one in held if not one.drill]
    rules = await load_rules(connection, real)
    streams = await streams_of(connection, real)
    loaded = _Loaded(
        rules=rules,
        streams=streams,
        points=await _points(connection, _windows(rules, streams), now),
        standing=await standing_alerts(connection, held),
        overrides=await overrides_in_force(connection, held, now),
        answered=await answered_alerts(connection, held),
        witnesses=await _witnesses(connection, rules, now),
    )
    return [_context(one, max(now, one.updated_at), loaded) for one in held]


def _windows(rules: _Rules, streams: dict[int, list[HeardStream]]) -> dict[int, Window]:
    """How far back each datastream is read: as far as the furthest-looking area that hears it."""
    windows: dict[int, Window] = {}
    for area_id, heard in streams.items():
        lookback = lookback_of(one.rule for one in rules.get(area_id, ()))
        for one in heard:
            window = window_of(lookback, one.datastream, one.unit, one.interval_s, one.live_for_s)
            windows[one.id] = wider(window, windows.get(one.id, window))
    return windows


async def _points(connection: Connection, windows: dict[int, Window], now: datetime) -> dict[int, list[PointRow]]:
    spans = {one: (window.span, window.most) for one, window in windows.items()}
    return await windows_of(connection, spans, now, now + MAX_AHEAD)


async def _witnesses(connection: Connection, rules: _Rules, now: datetime) -> dict[int, list[Seen]]:
    """Only areas whose rules ask for reports are looked at: nearly all do not."""
    asked = {
        area_id: max(one.rule.confirming_reports.within_s for one in versions if one.rule.confirming_reports)
        for area_id, versions in rules.items()
        if any(one.rule.confirming_reports for one in versions)
    }
    if not asked:
        return {}
    return await witnesses_of(connection, list(asked), now - timedelta(seconds=max(asked.values())), now + MAX_AHEAD)


def _context(held: HeldArea, now: datetime, loaded: _Loaded) -> Context:
    streams = [] if held.drill else loaded.streams.get(held.area_id, [])
    return Context(
        area=held.code,
        now=now,
        rules=() if held.drill else loaded.rules.get(held.area_id, ()),
        streams={(one.station, one.datastream): _stream(one, loaded.points.get(one.id, [])) for one in streams},
        informing=frozenset(one.station for one in streams if one.informs),
        silence_factor=held.silence_factor,
        alerts=tuple(msgspec.json.decode(body, type=Alert) for body in loaded.standing.get(held.key, [])),
        overrides=tuple(map(_override, loaded.overrides.get(held.key, []))),
        released=frozenset(loaded.answered["release"]),
        confirmed=frozenset(loaded.answered["confirm"]),
        witnesses=tuple(Witness(seen, Severity(word), who) for seen, word, who in _seen(held, loaded)),
        memory=msgspec.json.decode(held.memory, type=Memory),
        drill=held.drill,
    )


def _seen(held: HeldArea, loaded: _Loaded) -> list[Seen]:
    return [] if held.drill else loaded.witnesses.get(held.area_id, [])


def _stream(heard: HeardStream, points: list[PointRow]) -> Stream:
    return Stream(
        station=heard.station,
        datastream=heard.datastream,
        unit=heard.unit,
        interval_s=heard.interval_s,
        live_for_s=heard.live_for_s,
        points=tuple(Point(*row) for row in points),
        sensor_max=heard.sensor_max,
        maintenance_until=heard.maintenance_until,
    )


def _override(one: DecidedByHand) -> Override:
    return msgspec.convert(msgspec.structs.asdict(one), Override)
