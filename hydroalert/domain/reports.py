"""Reports: what a citizen may say, what follows from it, and who may move it from one state to the next. Pure."""

from enum import StrEnum

from hydroalert.domain.actors import Role
from hydroalert.domain.severity import Severity

MAX_TEXT = 2_000
MAX_PICTURES = 5


class Category(StrEnum):
    """What was seen."""

    FLOODED_ROAD = "flooded-road"
    FLOODED_BUILDING = "flooded-building"
    RIVER_HIGH = "river-high"
    BLOCKED_DRAIN = "blocked-drain"
    DAMAGE = "damage"
    PEOPLE_IN_DANGER = "people-in-danger"
    OTHER = "other"


class Depth(StrEnum):
    """How deep, for who has no measure at hand."""

    ANKLE = "ankle"
    KNEE = "knee"
    WAIST = "waist"
    CHEST = "chest"


DEPTH_CM = {Depth.ANKLE: 15, Depth.KNEE: 50, Depth.WAIST: 95, Depth.CHEST: 130}
"""What each word stands for, on an adult of 170 cm."""


class State(StrEnum):
    """Where a report stands in triage."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    VERIFIED = "verified"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    RESOLVED = "resolved"


OPEN = frozenset({State.SUBMITTED, State.UNDER_REVIEW})
"""States in which a report waits for a decision."""

STEPS: dict[tuple[State, State], Role] = {
    (State.SUBMITTED, State.UNDER_REVIEW): Role.OPERATOR,
    (State.UNDER_REVIEW, State.SUBMITTED): Role.OPERATOR,
    (State.UNDER_REVIEW, State.VERIFIED): Role.OPERATOR,
    (State.UNDER_REVIEW, State.REJECTED): Role.OPERATOR,
    (State.UNDER_REVIEW, State.DUPLICATE): Role.OPERATOR,
    (State.VERIFIED, State.RESOLVED): Role.OPERATOR,
    (State.VERIFIED, State.UNDER_REVIEW): Role.ADMIN,
    (State.REJECTED, State.UNDER_REVIEW): Role.ADMIN,
    (State.DUPLICATE, State.UNDER_REVIEW): Role.ADMIN,
    (State.RESOLVED, State.UNDER_REVIEW): Role.ADMIN,
}
"""Every step there is, and the least role that may take it. What was decided, only an administrator takes back."""


def severity_of(category: Category, depth_cm: int | None) -> Severity:
    """How bad it is by what the citizen says: moving water of 15 cm takes people off their feet, 50 cm a car."""
    if category is Category.PEOPLE_IN_DANGER or (depth_cm or 0) >= DEPTH_CM[Depth.CHEST]:
        return Severity.EXTREME
    if (depth_cm or 0) >= DEPTH_CM[Depth.KNEE]:
        return Severity.SEVERE
    if category is Category.FLOODED_BUILDING or (depth_cm or 0) >= DEPTH_CM[Depth.ANKLE]:
        return Severity.MODERATE
    return Severity.MINOR
