"""What each hazard of an area ought to be now: by its rules, by hand, and by silence. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from hydroalert.domain.alerts import BLIND, LATE_CROSSING, Alert, Cause
from hydroalert.domain.rules import Release, Rule
from hydroalert.domain.severity import Severity, rank_of, worst_of
from hydroalert.judging.context import Context, Override, Stream
from hydroalert.judging.hearing import all_silent_since
from hydroalert.judging.lookback import RAIN_WINDOW_S, is_rain
from hydroalert.judging.members import Hearings, Held, cause_of, holders_of, level_of
from hydroalert.judging.signals import Samples, newest_first

MOST_ALONE = Severity.MODERATE
"""What a suspect value alone raises at most."""


class Wanted(msgspec.Struct, frozen=True):
    """What one hazard ought to be. `milder`: the worst severity of it that needs no release."""

    hazard: str
    severity: Severity
    level: int = 0
    level_name: str = ""
    corroborated: bool = True
    blind_since: datetime | None = None
    onset: datetime | None = None
    by_hand: bool = False
    causes: tuple[Cause, ...] = ()
    release: Release | None = None
    milder: Severity | None = None


def corroborate(
    context: Context, rule: Rule, held: Sequence[Held], hearings: Hearings, holding: frozenset[str]
) -> list[Held]:
    """Members whose level something else confirms: another of the stations `holding` a level, an operator, rain, or
    verified reports."""
    if all(one.sure == one.level for one in held):
        return list(held)
    vouched = _vouched(context, rule, hearings, holding)
    return [one if not vouched or one.sure == one.level else _vouched_for(one, vouched) for one in held]


def _vouched_for(one: Held, vouched: str) -> Held:
    return msgspec.structs.replace(one, sure=one.level, vouched=vouched)


def _vouched(context: Context, rule: Rule, hearings: Hearings, holding: frozenset[str]) -> str:
    """What confirms a suspect value, in words; empty where nothing does."""
    if len(holding) > 1:
        return "another station"
    if _is_confirmed(context, rule.hazard):
        return "an operator"
    if _has_rained(context, rule, hearings):
        return "rain"
    return _told_by_reports(context, rule)


def _told_by_reports(context: Context, rule: Rule) -> str:
    asked = rule.confirming_reports
    if asked is None:
        return ""
    since = context.now - timedelta(seconds=asked.within_s)
    heeded = [one for one in context.witnesses if one.seen_at >= since and one.severity.rank >= asked.severity.rank]
    count = len({one.reporter for one in heeded})  # who reports again is not a second witness
    return f"{count} verified report{'s' * (count > 1)}" if count >= asked.count else ""


def _is_confirmed(context: Context, hazard: str) -> bool:
    return any(alert.hazard == hazard and alert.id in context.confirmed for alert in context.alerts)


def _has_rained(context: Context, rule: Rule, hearings: Hearings) -> bool:
    gauges = [hearing for hearing in hearings.values() if hearing.live and _is_rain(context, hearing.stream)]
    sums = [Samples(newest_first(one.stream, "accumulation", RAIN_WINDOW_S)).newest for one in gauges]
    return any(one is not None and one.value >= rule.confirming_rain and not one.doubts for one in sums)


def _is_rain(context: Context, stream: Stream) -> bool:
    return stream.station in context.informing and is_rain(stream.datastream, stream.unit)


def wanted_by_rule(rule: Rule, held: Sequence[Held]) -> Wanted | None:
    """What one rule asks for; a level that is not corroborated asks for at most moderate."""
    level = level_of(rule, [one.level for one in held])
    if level == 0:
        return None
    sure = level_of(rule, [one.sure for one in held])
    full, certain = rule.levels[level - 1].severity, rule.levels[sure - 1].severity if sure else None
    severity = max(min(full, MOST_ALONE, key=rank_of), certain or Severity.MINOR, key=rank_of)
    holders = holders_of(rule, held)
    return Wanted(
        hazard=rule.hazard,
        severity=severity,
        level=level,
        level_name=rule.levels[level - 1].name,
        corroborated=sure == level,
        blind_since=all_silent_since([one.hearing for one in holders]),
        onset=min((one.onset for one in holders if one.onset), default=None),
        causes=tuple(cause for one in holders if (cause := cause_of(rule, one, level))),
        release=rule.release,
        milder=_milder(rule, level),
    )


def _milder(rule: Rule, level: int) -> Severity | None:
    if rule.release is None:
        return None
    below = [one.severity for one in rule.levels[:level] if one.severity.rank < rule.release.severity.rank]
    return worst_of(below)


def merged(wants: Iterable[Wanted]) -> dict[str, Wanted]:
    """One for each hazard: the worst decides, every rule's causes are told."""
    by_hazard: dict[str, Wanted] = {}
    for want in wants:
        other = by_hazard.get(want.hazard)
        if other is None:
            by_hazard[want.hazard] = want
            continue
        worst, mild = sorted((want, other), key=lambda one: (one.severity.rank, one.level), reverse=True)
        causes = tuple(dict.fromkeys((*worst.causes, *mild.causes)))
        milder = max(worst.milder, unreleased(mild), key=rank_of)
        by_hazard[want.hazard] = msgspec.structs.replace(worst, causes=causes, milder=milder)
    return by_hazard


