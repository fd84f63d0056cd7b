"""What is shown of a rule."""

import msgspec

from hydroalert.domain.clock import rfc3339
from hydroalert.domain.rules import Rule
from hydroalert.store.rules import StoredRule


class RuleVersion(msgspec.Struct, frozen=True):
    """A version of a rule; `retired_at` where it is out of force. `rule` leaves out what is as by default."""

    area: str
    version: int
    author: str
    created_at: str
    retired_at: str | None
    rule: Rule


class RuleList(msgspec.Struct, frozen=True):
    """Rules, or the versions of one."""

    area: str
    rules: list[RuleVersion]


class SavedRule(msgspec.Struct, frozen=True):
    """The version that is in force now, and what looks odd about it though it may be meant."""

    saved: RuleVersion
    remarks: list[str]


def show_rule(stored: StoredRule) -> RuleVersion:
    """A version as JSON has it."""
    retired_at = None if stored.retired_at is None else rfc3339(stored.retired_at)
    return RuleVersion(stored.area, stored.version, stored.author, rfc3339(stored.created_at), retired_at, stored.rule)
