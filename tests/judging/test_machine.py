"""Whatever happens to an area, in whatever order: what must hold of every judgement."""

import copy
from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from hydroalert.domain.alerts import TELL_AGAIN_AFTER, Alert, Change, Transition
from hydroalert.domain.quality import Flag, Test
from hydroalert.domain.rules import PLATFORM_HAZARDS, Level, Release, Rule, VersionedRule, checked
from hydroalert.domain.severity import Severity, rank_of
from hydroalert.judging.context import Name
from hydroalert.judging.judge import judge
from hydroalert.judging.transitions import STEPS
from tests.judging.area import MINUTE, MODERATE, Area, rule_of

VALUES = st.sampled_from([0.0, 0.5, 0.9, 1.0, 1.5, 1.9, 2.0, 2.1, 2.5, 3.0, 3.5, 4.0, 5.0])
minutes = st.integers(1, 99)
STATIONS = st.sampled_from("abc")
FLAGS = st.sampled_from([Flag.GOOD, Flag.GOOD, Flag.NOT_EVALUATED, Flag.SUSPECT, Flag.FAIL, Flag.MISSING])
CALM = frozenset({Transition.BLINDED, Transition.CONTINUED, Transition.ESCALATED, Transition.RAISED})


def calm(seen: list[tuple[datetime, Change]]) -> bool:
    """Whether nothing was lowered or cleared, but that an area is blind: a maintenance that ends may end that."""
    return {change.transition for _, change in seen if change.alert.hazard not in PLATFORM_HAZARDS} <= CALM


"""What may happen while nothing is heard."""


@st.composite
def ladders(draw: st.DrawFn) -> tuple[Level, ...]:
    """One to four levels at whole numbers; every kind of hold."""
    thresholds = sorted(draw(st.sets(st.sampled_from([1.0, 2.0, 3.0, 4.0]), min_size=1)))
    severities = sorted(draw(st.lists(st.sampled_from(Severity), min_size=4, max_size=4)), key=rank_of)
    hysteresis = draw(st.sampled_from([0.0, 0.1, 0.5, 1.5]))
    return tuple(
        Level(
            name=f"level {threshold:g}",
            threshold=threshold,
            severity=severity,
            hysteresis=hysteresis,
            hold_up_s=draw(st.sampled_from([0, 0, 1800])),
            hold_up_count=draw(st.sampled_from([1, 1, 2])),
            hold_down_s=draw(st.sampled_from([0, 0, 3600])),
        )
        for threshold, severity in zip(thresholds, severities, strict=False)
    )


releases = st.none() | st.builds(
    Release, st.sampled_from(Severity), after_s=st.sampled_from([600, 3600]), then=st.sampled_from(["publish", "ask"])
)


@st.composite
def rules(draw: st.DrawFn, code: str) -> Rule:
    """A rule over one to three stations."""
    stations = "".join(sorted(draw(st.sets(STATIONS, min_size=1))))
    signal = draw(st.sampled_from(["level", "level", "rise", "accumulation"]))
    return checked(
        rule_of(
            *draw(ladders()),
            stations=stations,
            code=code,
            datastream="rainfall" if signal == "accumulation" else "level",
            hazard=draw(st.sampled_from(["flood", "flood", "wind"])),
            signal=signal,
            window_s=draw(st.sampled_from([1800, 3600])),
            k=draw(st.integers(1, len(stations))),
            confirming_rain=draw(st.sampled_from([2.0, 9000.0])),
            release=draw(releases),
        )
    )


