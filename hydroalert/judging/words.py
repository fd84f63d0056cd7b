"""A finding in words: why, or why not."""

from datetime import datetime

from hydroalert.domain.clock import rfc3339
from hydroalert.domain.quality import Flag, Test
from hydroalert.domain.rules import Signal
from hydroalert.judging.context import Finding

_SIGNALS: dict[Signal, str] = {"level": "is", "rise": "rises by", "accumulation": "adds up to"}


def explain(finding: Finding, signal: Signal, maintenance_until: datetime | None) -> str:
    """One sentence for an operator."""
    name = f"{finding.station}/{finding.datastream}"
    if finding.value is None or finding.time is None:
        if maintenance_until is not None:
            return f"{name} is in maintenance until {rfc3339(maintenance_until)}: it raises nothing"
        return f"{name} has told nothing that counts"
    unit = f"{finding.unit}/h" if signal == "rise" else finding.unit
    said = f"{name} {_SIGNALS[signal]} {finding.value:g} {unit} at {rfc3339(finding.time)}"
    return f"{said}, {_verdict(finding, unit)}{_doubts(finding)}"


def _verdict(finding: Finding, unit: str) -> str:
    if finding.level == 0:
        return f"and holds no level: the first begins at {finding.threshold:g} {unit}"
    return f"and holds {finding.level_name!r} ({finding.threshold:g} {unit})"


def _doubts(finding: Finding) -> str:
    doubts = []
    if finding.quality in (Flag.SUSPECT, Flag.FAIL):
        by = Test(finding.test or 0).name.lower().replace("_", " ")
        doubts.append(f"flagged {Flag(finding.quality).name.lower()} by {by}")
    if finding.vouched:
        doubts.append(f"corroborated by {finding.vouched}")
    if finding.level and not finding.corroborated:
        doubts.append("not corroborated: at most moderate")
    if finding.silent:
        doubts.append("silent: what it held last stands")
    elif not finding.live:
        doubts.append("no longer live")
    return f" ({'; '.join(doubts)})" if doubts else ""
