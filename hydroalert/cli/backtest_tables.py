"""A back-test as tables for people."""

from collections.abc import Sequence
from statistics import median

from rich.console import Console
from rich.table import Column, Table

from hydroalert.judging.backtest_report import AreaReport, ToldAlert


def print_tables(reports: Sequence[AreaReport]) -> None:
    """The alerts, the crossings with their lead times, and a line for each area."""
    console = Console()
    if not reports:
        console.print("Nothing to replay.")
        return
    for table in (_alerts(reports), _crossings(reports), _summary(reports)):
        console.print(table)
        console.print()


def _alerts(reports: Sequence[AreaReport]) -> Table:
    table = Table(*_fixed("area", "hazard", "raised", "cleared"), "public heard", "revisions", "because of", box=None)
    table.title = "Alerts that would have been"
    for one in reports:
        for alert in one.alerts:
            heard = alert.severity or "nothing"
            ended = alert.cleared_at and _minute(alert.cleared_at)
            cause = alert.cause
            because = "-" if cause is None else f"{cause.station} {cause.result:g} {cause.unit}"
            table.add_row(
                one.area,
                alert.hazard,
                _minute(alert.raised_at),
                ended or _standing(alert),
                heard,
                str(alert.revisions),
                because,
            )
    return table


def _standing(alert: ToldAlert) -> str:
    return "stands" if alert.blind_since is None else f"blind {_minute(alert.blind_since)}"


def _crossings(reports: Sequence[AreaReport]) -> Table:
    table = Table(*_fixed("area", "station", "level"), "severity", *_fixed("crossed", "lead"), "crest", box=None)
    table.title = "Levels that the water reached, and how long before the public heard"
    for one in reports:
        for crossing in one.crossings:
            table.add_row(
                one.area,
                crossing.station,
                f"{crossing.level} {crossing.threshold:g} {crossing.unit}",
                crossing.severity,
                _minute(crossing.at),
                lead(crossing.lead_s),
                f"{crossing.crest:g}",
            )
    return table


def _summary(reports: Sequence[AreaReport]) -> Table:
    heads = ("crossings", "missed", "median lead", "false alarms", "flaps", "flaps a day", "told for")
    table = Table(*_fixed("area"), *heads, box=None)
    for one in reports:
        leads = [crossing.lead_s for crossing in one.crossings if crossing.lead_s is not None]
        told = ", ".join(f"{severity} {seconds / 3600:.1f} h" for severity, seconds in one.at_severity_s.items())
        table.add_row(
            one.area,
            str(len(one.crossings)),
            str(one.missed),
            lead(median(leads)) if leads else "-",
            str(len(one.false_alarms)),
            str(one.flaps),
            f"{one.flaps_per_day:.2f}",
            told or "-",
        )
    return table


def lead(seconds: float | None) -> str:
    """`+4:45 h` before, `-0:15 h` after, `missed`."""
    if seconds is None:
        return "missed"
    hours, minutes = divmod(round(abs(seconds) / 60), 60)
    return f"{'-' if seconds < 0 else '+'}{hours}:{minutes:02} h"


def _minute(time: str) -> str:
    """`2025-11-28 06:30`, of RFC 3339 in UTC."""
    return time[:16].replace("T", " ")


def _fixed(*names: str) -> list[Column]:
    return [Column(name, no_wrap=True) for name in names]
