"""Reports as a person looks at them on the command line, and has a reporter forgotten."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

from hydroalert.reports.claims import Sighting, check_claim
from hydroalert.reports.submitting import CITIZEN, Sending, submit
from hydroalert.reports.vault import Vault
from hydroalert.store import open_pool
from tests.cli.conftest import MASTER_KEY, Run

PHONE = "+94771234567"
TEXT = "Water to the [window] of my house"


def plant(database_url: str) -> UUID:
    """A report of a flooded building with a contact."""

    async def work() -> UUID:
        now, report_id = datetime.now(UTC), uuid4()
        seen = Sighting(
            lon=79.86, lat=6.93, seen_at=now, category="flooded-building", language="en", text=TEXT, contact=PHONE
        )
        pool = await open_pool(database_url)
        async with pool.acquire() as connection, connection.transaction():
            sending = Sending(report_id, CITIZEN.name, now)
            await submit(connection, Vault(MASTER_KEY), check_claim(seen, now), sending)
        pool.terminate()
        return report_id

    return asyncio.run(work())


def test_who_looks_sees_the_report_and_who_erases_it_is_asked_and_told_what_is_left(
    run: Run, database_url: str
) -> None:
    report_id = str(plant(database_url))
    assert report_id in run("report", "list", "--state", "submitted").out
    shown = run("report", "show", report_id)
    assert (shown.code, TEXT in shown.out, PHONE in shown.out) == (0, True, False)
    assert run("report", "contact", report_id).out.strip() == PHONE
    assert run("report", "erase", report_id).code == 1
    assert TEXT in run("report", "show", report_id, "--json").json["report"]["text"]
    erased = run("report", "erase", report_id, "--yes")
    assert (erased.code, "for good" in erased.out) == (0, True)
    assert TEXT not in run("report", "show", report_id).out
    assert (run("report", "contact", report_id).code, run("report", "list").out.strip()) == (1, "No reports.")
    assert report_id in run("report", "list", "--withdrawn").out


def test_what_is_no_report_is_refused(run: Run) -> None:
    assert run("report", "show", "7").code == 2
    for verb in (("show",), ("contact",), ("erase", "--yes")):
        assert run("report", verb[0], str(uuid4()), *verb[1:]).code == 1
