"""`hydroalert alert list|show|overrides`: what stands, and why, in tables."""

import argparse
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Column, Table

from hydroalert.cli.context import config_of, database, print_json
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.errors import NotFound
from hydroalert.store.acts import list_overrides as read_overrides
from hydroalert.store.reading_alerts import Alert, Question, Revision, find_alert, remarks_on, revisions_of
from hydroalert.store.reading_alerts import list_alerts as read_alerts

_LIMIT = 200


async def list_alerts(args: argparse.Namespace) -> None:
    """Those that stand, operators' own among them."""
    question = Question(
        state="all" if args.all else "active", areas=(args.area,) if args.area else (), drill=args.drill, operators=True
    )
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        alerts = await read_alerts(connection, question, None, _LIMIT)
    if args.json:
        print_json(alerts)
        return
    first = Column("id", no_wrap=True)
    table = Table(first, "area", "hazard", "severity", "public", "level", "since", "state", box=None)
    for one in sorted(alerts, key=lambda alert: (alert.active, alert.severity.rank), reverse=True):
        table.add_row(*_row(one))
    Console().print(table if alerts else "No alerts." if args.all else "No alert stands.")


def _row(one: Alert) -> list[str]:
    return [
        str(one.body.id),
        one.area,
        one.body.hazard,
        one.severity.value,
        one.public_severity.value if one.public_severity else "not yet",
        one.body.level_name or "-",
        rfc3339(one.body.raised_at),
        _state(one),
    ]


def _state(one: Alert) -> str:
    """What an operator must see at once."""
    if one.cleared_at is not None:
        return f"cleared {rfc3339(one.cleared_at)}"
    said = [
        f"blind since {rfc3339(one.body.blind_since)}" if one.body.blind_since else "",
        "" if one.body.corroborated else "not corroborated",
        "by hand" if one.body.by_hand else "",
        f"acknowledged by {one.body.acknowledged_by}" if one.body.acknowledged_by else "not acknowledged",
    ]
    return ", ".join(filter(None, said))


async def show_alert(args: argparse.Namespace) -> None:
    """One alert whole. Raises NotFound."""
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        alert = await find_alert(connection, args.id, operators=True)
        if alert is None:
            raise NotFound(f"there is no alert {args.id}: see `hydroalert alert list --all`")
        revisions = await revisions_of(connection, args.id, operators=True)
        remarks = await remarks_on(connection, args.id)
    if args.json:
        print_json({"alert": alert, "revisions": revisions, "remarks": remarks})
        return
    console = Console()
    console.print(f"{alert.body.hazard} in {alert.area}: {alert.severity.value}, {_state(alert)}")
    console.print(_revisions_table(revisions))
    for remark in remarks:
        console.print(f"{rfc3339(remark.at)} {remark.author} ({remark.kind}): {remark.text}", markup=False)


def _revisions_table(revisions: list[Revision]) -> Table:
    table = Table("revision", "at", "what", "severity", "by", "why", box=None)
    for one in revisions:
        because = [one.reason] if one.reason else [str(finding["words"]) for finding in one.findings]
        table.add_row(
            str(one.revision),
            rfc3339(one.at),
            one.transition,
            one.severity.value,
            one.author or "rules",
            "; ".join(because) or "-",
        )
    return table


async def list_overrides(args: argparse.Namespace) -> None:
    """What is decided by hand and in force."""
    async with database(config_of(args)) as pool, pool.acquire() as connection:
        overrides = await read_overrides(connection, datetime.now(UTC))
    if args.json:
        print_json(overrides)
        return
    table = Table("area", "hazard", "decided", "severity", "by", "until", "reason", box=None)
    for one in overrides:
        kind = f"EXERCISE {one.kind}" if one.drill else one.kind
        table.add_row(one.area, one.hazard, kind, one.severity, one.author, rfc3339(one.expires_at), one.reason)
    Console().print(table if overrides else "Nothing is decided by hand.")
