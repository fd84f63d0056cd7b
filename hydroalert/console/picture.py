"""The live table as Rich draws it, and the same in one plain line. Pure."""

from collections.abc import Sequence
from typing import Protocol

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hydroalert.console.answers import Answers
from hydroalert.console.rows import Row, age, arrow, total
from hydroalert.domain.severity import Severity

_COLOURS = {"ok": "green", "warning": "yellow", "failed": "red"}
_STATES = {"ready": "green", "starting": "yellow", "restarting": "red", "stopped": "dim"}
# Lines that are not stations: addresses, table head and foot, processes, checks, spacing.
OTHER_LINES = 21


class Place(Protocol):
    """Where the platform is."""

    @property
    def http(self) -> str: ...
    @property
    def mqtt(self) -> str: ...
    @property
    def mqtts(self) -> str: ...
    @property
    def database(self) -> str: ...
    @property
    def data_dir(self) -> object: ...


class Process(Protocol):
    """One process of the platform."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def restarts(self) -> int: ...


def draw(place: Place, processes: Sequence[Process], answers: Answers, rows: Sequence[Row], height: int) -> Group:
    """Everything, with as many stations as fit into `height` lines."""
    parts: list[RenderableType] = [_draw_place(place), Text(), _draw_stations(rows, max(height - OTHER_LINES, 5))]
    parts += [_draw_totals(answers), _draw_alerts(answers), Text(), _draw_processes(processes), _draw_checks(answers)]
    if answers.fault:
        parts.append(Text(f"The api could not say: {answers.fault}", "red"))
    parts.append(Text("Ctrl-C stops everything.", "dim"))
    return Group(*parts)


def _draw_place(place: Place) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    grid.add_row("Web", f"[link={place.http}]{place.http}[/link]   /live   /report   /triage   /account   /schema")
    grid.add_row("Broker", f"{place.mqtt} (this machine)   {place.mqtts} (field)")
    grid.add_row("Database", place.database)
    grid.add_row("Files", f"{place.data_dir} (logs/, secrets/, endpoints.json)")
    return grid


def _draw_stations(rows: Sequence[Row], limit: int) -> Table:
    hidden = len(rows) - limit
    table = Table(title="HydroAlert", caption=f"… and {hidden} more" if hidden > 0 else None, min_width=72)
    table.add_column("station")
    for column in ("level", "trend", "age", "frames stored", "refused"):
        table.add_column(column, justify="right")
    for row in rows[:limit]:
        table.add_row(*_cells(row))
    if not rows:
        table.add_row(Text("no station yet", "dim"))
    return table


def _cells(row: Row) -> tuple[RenderableType, ...]:
    level = "—" if row.level is None else f"{row.level:.3f} {row.unit}"
    trend = arrow(row.rise_per_h) + ("" if row.rise_per_h is None else f" {row.rise_per_h:+.2f}/h")
    return (
        row.name,
        level,
        Text(trend, "red" if row.rise_per_h and row.rise_per_h > 0 else ""),
        Text(age(row.age_s), "" if row.live else "dim"),
        f"{row.frames:,}",
        Text(f"{row.refused:,}", "yellow" if row.refused else "dim"),
    )


def _draw_totals(answers: Answers) -> Text:
    return Text(totals(answers))


def totals(answers: Answers) -> str:
    """What came of everything, in words."""
    counts = answers.health.counts or {}
    refused = sum(one.frames + one.records for one in answers.health.refused.values())
    return (
        f"{total(counts, 'frames')} frames, {total(counts, 'stored')} observations stored, {refused:,} refused, "
        f"{total(counts, 'conflicts')} conflicts; "
        f"{total(counts, 'online')} of {total(counts, 'devices')} devices online"
    )


def _draw_alerts(answers: Answers) -> Text:
    words = alerts(answers)
    return Text(words, "bold red" if answers.health.alerting and answers.health.alerting.standing else "")


def alerts(answers: Answers) -> str:
    """Which alerts the public hears, in words; what is blind may hide others."""
    if answers.health.alerting is None:
        return "alerts: unknown"
    counts = answers.health.alerting.standing
    standing = [f"{counts[severity]} {severity}" for severity in reversed(Severity) if severity in counts]
    blind = [f"{answers.health.alerting.blind} areas blind"] if answers.health.alerting.blind else []
    return "alerts: " + ", ".join([*(standing or ["none"]), *blind])


def _draw_processes(processes: Sequence[Process]) -> Text:
    line = Text("Processes  ", "dim")
    for process in processes:
        again = f" ({process.restarts} restarts)" if process.restarts else ""
        line.append(f"● {process.name}{again}  ", _STATES.get(str(process.state), ""))
    return line


def _draw_checks(answers: Answers) -> Text:
    line = Text("Health     ", "dim")
    for check in answers.health.checks:
        line.append(f"● {check.name}", _COLOURS.get(check.verdict, ""))
        line.append("  " if check.verdict == "ok" else f" {check.detail}  ", "dim")
    return line


def plain(processes: Sequence[Process], answers: Answers, rows: Sequence[Row]) -> str:
    """One line for a log: totals, what is not ready, and the station that rises fastest."""
    parts = [totals(answers), alerts(answers)]
    parts += [f"{process.name} is {process.state}" for process in processes if process.state != "ready"]
    parts += [f"{one.name}: {one.detail}" for one in answers.health.checks if one.verdict != "ok"]
    rising = [row for row in rows if row.rise_per_h and row.level is not None]
    if rising:
        row = max(rising, key=lambda one: one.rise_per_h or 0)
        parts.append(f"fastest: {row.name} {row.level:.3f} {row.unit} {arrow(row.rise_per_h)} {row.rise_per_h:+.2f}/h")
    return "; ".join([*parts, answers.fault] if answers.fault else parts)
