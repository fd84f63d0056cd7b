"""When the water itself crossed the levels of a rule: read off the values, knowing nothing of holds or alerts. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from hydroalert.domain.quality import Flag
from hydroalert.domain.rules import Member, Rule, threshold_of
from hydroalert.domain.severity import Severity
from hydroalert.judging.context import Name, Stream
from hydroalert.judging.signals import Sample, samples_of

SAME_EVENT = timedelta(hours=6)
"""What lies below a level for less than this interrupts an event and does not end it."""
_GOOD = (Flag.GOOD, Flag.NOT_EVALUATED)


class Crossing(msgspec.Struct, frozen=True):
    """A level of a rule was reached at `at` and last seen reached at `until`; `crest`: the highest value between.

    Of a rule that wants k of several members, `station` and `datastream` are of the k-th to reach it.
    """

    rule: str
    hazard: str
    station: str
    datastream: str
    unit: str
    level: int
    level_name: str
    severity: Severity
    threshold: float
    at: datetime
    until: datetime
    crest: float


class _Stretch(msgspec.Struct):
    """Values at or above a threshold; `sure` once one of them is good."""

    member: Member
    threshold: float
    at: datetime
    until: datetime
    crest: float
    sure: bool = False


def crossings_of(rules: Iterable[Rule], streams: Mapping[Name, Stream]) -> list[Crossing]:
    """Each crossing of each level at each member, in order of time.

    Only events of which at least one value is good count; they begin with the first value that is usable.
    """
    found = [crossing for rule in rules for crossing in _of_rule(rule, streams)]
    return sorted(found, key=lambda one: (one.at, one.level, one.station))


def _of_rule(rule: Rule, streams: Mapping[Name, Stream]) -> Iterator[Crossing]:
    members = [member for member in rule.members if (member.station, member.datastream) in streams]
    heard = [streams[member.station, member.datastream] for member in members]
    signals = [samples_of(stream, rule.signal, rule.window_s) for stream in heard]
    for number, level in enumerate(rule.levels, start=1):
        stretches = [
            stretch
            for member, samples in zip(members, signals, strict=True)
            for stretch in _stretches(member, threshold_of(rule, member, number), samples)
        ]
        for stretch in stretches if rule.k == 1 else _by_several(stretches, rule.k):
            name = stretch.member.station, stretch.member.datastream
            yield Crossing(
                rule=rule.code,
                hazard=rule.hazard,
                station=name[0],
                datastream=name[1],
                unit=streams[name].unit if rule.signal != "rise" else f"{streams[name].unit}/h",
                level=number,
                level_name=level.name,
                severity=level.severity,
                threshold=stretch.threshold,
                at=stretch.at,
                until=stretch.until,
                crest=stretch.crest,
            )


def _stretches(member: Member, threshold: float, samples: Sequence[Sample]) -> list[_Stretch]:
    found: list[_Stretch] = []
    below_since: datetime | None = samples[0].time if samples else None
    for sample in samples:
        if sample.value < threshold:
            below_since = below_since or sample.time
            continue
        if not found or (below_since is not None and sample.time - found[-1].until >= SAME_EVENT):
            found.append(_Stretch(member, threshold, sample.time, sample.time, sample.value))
        stretch = found[-1]
        stretch.until, stretch.crest = sample.time, max(stretch.crest, sample.value)
        stretch.sure = stretch.sure or sample.quality in _GOOD
        below_since = None
    return [stretch for stretch in found if stretch.sure]


def _by_several(stretches: Sequence[_Stretch], k: int) -> list[_Stretch]:
    """While at least `k` members are above at once."""
    found = []
    for stretch in stretches:
        others = [one for one in stretches if one.at <= stretch.at <= one.until]
        if len({one.member for one in others}) >= k:
            until = sorted((one.until for one in others), reverse=True)[k - 1]
            found.append(msgspec.structs.replace(stretch, until=until))
    return _apart(found)


def _apart(stretches: list[_Stretch]) -> list[_Stretch]:
    """Without those that begin while an earlier one lasts."""
    ordered = sorted(stretches, key=lambda one: one.at)
    return ordered[:1] + [later for earlier, later in pairwise(ordered) if later.at > earlier.until]
