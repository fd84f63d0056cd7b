"""Who acts: people with accounts and their roles, machines with keys and their scopes, and everybody else."""

from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec


class Role(StrEnum):
    """What an account may do, from the least to the most. Nobody chooses their own."""

    VIEWER = "viewer"
    """Sees what operators see, and changes nothing."""
    OPERATOR = "operator"
    """Decides: alerts, reports, shelters."""
    ADMIN = "admin"
    """Runs the fleet, the rules, and the accounts."""

    @property
    def rank(self) -> int:
        """1 for a viewer to 3 for an administrator."""
        return list(Role).index(self) + 1


class Scope(StrEnum):
    """What an API key may be used for; it does that in the name of its account, and never more than that one may."""

    METRICS = "metrics"
    FLEET_READ = "fleet:read"
    FLEET_WRITE = "fleet:write"
    ALERTS_READ = "alerts:read"
    ALERTS_ACT = "alerts:act"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    SUBSCRIPTIONS = "subscriptions"
    REPORTS_READ = "reports:read"
    REPORTS_TRIAGE = "reports:triage"
    SHELTERS_WRITE = "shelters:write"
    AUDIT_READ = "audit:read"


ActorKind = Literal["account", "key", "command-line", "citizen", "machine", "nobody", "platform"]
"""`machine`: this machine itself, without a login. `nobody`: nobody said who. `platform`: its own processes."""


class Actor(msgspec.Struct, frozen=True):
    """Who did something, and from where, as the audit keeps it. A citizen's address is not kept."""

    kind: ActorKind
    name: str
    account_id: int | None = None
    address: str | None = None
    request_id: str | None = None


class Caller(msgspec.Struct, frozen=True):
    """Who asks, as far as that was proven.

    `role`: of an account, or of the account whose key it is; None of who has none. `scopes`: of a key; None where
    nothing narrows the role. `session_id`: of who logged in. `confined`: what must be done first; until then nothing
    but one's own account answers.
    """

    actor: Actor
    role: Role | None = None
    scopes: frozenset[Scope] | None = None
    session_id: UUID | None = None
    confined: Literal["change-password", "second-factor"] | None = None


class Access(msgspec.Struct, frozen=True):
    """Who may call a route: accounts of `role` and above, and their keys with `scope` where there is one.

    No `role`: anyone. `machine`: also this machine itself, without a login. `own`: it concerns nothing but the
    caller's own account, and so answers who is confined, but no key.
    """

    role: Role | None = None
    scope: Scope | None = None
    machine: bool = False
    own: bool = False

    def admits(self, caller: Caller) -> bool:
        """Whether that caller may."""
        if self.role is None or (self.machine and caller.actor.kind == "machine"):
            return True
        if caller.role is None or caller.role.rank < self.role.rank or (caller.confined and not self.own):
            return False
        return caller.scopes is None or (self.scope is not None and self.scope in caller.scopes)

    def __str__(self) -> str:
        words = [str(self.role or "anyone")]
        words += [f"keys with {self.scope}"] if self.scope else []
        words += ["this machine"] if self.machine else []
        return ", ".join(words)
