"""What the public hears of an alert: all of it, unless an operator must release it first. Pure."""

from datetime import datetime, timedelta

from hydroalert.domain.alerts import Alert
from hydroalert.domain.rules import PLATFORM_HAZARDS
from hydroalert.domain.severity import Severity, rank_of
from hydroalert.judging.context import Context
from hydroalert.judging.wanted import Wanted, unreleased


def public_severity(context: Context, standing: Alert | None, wanted: Wanted) -> Severity | None:
    """What the public hears; None while only operators do. What it heard already it goes on hearing."""
    if wanted.hazard in PLATFORM_HAZARDS:
        return None
    return _without_release(standing, wanted) if awaits_release(context, standing, wanted) else wanted.severity


def awaits_release(context: Context, standing: Alert | None, wanted: Wanted) -> bool:
    """Whether an operator must release it, has not, and the time to answer is not over."""
    release = wanted.release
    if release is None or rank_of(_without_release(standing, wanted)) >= wanted.severity.rank:
        return False
    if standing is not None and standing.id in context.released:
        return False
    return not (release.then == "publish" and has_expired(context, wanted))


def _without_release(standing: Alert | None, wanted: Wanted) -> Severity | None:
    """The worst that the public may hear unasked: what needs no release, and what it heard before."""
    heard = None if standing is None else standing.public_severity
    return max(unreleased(wanted), heard, key=rank_of)


def has_expired(context: Context, wanted: Wanted) -> bool:
    """Whether a release was asked for, and nobody answered in time."""
    deadline = deadline_of(context, wanted)
    return deadline is not None and context.now >= deadline


def deadline_of(context: Context, wanted: Wanted) -> datetime | None:
    """Until when an operator may answer; None where no answer is wanted."""
    since = context.memory.unanswered.get(wanted.hazard)
    if wanted.release is None or since is None:
        return None
    return since + timedelta(seconds=wanted.release.after_s)


def still_unanswered(context: Context, alerts: tuple[Alert, ...], wants: dict[str, Wanted]) -> dict[str, datetime]:
    """Since when each hazard's release is wanted; asked anew where the time ran out without one."""
    unanswered = {}
    for alert in alerts:
        wanted = wants.get(alert.hazard)
        if wanted is not None and awaits_release(context, alert, wanted):
            expired = has_expired(context, wanted)
            unanswered[alert.hazard] = context.now if expired else _asked_at(context, alert.hazard)
    return unanswered


def _asked_at(context: Context, hazard: str) -> datetime:
    return context.memory.unanswered.get(hazard, context.now)
