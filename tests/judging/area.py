"""One area that is judged again and again: what it hears, what people do, and what is carried from one to the next."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from hydroalert.domain.alerts import Alert, Change, Transition
from hydroalert.domain.quality import Flag, Test
from hydroalert.domain.rules import Level, Member, Rule, VersionedRule
from hydroalert.domain.severity import Severity
from hydroalert.judging.by_hand import Act, acted
from hydroalert.judging.context import Context, Judgement, Memory, Name, Override, Point, Stream, Witness
from hydroalert.judging.judge import judge
from hydroalert.judging.lookback import Lookback, Window, lookback_of, window_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MINOR, MODERATE, SEVERE, EXTREME = Severity
STEP_S = 15 * 60
"""How often a station speaks here."""


def ladder(*thresholds: float, **more: Any) -> tuple[Level, ...]:
    """Levels of minor, moderate, severe, extreme at these thresholds."""
    return tuple(
        Level(severity.value, threshold, severity, **more)
        for threshold, severity in zip(thresholds, Severity, strict=False)
    )


def rule_of(*levels: Level, stations: str = "a", code: str = "level", datastream: str = "level", **more: Any) -> Rule:
    """A rule that reads one datastream at each of these stations, each named by one letter."""
    return Rule(code, levels, tuple(Member(station, datastream) for station in stations), **more)


class Area:
    """An area as `judging.revise` keeps it, without a database."""

    def __init__(self, *rules: Rule, hears: tuple[Stream, ...] = ()) -> None:
        self.now = NOON
        self.rules = tuple(VersionedRule(1, rule) for rule in rules)
        self.streams: dict[Name, Stream] = {stream.name: stream for stream in hears}
        for rule in rules:
            for member in rule.members:
                name = member.station, member.datastream
                self.streams.setdefault(name, stream_of(*name))
        self.points: dict[Name, dict[datetime, Point]] = {name: {} for name in self.streams}
        self.alerts: tuple[Alert, ...] = ()
        self.memory = Memory()
        self.overrides: list[Override] = []
        self.released: set[UUID] = set()
        self.confirmed: set[UUID] = set()
        self.witnesses: list[Witness] = []
        self.last: Judgement | None = None

    @property
    def judgement(self) -> Judgement:
        """The last."""
        assert self.last is not None
        return self.last

    def alert(self, hazard: str = "flood") -> Alert | None:
        """What stands of a hazard."""
        return next((alert for alert in self.alerts if alert.hazard == hazard), None)

    def public(self, hazard: str = "flood") -> Severity | None:
        """What the public hears of it."""
        alert = self.alert(hazard)
        return None if alert is None else alert.public_severity

    def hear(self, result: float, **more: Any) -> tuple[Change, ...]:
        """One observation arrives, and what follows."""
        self.take(result, **more)
        return self.judge()

    def take(self, result: float, station: str = "a", datastream: str = "level", *, at: datetime | None = None,
             quality: Flag = Flag.GOOD, test: Test = Test.NONE) -> None:  # fmt: skip
        """One observation arrives; the first of its time stays."""
        time = at or self.now
        self.points[station, datastream].setdefault(time, Point(time, result, quality, test))

    def wait(self, time: timedelta = timedelta(seconds=STEP_S)) -> None:
        """Time passes and nobody looks."""
        self.now += time

    def flow(self, *results: float, **more: Any) -> list[tuple[Change, ...]]:
        """One observation after the other, each a step later; what follows from each."""
        changes = []
        for result in results:
            self.wait()
            changes.append(self.hear(result, **more))
        return changes

    def look(self, until: datetime) -> list[Change]:
        """Nothing arrives until then: judged whenever the last judgement asked for it."""
        changes: list[Change] = []
        while self.judgement.judge_at <= until:
            self.now = self.judgement.judge_at
            changes += self.judge()
        self.now = until
        return changes

    def context(self) -> Context:
        """What it would be judged by now."""
        lookback = lookback_of(one.rule for one in self.rules)
        return Context(
            area="valley",
            now=self.now,
            rules=self.rules,
            streams={
                name: msgspec.structs.replace(
                    stream,
                    points=self._window(
                        name, window_of(lookback, stream.datastream, stream.unit, stream.interval_s, stream.live_for_s)
                    ),
                )
                for name, stream in self.streams.items()
            },
            informing=frozenset(station for station, _ in self.streams),
            alerts=self.alerts,
            overrides=tuple(one for one in self.overrides if one.expires_at > self.now),
            released=frozenset(self.released),
            confirmed=frozenset(self.confirmed),
            witnesses=tuple(self.witnesses),
            memory=self.memory,
        )

    def judge(self, act: Act | None = None) -> tuple[Change, ...]:
        """Judge now, and carry on with what came out."""
        judgement = judge(self.context())
        self.last = judgement if act is None else acted(judgement, act)
        self.alerts, self.memory = self.last.alerts, self.last.memory
        return self.last.changes

    def decide(self, kind: Literal["raise", "hold", "clear"], severity: Severity | None = None,
               lasts: timedelta = HOUR, hazard: str = "flood") -> tuple[Change, ...]:  # fmt: skip
        """A person overrides; what was decided before on this hazard ends."""
        standing = self.alert(hazard)
        severity = severity or (standing.severity if standing else MINOR)
        self.overrides = [one for one in self.overrides if one.hazard != hazard]
        self.overrides.append(Override(hazard, kind, severity, "seen", "ann", self.now + lasts))
        return self.judge(Act(hazard, "ann", "seen", Transition.OVERRIDDEN))

    def release(self) -> tuple[Change, ...]:
        """A person lets the public hear of the flood."""
        self.released |= {alert.id for alert in self.alerts if alert.hazard == "flood"}
        return self.judge(Act("flood", "ann", "seen", Transition.RELEASED))

    def confirm(self) -> tuple[Change, ...]:
        """A person vouches for a suspect value."""
        self.confirmed |= {alert.id for alert in self.alerts if alert.hazard == "flood"}
        return self.judge(Act("flood", "ann", "seen", None))

    def acknowledge(self) -> tuple[Change, ...]:
        """A person has seen it."""
        return self.judge(Act("flood", "ann", "seen", Transition.ACKNOWLEDGED))

    def maintain(self, station: str, lasts: timedelta, datastream: str = "level") -> tuple[Change, ...]:
        """A datastream goes into maintenance."""
        stream = self.streams[station, datastream]
        self.streams[stream.name] = msgspec.structs.replace(stream, maintenance_until=self.now + lasts)
        return self.judge()

    def _window(self, name: Name, window: Window) -> tuple[Point, ...]:
        points = sorted(self.points[name].values(), key=lambda point: point.time)[-window.most :]
        return tuple(point for point in points if point.time >= points[-1].time - window.span)


def _window_of(lookback: Lookback, stream: Stream) -> Window:
    return window_of(lookback, stream.datastream, stream.unit, stream.interval_s, stream.live_for_s)


def stream_of(station: str, datastream: str = "level", unit: str = "m", **more: Any) -> Stream:
    """A datastream that speaks every quarter of an hour, live for three of them."""
    return Stream(station, datastream, unit, STEP_S, 3 * STEP_S, **more)


def steps(changes: list[tuple[Change, ...]]) -> list[str]:
    """The transitions, in order; `` where nothing changed."""
    return [" ".join(change.transition.value for change in some) for some in changes]