class Judging(RuleBasedStateMachine):
    """An area, its stations, its people and the time."""

    @initialize(first=rules("one"), second=st.none() | rules("two"))
    def begin(self, first: Rule, second: Rule | None) -> None:
        """It hears nobody yet."""
        self.area = Area(*[one for one in (first, second) if one is not None])
        self.untouched = True
        self.judge()

    @rule(value=VALUES, station=STATIONS, quality=FLAGS, minutes=st.sampled_from([0, 1, 5, 15, 15, 15, 40]))
    def hear(self, value: float, station: str, quality: Flag, minutes: int) -> None:
        """An observation of now, of any quality; perhaps one of a time that is known already."""
        self.area.wait(minutes * MINUTE)
        self.take(station, value, quality=quality)
        self.judge()

    @rule(value=VALUES, times=st.integers(2, 8))
    def flow(self, value: float, times: int) -> None:
        """Every station says the same again and again: each level goes one way only, then stays."""
        held = [self.area.memory.held]
        for _ in range(times):
            self.area.wait()
            for station, _ in list(self.area.streams):
                self.take(station, value)
            self.judge()
            held.append(self.area.memory.held)
        for one in (one.rule for one in self.area.rules if one.rule.signal == "level"):
            for member in one.members:
                levels = [some.get(f"{one.code}/{member.station}/level", 0) for some in held]
                assert levels in (sorted(levels), sorted(levels, reverse=True)), levels

    @rule(value=VALUES, station=STATIONS, quality=FLAGS, minutes=st.integers(1, 240))
    def hear_late(self, value: float, station: str, quality: Flag, minutes: int) -> None:
        """Old news. Where nothing newer is live it changes nothing for the public, whatever it says."""
        self.judge()
        before = heard_by_public(self.area)
        self.take(station, value, quality=quality, at=self.area.now - minutes * MINUTE)
        spoken = [at for name in self.area.streams if name[0] == station for at in self.spoken(name)]
        lives = [self.area.now - at < 45 * MINUTE for at in spoken]
        changes = self.judge()
        if not any(lives):
            assert {change.alert.hazard for change in changes} <= PLATFORM_HAZARDS
            assert heard_by_public(self.area) == before

    @precondition(lambda self: not self.area.alerts and not self.area.memory.held and not self.doubtful())
    @rule(value=VALUES, station=STATIONS, crest=st.booleans())
    def hear_one_in_doubt(self, value: float, station: str, crest: bool) -> None:
        """A single suspect value, with nothing that confirms it, raises at most moderate."""
        self.area.wait()
        names = [name for name in self.area.streams if name == (station, "level")]
        for name in names:
            if crest:
                self.area.streams[name] = msgspec.structs.replace(self.area.streams[name], sensor_max=4.5)
            flag = (Flag.FAIL, Test.SENSOR_SPAN) if crest else (Flag.SUSPECT, Test.SPIKE)
            self.area.take(9.0 if crest else value, *name, quality=flag[0], test=flag[1])
        self.judge()
        if not self.has_rained():
            assert all(alert.severity.rank <= MODERATE.rank for alert in self.area.alerts)

    @rule(minutes=st.sampled_from([10, 60, 100]))
    def keep_silent(self, minutes: int) -> None:
        """Nothing is heard: nothing is lowered nor cleared. Looking when it was asked for misses nothing that looking
        every minute would see: everything here lasts whole minutes."""
        self.judge()
        often, decided = copy.copy(self.area), bool(self.area.overrides)
        seen_often = []
        for _ in range(minutes):
            often.wait(MINUTE)
            seen_often += [(often.now, told(change)) for change in often.judge()]
        seen = self.look(self.area.now + minutes * MINUTE)
        assert [(at, told(change)) for at, change in seen] == seen_often
        assert decided or calm(seen)

    @rule(hours=st.integers(3, 30))
    def keep_silent_for_long(self, hours: int) -> None:
        """The same for so long that what stands is told again."""
        self.judge()
        decided = bool(self.area.overrides)
        seen = self.look(self.area.now + timedelta(hours=hours))
        assert decided or calm(seen)
        told_at = [alert.told_at for alert in self.area.alerts if alert.public_severity is not None]
        assert all(at is not None and self.area.now < at + TELL_AGAIN_AFTER for at in told_at)

    @rule(station=STATIONS, minutes=minutes)
    def maintain(self, station: str, minutes: int) -> None:
        """A station's level goes into maintenance."""
        self.area.wait(MINUTE)
        self.judge()
        if (station, "level") in self.area.streams:
            before = self.area.alerts
            changes = self.area.maintain(station, minutes * MINUTE)
            self.check(before, changes, may_clear=True)

    @rule(kind=st.sampled_from(["raise", "hold", "clear"]), severity=st.sampled_from(Severity), lasts=minutes)
    def decide(self, kind: Any, severity: Severity, lasts: int) -> None:
        """A person overrides the flood; to hold and to clear there must be one."""
        self.area.wait(MINUTE)
        self.judge()
        alert = self.area.alert()
        if kind == "raise" or alert is not None:
            before, self.untouched = self.area.alerts, False
            raised = severity if kind == "raise" else None
            self.check(before, self.area.decide(kind, raised, lasts * MINUTE), may_clear=True)

    @precondition(lambda self: self.area.alert() is not None)
    @rule(what=st.sampled_from(["release", "confirm", "acknowledge"]))
    def answer(self, what: str) -> None:
        """A person answers; it does not itself lower anything."""
        self.area.wait(MINUTE)
        self.judge()
        if self.area.alert() is not None:
            before, self.untouched = self.area.alerts, self.untouched and what != "release"
            changes = getattr(self.area, what)()
            self.check(before, changes)
            assert not {Transition.CLEARED, Transition.LOWERED} & {change.transition for change in changes}

    @rule(changed=st.none() | rules("one"))
    def change_rule(self, changed: Rule | None) -> None:
        """The first rule is retired, or another version of it comes into force."""
        self.area.wait(MINUTE)
        self.judge()
        others = [one for one in self.area.rules if one.rule.code != "one"]
        self.area.rules = (*others, *([VersionedRule(2, changed)] if changed else []))
        kept = Area(*(one.rule for one in self.area.rules))
        self.area.streams, points = kept.streams | self.area.streams, self.area.points
        self.area.points = {name: points.get(name, {}) for name in self.area.streams}
        before, self.untouched = self.area.alerts, False
        self.check(before, self.area.judge(), may_clear=True)

    def look(self, until: datetime) -> list[tuple[datetime, Change]]:
        """Judge whenever the last judgement asked for it."""
        seen = []
        while self.area.judgement.judge_at <= until:
            self.area.now = self.area.judgement.judge_at
            seen += [(self.area.now, change) for change in self.judge()]
        self.area.now = until
        return seen

    def take(self, station: str, value: float, **more: Any) -> None:
        """What a station says goes for each datastream that it has."""
        for name in self.area.streams:
            if name[0] == station:
                self.area.take(value, *name, **more)

    def judge(self) -> tuple[Change, ...]:
        """Judge now and see that it was right."""
        before = self.area.alerts
        cleared = {one.hazard for one in self.area.overrides if one.kind == "clear" and one.expires_at > self.area.now}
        caused = self.caused()
        changes = self.area.judge()
        self.check(before, changes, may_clear=bool(cleared))
        gone = {change.alert.hazard for change in changes if change.transition is Transition.CLEARED}
        assert not gone & caused - cleared, "cleared while a cause stands"
        return changes

    def check(self, before: tuple[Alert, ...], changes: tuple[Change, ...], *, may_clear: bool = False) -> None:
        """What holds of every judgement."""
        judgement = self.area.judgement
        stands = {alert.hazard: alert for alert in before}
        for change in changes:
            hazard = change.alert.hazard
            assert change.transition in STEPS[hazard in stands]
            assert hazard not in stands or stands[hazard].id == change.alert.id
            stands[hazard] = change.alert
            if change.transition is Transition.CLEARED:
                del stands[hazard]
        assert sorted(stands) == [alert.hazard for alert in judgement.alerts]
        assert all(rank_of(alert.public_severity) <= alert.severity.rank for alert in judgement.alerts)
        assert all(alert.public_severity is None for alert in judgement.alerts if alert.hazard in PLATFORM_HAZARDS)
        assert judgement.judge_at > self.area.now
        again = judge(self.area.context())
        assert again.changes == (), "the same moment judged twice"
        assert (again.alerts, again.memory, again.judge_at) == (self.area.alerts, self.area.memory, judgement.judge_at)
        hidden = [change for change in changes if not change.public and change.alert.hazard not in PLATFORM_HAZARDS]
        heard = {alert.hazard: alert.public_severity for alert in before}
        assert all(heard.get(change.alert.hazard) == change.alert.public_severity for change in hidden)
        self.check_release()

    def check_release(self) -> None:
        """Without an answer, an override or the end of the time, the public does not hear what needs a release."""
        if not self.untouched:
            return
        for alert in self.area.alerts:
            of = [one.rule for one in self.area.rules if one.rule.hazard == alert.hazard]
            wanted = [one.release for one in of if one.release is not None and one.release.then == "ask"]
            if wanted and len(wanted) == len(of):
                assert rank_of(alert.public_severity) < max(one.severity.rank for one in wanted)

    def caused(self) -> set[str]:
        """Hazards that a level holds up: what was held, and since then nothing live said that it is released."""
        hazards = set()
        for one in (one.rule for one in self.area.rules if one.rule.signal == "level"):
            first, holding = one.levels[0], 0
            for member in one.members:
                stream = self.area.streams[member.station, "level"]
                until, spoken = stream.maintenance_until, self.spoken(stream.name)
                held = self.area.memory.held.get(f"{one.code}/{member.station}/level", 0)
                newest = self.area.points[stream.name][max(spoken)].result if spoken else None
                above = newest is None or newest >= first.threshold - first.hysteresis
                holding += bool(held and above and (until is None or until <= self.area.now))
            hazards |= {one.hazard} if holding >= one.k else set()
        return hazards

    def spoken(self, name: Name) -> list[datetime]:
        """When a datastream said something that is usable."""
        points = self.area.points[name].values()
        crest = Test.SENSOR_SPAN
        return [one.time for one in points if one.quality not in (Flag.FAIL, Flag.MISSING) or one.test == crest]

    def doubtful(self) -> bool:
        """Whether any value is in doubt."""
        points = [point for some in self.area.points.values() for point in some.values()]
        return any(point.quality == Flag.SUSPECT or point.test == Test.SENSOR_SPAN for point in points)

    def has_rained(self) -> bool:
        """Whether rain might confirm it: a rule asks for little."""
        return any(one.rule.confirming_rain < 9000 for one in self.area.rules)


def heard_by_public(area: Area) -> dict[str, Severity | None]:
    """How bad each hazard is for the public."""
    return {alert.hazard: alert.public_severity for alert in area.alerts if alert.hazard not in PLATFORM_HAZARDS}


def told(change: Change) -> tuple[str, Transition, bool]:
    """What one change says."""
    return change.alert.hazard, change.transition, change.public


TestJudging = Judging.TestCase
TestJudging.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate]
)
