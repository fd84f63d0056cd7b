"""What a set of rules would have done: stored observations stepped through the judgement that live alerting makes."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import msgspec

from hydroalert.domain.alerts import Alert, Change
from hydroalert.domain.rules import VersionedRule
from hydroalert.judging.context import Context, Memory, Name, Stream
from hydroalert.judging.history import History
from hydroalert.judging.judge import judge
from hydroalert.judging.lookback import lookback_of
from hydroalert.judging.track import Track

Heed = Callable[[datetime], None]
"""Called with each moment that is judged: to show progress, or to stop by raising."""


class Case(msgspec.Struct, frozen=True):
    """One area as it is put to the test; the histories cover every member of every rule and all that informs it."""

    area: str
    rules: tuple[VersionedRule, ...]
    informing: frozenset[str]
    histories: tuple[History, ...]
    silence_factor: float = 3.0


class Revision(msgspec.Struct, frozen=True):
    """One revision that would have been, numbered from 1."""

    number: int
    at: datetime
    change: Change


class Course(msgspec.Struct, frozen=True):
    """What would have happened in one area. `alerts` stand at `end`; `heard`: all that had arrived by then, with its
    final flags."""

    area: str
    start: datetime
    end: datetime
    revisions: tuple[Revision, ...]
    alerts: tuple[Alert, ...]
    blind_since: datetime | None
    heard: dict[Name, Stream]
    judged: int


class _State(msgspec.Struct):
    """What is carried from one judgement to the next."""

    judge_at: datetime
    revisions: list[Revision] = []
    alerts: tuple[Alert, ...] = ()
    memory: Memory = Memory()
    blind_since: datetime | None = None
    judged: int = 0


def back_test(case: Case, start: datetime, end: datetime, heed: Heed = lambda _: None) -> Course:
    """Judge the area at every arrival and whenever it asked to be looked at again, from `start` to `end` inclusive.

    What arrived before `start` is known by then, and not judged. A point arrives at its phenomenon time, or when its
    history says.
    """
    lookback = lookback_of(one.rule for one in case.rules)
    tracks = [Track(history, lookback) for history in case.histories]
    state = _State(judge_at=start)
    for now, arrived in _moments(tracks, end):
        while state.judge_at < now:
            _judge(case, tracks, state, state.judge_at, heed)
        for track, places in arrived:
            track.take(places, now)
        if now >= start:
            _judge(case, tracks, state, now, heed)
    while state.judge_at <= end:
        _judge(case, tracks, state, state.judge_at, heed)
    return _course(case, tracks, state, start, end)


def _moments(tracks: Sequence[Track], end: datetime) -> Iterator[tuple[datetime, list[tuple[Track, list[int]]]]]:
    """Every moment up to `end` at which something arrives, and of which track the points at which places."""
    arrivals = sorted(
        (when, number, place) for number, track in enumerate(tracks) for when, place in track.arrivals() if when <= end
    )
    for now, together in groupby(arrivals, key=itemgetter(0)):
        by_track = groupby(together, key=itemgetter(1))
        yield now, [(tracks[number], [place for *_, place in places]) for number, places in by_track]


def _judge(case: Case, tracks: Sequence[Track], state: _State, now: datetime, heed: Heed) -> None:
    heed(now)
    judgement = judge(
        Context(
            area=case.area,
            now=now,
            rules=case.rules,
            streams={track.name: track.seen() for track in tracks},
            informing=case.informing,
            silence_factor=case.silence_factor,
            alerts=state.alerts,
            memory=state.memory,
        )
    )
    assert judgement.judge_at > now, "a judgement asks to be made again at once, for ever"
    for change in judgement.changes:
        state.revisions.append(Revision(len(state.revisions) + 1, now, change))
    state.alerts, state.memory, state.judge_at = judgement.alerts, judgement.memory, judgement.judge_at
    state.blind_since = judgement.blind_since
    state.judged += 1


def _course(case: Case, tracks: Sequence[Track], state: _State, start: datetime, end: datetime) -> Course:
    return Course(
        area=case.area,
        start=start,
        end=end,
        revisions=tuple(state.revisions),
        alerts=state.alerts,
        blind_since=state.blind_since,
        heard={track.name: track.heard() for track in tracks},
        judged=state.judged,
    )
