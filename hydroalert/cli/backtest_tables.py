"""A back-test as tables for people."""

from collections.abc import Sequence

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
    table = Table(_folded("area"), *_fixed("hazard", "raised", "cleared", "public heard", "reached"), box=None)
    table.title = "Alerts that would have been (UTC)"
    for one in reports:
        for alert in one.alerts:
            worst = "-" if alert.cause is None else f"{alert.cause.result:g} {alert.cause.unit}"
            raised, heard = _minute(alert.raised_at), alert.severity or "nothing"
            table.add_row(one.area, alert.hazard, raised, _ended(alert), heard, worst)
    return table


def _ended(alert: ToldAlert) -> str:
    if alert.cleared_at is not None:
        return _minute(alert.cleared_at)
    return "stands" if alert.blind_since is None else f"blind since\n{_minute(alert.blind_since)}"


def _crossings(reports: Sequence[AreaReport]) -> Table:
    heads = (_folded("area"), _folded("station"), _folded("level"))
    table = Table(*heads, *_fixed("severity", "crossed", "heard before", "crest"), box=None)
    table.title = "Levels that the water reached, and how long before the public heard"
    for one in reports:
        for crossing in one.crossings:
            table.add_row(
                one.area,
                "" if crossing.station == one.area else crossing.station,
                f"{crossing.level} {crossing.threshold:g}",
                crossing.severity,
                _minute(crossing.at),
                lead(crossing.lead_s),
                f"{crossing.crest:g} {crossing.unit}",
            )
    return table


def _summary(reports: Sequence[AreaReport]) -> Table:
    heads = ("crossings", "missed", "false alarms", "flaps", "a day", "told for")
    table = Table(_folded("area"), *heads, box=None)
    for one in reports:
        told = [f"{severity} {seconds / 3600:.1f} h" for severity, seconds in one.at_severity_s.items()]
        table.add_row(
            one.area,
            str(len(one.crossings)),
            str(one.missed),
            str(len(one.false_alarms)),
            str(one.flaps),
            f"{one.flaps_per_day:.2f}",
            "\n".join(told) or "-",
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


def _folded(name: str) -> Column:
    return Column(name, overflow="fold", min_width=8)


def _fixed(*names: str) -> list[Column]:
    return [Column(name, no_wrap=True) for name in names]
