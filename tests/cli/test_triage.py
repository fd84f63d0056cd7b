"""Triage from the command line: the same functions as over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from tests.cli.conftest import Run
from tests.reports.planting import plant_report


def test_a_report_is_triaged_from_the_queue_to_its_decision(run: Run, database_url: str) -> None:
    async def plant() -> UUID:
        connection = await asyncpg.connect(database_url)
        try:
            await connection.execute("INSERT INTO account (name, role, password) VALUES ('ada', 'operator', '-')")
            seen_at = datetime.now(UTC) - timedelta(minutes=30)
            return await plant_report(connection, seen_at, depth_cm=95, text="at the [/mill]")
        finally:
            await connection.close()

    assert run("triage", "queue").out == "No report waits.\n"
    report = str(asyncio.run(plant()))
    assert report in run("triage", "queue").out
    assert run("triage", "queue", "--json").json[0]["priority"]["points"] == 32
    shown = run("triage", "show", report).out
    assert "+27  flooded road, waist-deep water (95 cm)" in shown
    assert "+5  nobody has looked at it for 30 min" in shown
    assert "may go to: under_review" in shown
    assert run("triage", "assign", report, "ada", "--version", "1").out == "Assigned to ada, version 2.\n"
    assert report not in run("triage", "queue", "--assigned", "none").out
    assert run("triage", "note", report, "called the miller", "--by", "ada").out == "Kept, version 3.\n"
    late = run("triage", "decide", report, "under_review", "--version", "2")
    assert late.code == 1
    assert "changed meanwhile (note, by ada): it is submitted now, version 3" in late.err
    assert run("triage", "decide", report, "under_review", "--version", "3").code == 0
    assert "needs a reason" in run("triage", "decide", report, "verified", "--version", "4").err
    decided = run("triage", "decide", report, "verified", "--version", "4", "--reason", "on the camera")
    assert decided.out == "It is verified, version 5.\n"
    assert "verified: on the camera" in run("triage", "show", report).out
    assert run("triage", "show", str(UUID(int=0))).code == 1