def unreleased(want: Wanted) -> Severity | None:
    """How bad the public may hear it is without any release."""
    if want.release is None or want.severity.rank < want.release.severity.rank:
        return want.severity
    return want.milder


def overridden(
    wants: dict[str, Wanted], standing: dict[str, Alert], overrides: Iterable[Override]
) -> dict[str, Wanted]:
    """What people decided by hand goes before what rules ask for: raise, then hold, then clear."""
    result = dict(wants)
    order = ("raise", "hold", "clear")
    for override in sorted(overrides, key=lambda one: order.index(one.kind)):
        now = _by_hand(result.get(override.hazard), standing.get(override.hazard), override)
        if now is None:
            result.pop(override.hazard, None)
        else:
            result[override.hazard] = now
    return result


def _by_hand(want: Wanted | None, standing: Alert | None, override: Override) -> Wanted | None:
    if override.kind == "clear":
        return want if want is not None and want.severity.rank > override.severity.rank else None
    return _held(want, standing, override) if override.kind == "hold" else _raised(want, standing, override)


def _held(want: Wanted | None, standing: Alert | None, override: Override) -> Wanted | None:
    """Not lowered; whoever did not hear of it yet does not hear of it by this."""
    if standing is None or (want is not None and want.severity.rank >= override.severity.rank):
        return want
    held = _at_least(want, standing, override)
    milder = None if want is None else unreleased(want)
    return msgspec.structs.replace(held, release=Release(override.severity, then="ask"), milder=milder)


def _raised(want: Wanted | None, standing: Alert | None, override: Override) -> Wanted:
    """As bad as a person says, or worse; of that much, everyone hears at once."""
    if want is None or want.severity.rank < override.severity.rank:
        return _at_least(want, standing, override)
    return msgspec.structs.replace(want, milder=max(want.milder, override.severity, key=rank_of))


def _at_least(want: Wanted | None, standing: Alert | None, override: Override) -> Wanted:
    """What the rules ask for, as bad as a person says; the level of what stands stays, as only its severity counts."""
    wanted = want or Wanted(override.hazard, override.severity)
    level, name = (wanted.level, wanted.level_name) if standing is None else (standing.level, standing.level_name)
    return msgspec.structs.replace(
        wanted, severity=override.severity, level=level, level_name=name, by_hand=True, release=None
    )


def wanted_late(held: Iterable[tuple[Rule, Held]]) -> Wanted | None:
    """News that came too late to be live, says that a level was reached, and nothing newer denies it (G7)."""
    late = [(rule, one) for rule, one in held if one.late]
    if not late:
        return None
    severity = worst_of([rule.levels[one.late - 1].severity for rule, one in late])
    causes = tuple(cause for rule, one in late if (cause := cause_of(rule, one, one.late)))
    assert severity is not None
    return Wanted(LATE_CROSSING, severity, onset=min(cause.time for cause in causes), causes=causes)


def wanted_blind(blind_since: datetime) -> Wanted:
    """Nobody speaks for the area any more, and no alert stands that could say so."""
    return Wanted(BLIND, Severity.MODERATE, blind_since=blind_since, onset=blind_since)
