"""What a person did, in the judgement that follows from it. Pure."""

import msgspec

from hydroalert.domain.alerts import Alert, Change, Transition
from hydroalert.judging.context import Judgement


class Act(msgspec.Struct, frozen=True):
    """Who did what to which hazard, and why. `transition`: of the revision, where the act itself changes nothing else;
    None where it then leaves none."""

    hazard: str
    author: str
    reason: str
    transition: Transition | None


def acted(judgement: Judgement, act: Act) -> Judgement:
    """The judgement with the act's author and reason on the change that it made, or on one that tells of the act."""
    changes = tuple(_signed(change, act) for change in judgement.changes)
    alert = next((one for one in judgement.alerts if one.hazard == act.hazard), None)
    if alert is None or act.transition is None or _tells(judgement, act):
        return msgspec.structs.replace(judgement, changes=changes)
    after = msgspec.structs.replace(alert, acknowledged_by=act.author) if _acknowledges(act) else alert
    told = Change(act.transition, after, public=False, author=act.author, reason=act.reason)
    return msgspec.structs.replace(judgement, changes=(*changes, told), alerts=_with(judgement.alerts, after))


def _signed(change: Change, act: Act) -> Change:
    if change.alert.hazard != act.hazard or _acknowledges(act):
        return change
    return msgspec.structs.replace(change, author=act.author, reason=act.reason)


def _tells(judgement: Judgement, act: Act) -> bool:
    return not _acknowledges(act) and any(change.alert.hazard == act.hazard for change in judgement.changes)


def _acknowledges(act: Act) -> bool:
    return act.transition is Transition.ACKNOWLEDGED


def _with(alerts: tuple[Alert, ...], after: Alert) -> tuple[Alert, ...]:
    return tuple(after if one.hazard == after.hazard else one for one in alerts)
