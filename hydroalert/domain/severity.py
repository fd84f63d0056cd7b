"""How bad a hazard is: the words of CAP 1.2 (section 3.2.2, severity), in order."""

from enum import StrEnum


class Severity(StrEnum):
    """From the least to the worst."""

    MINOR = "minor"
    MODERATE = "moderate"
    SEVERE = "severe"
    EXTREME = "extreme"

    @property
    def rank(self) -> int:
        """1 for minor to 4 for extreme; 0 is left for none."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity, start=1)}


def rank_of(severity: Severity | None) -> int:
    """The rank, or 0 for none: None compares as less than minor."""
    return 0 if severity is None else severity.rank


def worst_of(severities: "list[Severity]") -> Severity | None:
    """The worst of them; None of none."""
    return max(severities, key=rank_of, default=None)
