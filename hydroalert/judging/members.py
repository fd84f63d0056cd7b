"""What each member of a rule holds, and what the rule holds by them. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from hydroalert.domain.alerts import Cause
from hydroalert.domain.rules import Member, Rule, VersionedRule, threshold_of
from hydroalert.judging.context import Context, Finding, Name
from hydroalert.judging.hearing import Hearing
from hydroalert.judging.ladders import Rung, corroborated_level, held_level, onset_of, reached_level
from hydroalert.judging.signals import Sample, Samples, newest_first
from hydroalert.judging.words import explain

Hearings = dict[Name, Hearing]


class Held(msgspec.Struct, frozen=True):
    """What one member holds. `sure`: the highest level of it that is corroborated. `late`: what it reached by news that
    is no longer live. `onset`: of what no alert tells yet. `vouched`: what else corroborates it, in words."""

    member: Member
    hearing: Hearing
    level: int
    sure: int
    late: int
    onset: datetime | None
    newest: Sample | None
    vouched: str = ""


def key_of(rule: Rule, member: Member) -> str:
    """How an area's memory names a member of a rule."""
    return f"{rule.code}/{member.station}/{member.datastream}"


def hold_members(context: Context, rule: Rule, hearings: Hearings) -> list[Held]:
    """Each member's level now. Those whose datastream is no longer there hold none."""
    return [
        _hold(context, rule, member, hearings[member.station, member.datastream])
        for member in rule.members
        if (member.station, member.datastream) in hearings
    ]


def _hold(context: Context, rule: Rule, member: Member, hearing: Hearing) -> Held:
    """Only live news moves a level; without it, and in maintenance, what was held stays held (G7)."""
    ladder: list[Rung] = [
        (level, threshold_of(rule, member, number)) for number, level in enumerate(rule.levels, start=1)
    ]
    before = min(context.memory.held.get(key_of(rule, member), 0), len(ladder))
    sure_before = min(context.memory.sure.get(key_of(rule, member), 0), before)
    if hearing.in_maintenance:
        return Held(member, hearing, before, sure_before, 0, None, None)
    samples = Samples(newest_first(hearing.stream, rule.signal, rule.window_s))
    current = _is_current(hearing, samples)
    level = held_level(ladder, samples, before) if current else before
    late = 0 if current else reached_level(ladder, samples)
    sure = max(corroborated_level(ladder, samples, level), min(sure_before, level)) if current else sure_before
    is_new = all(alert.hazard != rule.hazard for alert in context.alerts)
    onset = onset_of(ladder[level - 1][1], samples) if level and is_new else None
    return Held(member, hearing, level, sure, late if late > level else 0, onset, samples.newest)


def _is_current(hearing: Hearing, samples: Samples) -> bool:
    """Whether the newest sample is live news: the newest reading alone says nothing of a rise."""
    newest, point = samples.newest, hearing.newest
    return hearing.live and newest is not None and point is not None and newest.time == point.time


def level_of(rule: Rule, levels: Sequence[int]) -> int:
    """The level that at least k members hold."""
    return sorted(levels, reverse=True)[rule.k - 1] if len(levels) >= rule.k else 0


def holders_of(rule: Rule, held: Sequence[Held]) -> list[Held]:
    """The members that hold the rule at its level."""
    level = level_of(rule, [one.level for one in held])
    return [one for one in held if level and one.level >= level]


def cause_of(rule: Rule, one: Held, level: int) -> Cause | None:
    """What is said of a member that holds `level`; None where nothing is known of it any more."""
    if one.newest is None:
        return None
    unit = f"{one.hearing.stream.unit}/h" if rule.signal == "rise" else one.hearing.stream.unit
    return Cause(
        station=one.member.station,
        datastream=one.member.datastream,
        result=one.newest.value,
        unit=unit,
        threshold=threshold_of(rule, one.member, level),
        time=one.newest.time,
        quality=one.newest.quality,
        heard_threshold=_heard_threshold(rule, one.member, level),
    )


def _heard_threshold(rule: Rule, member: Member, level: int) -> float | None:
    """Of the highest level that the public hears of without a release; None where none is wanted, or there is none."""
    if rule.release is None or rule.levels[level - 1].severity.rank < rule.release.severity.rank:
        return None
    milder = sum(one.severity.rank < rule.release.severity.rank for one in rule.levels)
    return threshold_of(rule, member, milder) if milder else None


def finding_of(versioned: VersionedRule, one: Held) -> Finding:
    """Why this member holds what it holds, or none."""
    rule, newest = versioned.rule, one.newest
    finding = Finding(
        rule=rule.code,
        version=versioned.version,
        hazard=rule.hazard,
        station=one.member.station,
        datastream=one.member.datastream,
        unit=one.hearing.stream.unit,
        level=one.level,
        level_name=rule.levels[one.level - 1].name if one.level else "",
        threshold=threshold_of(rule, one.member, one.level or 1),
        value=newest.value if newest else None,
        time=newest.time if newest else None,
        quality=newest.quality if newest else None,
        test=newest.test if newest else None,
        live=one.hearing.live,
        silent=one.hearing.silent_since is not None,
        corroborated=one.sure == one.level,
        words="",
        vouched=one.vouched,
    )
    return msgspec.structs.replace(finding, words=explain(finding, rule.signal, _maintenance_until(one.hearing)))


def _maintenance_until(hearing: Hearing) -> datetime | None:
    return hearing.stream.maintenance_until if hearing.in_maintenance else None
