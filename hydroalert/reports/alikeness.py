"""Whether two reports may tell of the very same. Pure; a person decides."""

from datetime import timedelta

from hydroalert.domain.reports import State
from hydroalert.store.neighbours import Neighbour
from hydroalert.store.reports import Report

WITHIN_M = 100.0
WITHIN_TIME = timedelta(hours=1)
_ORIGINALS = frozenset({State.SUBMITTED, State.UNDER_REVIEW, State.VERIFIED})


def may_be_same(report: Report, other: Neighbour) -> bool:
    """The same thing, seen within the hour at the same place as well as its reporter knew it; and not decided away."""
    within_m = max(WITHIN_M, report.accuracy_m or 0.0)
    return (
        other.category is report.category
        and other.state in _ORIGINALS
        and other.distance_m <= within_m
        and abs(other.seen_at - report.seen_at) <= WITHIN_TIME
    )
