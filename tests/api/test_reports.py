"""Laws of reports over HTTP: sent twice they are one, followed by code, shown coarsely, forgotten on request."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from hydroalert.api.housekeeping import attend_to, jobs_of
from hydroalert.api.services import Services
from hydroalert.domain.clock import rfc3339
from hydroalert.reports.coarse import cell_of, quarter_of
from hydroalert.reports.contact import KEPT_AT_MOST
from hydroalert.reports.erasing import erase_expired
from tests.api.walking import collect
from tests.api.world import World
from tests.store.planting_alerts import plant_area

PATH = "/api/v1/reports"
TRACKED = f"{PATH}/tracked"
LON, LAT = 79.8612, 6.9271
PHONE = "+94771234567"
TEXT = "The bridge by my house is gone"
WRONG = {"X-Tracking-Code": "00000-00000-00000-00000"}


def sighting(services: Services, **said: Any) -> dict[str, Any]:
    """What somebody says they saw twenty minutes ago."""
    seen_at = rfc3339(services.clock() - timedelta(minutes=20))
    return {"lon": LON, "lat": LAT, "category": "flooded-road", "language": "en", "seen_at": seen_at} | said


async def submit(client: httpx.AsyncClient, services: Services, **said: Any) -> tuple[UUID, dict[str, str]]:
    """The new report's id, and the header that its reporter follows it by."""
    answer = await client.post(PATH, json=sighting(services, **said))
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"]), {"X-Tracking-Code": answer.json()["tracking_code"]}


async def test_sent_twice_at_once_under_one_key_it_is_one_report_with_one_code(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    key, said = {"Idempotency-Key": str(uuid4())}, sighting(services, contact=PHONE)
    answers = await asyncio.gather(*(client.post(PATH, json=said, headers=key) for _ in range(4)))
    assert [one.status_code for one in answers] == [201] * 4
    assert len({one.text for one in answers}) == 1
    other = await client.post(PATH, json=said | {"text": "another"}, headers=key)
    assert (other.status_code, other.json()["type"]) == (409, "urn:hydroalert:problem:conflict")
    assert await world.connection.fetchval("SELECT count(*) FROM report") == 1
    second = await client.post(PATH, json=said)
    assert second.json()["id"] != answers[0].json()["id"]


async def test_a_reporter_looks_adds_and_takes_back_and_each_step_has_its_number(
    services: Services, client: httpx.AsyncClient, operator: httpx.AsyncClient, world: World
) -> None:
    report_id, code = await submit(client, services, depth="knee", text=TEXT, contact=PHONE)
    shown = (await client.get(TRACKED, headers=code)).json()
    assert (shown["state"], shown["severity"], shown["depth"], shown["text"]) == ("submitted", "severe", "knee", TEXT)
    texts = [f"higher by {n} cm" for n in range(5)]
    await asyncio.gather(*(client.post(f"{TRACKED}/additions", headers=code, json={"text": one}) for one in texts))
    shouted = await operator.post(f"{TRACKED}/additions", headers=code, json={"text": "is on the way"})
    for _ in range(2):
        gone = await client.post(f"{TRACKED}/withdraw", headers=code)
        assert gone.status_code == 200, gone.text
    kinds = Counter((one["kind"], one["by"]) for one in gone.json()["story"])
    assert (shouted.status_code, gone.json()["state"]) == (201, "submitted")
    assert kinds == {
        ("submitted", "reporter"): 1,
        ("addition", "reporter"): 5,
        ("addition", "operators"): 1,
        ("withdrawn", "reporter"): 1,
    }
    assert PHONE not in gone.text
    rows = await world.connection.fetch("SELECT number FROM report_event WHERE report_id = $1 ORDER BY 1", report_id)
    assert [row["number"] for row in rows] == list(range(1, 9))
    assert await world.connection.fetchval("SELECT version FROM report") == 8
    late = await client.post(f"{TRACKED}/additions", headers=code, json={"text": "and now"})
    assert late.status_code == 409


async def test_a_wrong_code_is_told_nothing_whatever_it_is_used_for(
    services: Services, client: httpx.AsyncClient
) -> None:
    report_id, _ = await submit(client, services)
    ways = [("GET", ""), ("POST", "/additions"), ("POST", "/withdraw"), ("GET", "/export"), ("POST", "/erase")]
    told = set()
    for wrong in (WRONG, {"X-Tracking-Code": str(report_id)}, {"X-Tracking-Code": "é".encode("latin-1")}):
        for method, path in ways:
            body = {"json": {"text": "x"}} if path == "/additions" else {}
            answer = await client.request(method, TRACKED + path, headers=wrong, **body)
            assert answer.status_code == 404
            told.add(answer.text)
    assert len(told) == 1


async def test_who_asks_to_be_forgotten_is_and_what_was_decided_stays(
    services: Services, client: httpx.AsyncClient, operator: httpx.AsyncClient, admin: httpx.AsyncClient, world: World
) -> None:
    report_id, code = await submit(client, services, text=TEXT, contact=PHONE, accuracy_m=5, depth_cm=120)
    await client.post(f"{TRACKED}/additions", headers=code, json={"text": TEXT})
    contact = f"/api/v1/triage/{report_id}/contact"
    assert (await operator.get(contact)).json() == {"contact": PHONE}
    exported = (await client.get(f"{TRACKED}/export", headers=code)).json()
    assert (exported["contact"], exported["report"]["story"][1]["text"]) == (PHONE, TEXT)
    answer = await client.post(f"{TRACKED}/erase", headers=code)
    assert answer.status_code == 200
    assert answer.json()["erased"]
    assert answer.json()["kept"]
    assert (await client.get(TRACKED, headers=code)).status_code == 404
    assert (await operator.get(contact)).status_code == 404
    again = await admin.post(f"/api/v1/triage/{report_id}/erase")
    assert again.json() == answer.json()
    cell = cell_of(LON, LAT)
    row = await world.connection.fetchrow(
        "SELECT ST_X(position), ST_Y(position), depth_cm, contact IS NULL AND reporter IS NULL, withdrawn_at IS NULL "
        "FROM report"
    )
    assert tuple(row) == (cell.lon, cell.lat, 120, True, False)
    kinds = await world.connection.fetch("SELECT kind FROM report_event ORDER BY number")
    assert [row["kind"] for row in kinds] == ["submitted", "addition", "withdrawn", "erased"]
    everything = await _everything(world)
    assert not [one for one in (TEXT, PHONE, "127.0.0.1", code["X-Tracking-Code"], str(LON)) if one in everything]


async def _everything(world: World) -> str:
    """All that the database says of reports, the audit of what the operator did apart: that has an address."""
    rows = await world.connection.fetch(
        "SELECT to_jsonb(report) || jsonb_build_object('at', ST_AsText(position)) FROM report "
        "UNION ALL SELECT to_jsonb(report_event) FROM report_event "
        "UNION ALL SELECT to_jsonb(entry) FROM audit.entry WHERE actor_kind = 'citizen'"
    )
    acts = await world.connection.fetch("SELECT act, actor FROM audit.entry WHERE thing = 'report' AND after IS NULL")
    assert [tuple(row) for row in acts] == [("contact read", "asha"), ("exported", "the reporter")]
    return "\n".join(row[0] for row in rows)


async def test_a_contact_is_forgotten_when_its_time_is_over_and_the_rest_is_not(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    before = services.clock()
    kept, code = await submit(client, services, text=TEXT, contact=PHONE)
    _, taken_back = await submit(client, services, text=TEXT, contact="asha@example.org")
    await client.post(f"{TRACKED}/withdraw", headers=taken_back)
    await asyncio.gather(*(erase_contacts(services, before + services.settings.contact_kept) for _ in range(2)))
    assert await world.connection.fetchval("SELECT count(reporter) FROM report") == 2
    due = services.clock() + services.settings.contact_kept
    await asyncio.gather(*(erase_contacts(services, due) for _ in range(2)))
    rows = await world.connection.fetch("SELECT id FROM report WHERE contact IS NOT NULL AND reporter IS NOT NULL")
    assert [row["id"] for row in rows] == [kept]
    assert (await client.get(TRACKED, headers=taken_back)).json()["story"][-1]["kind"] == "contact erased"
    for _ in range(2):
        await erase_contacts(services, due + KEPT_AT_MOST)
    shown = (await client.get(TRACKED, headers=code)).json()
    assert (shown["contact_until"], shown["text"]) == (None, TEXT)
    assert await world.connection.fetchval("SELECT count(*) FROM report_event WHERE kind = 'contact erased'") == 2


async def erase_contacts(services: Services, now: datetime) -> None:
    """As an api process does now and then, at that time."""
    (job,) = (job for job in jobs_of(services) if job.run is erase_expired)
    await attend_to(replace(services, clock=lambda: now), job)


async def test_the_public_sees_a_cell_and_a_quarter_of_what_was_verified_and_nothing_else(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    report_id, code = await submit(client, services, text=TEXT, contact=PHONE, depth_cm=40)
    unverified, _ = await submit(client, services, lon=LON + 1)
    assert (await client.get(PATH)).json()["reports"] == []
    await world.connection.execute("UPDATE report SET state = 'verified' WHERE id = $1", report_id)
    page = await client.get(PATH)
    (shown,) = page.json()["reports"]
    cell, seen_at = cell_of(LON, LAT), await world.connection.fetchval("SELECT seen_at FROM report LIMIT 1")
    assert shown == {
        "id": shown["id"],
        "position": {"lon": cell.lon, "lat": cell.lat},
        "cell_m": 500,
        "seen_at": rfc3339(quarter_of(seen_at)),
        "category": "flooded-road",
        "severity": "moderate",
        "depth": "knee",
    }
    secrets = (TEXT, PHONE, str(report_id), str(unverified), code["X-Tracking-Code"], str(LON))
    assert not [one for one in secrets if one in page.text]
    assert "not" in page.json()["notice"]
    feature = (await client.get(PATH, params={"format": "geojson"})).json()["features"][0]
    assert feature["geometry"]["coordinates"] == [cell.lon, cell.lat]
    area_id = await plant_area(world.connection)
    await world.connection.execute("UPDATE area SET polygon = ST_Multi(ST_MakeEnvelope(79, 6, 80, 7, 4326))")
    await world.connection.execute("DELETE FROM area_due")
    await client.post(f"{TRACKED}/withdraw", headers=code)
    assert (await client.get(PATH)).json()["reports"] == []
    assert await world.connection.fetchval("SELECT area_id FROM area_due") == area_id, "alerts may rest on it"


async def test_neither_a_box_nor_a_time_finds_more_than_is_shown(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    for lon in (LON, LON + 0.02, 179.999, -179.999):
        await submit(client, services, lon=lon)
    await world.connection.execute("UPDATE report SET state = 'verified'")
    cell = cell_of(LON, LAT)
    around_place = f"{LON - 1e-4},{LAT - 1e-4},{LON + 1e-4},{LAT + 1e-4}"
    around_centre = f"{cell.lon},{cell.lat},{cell.lon},{cell.lat}"
    counts = [
        len((await client.get(PATH, params={"bbox": box})).json()["reports"])
        for box in (around_place, around_centre, "179,6,-179,8", "-10,-10,10,10")
    ]
    assert counts == [0, 1, 2, 0]
    quarter = quarter_of(services.clock() - timedelta(minutes=20))
    for since, found in ((quarter - timedelta(minutes=15), 4), (quarter + timedelta(minutes=16), 0)):
        assert len((await client.get(PATH, params={"since": rfc3339(since)})).json()["reports"]) == found
    walked = await collect(client, PATH, "reports", limit=1)
    assert walked == (await client.get(PATH)).json()["reports"]
    assert len({one["id"] for one in walked}) == 4


async def test_what_cannot_be_asked_is_refused(services: Services, client: httpx.AsyncClient) -> None:
    for path in ("?bbox=1,2,3", "?since=yesterday", "?cursor=x", "?limit=0", "/tracked"):
        assert (await client.get(PATH + path)).status_code == 400
    for said in ({"seen_at": "2026-11-28T06:30:00"}, {"lon": None}, {"depth_cm": "1.2 m"}, {"author": "me"}):
        answer = await client.post(PATH, json=sighting(services, **said))
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
        assert answer.json()["detail"]
    for key in ("short", "x" * 201):
        answer = await client.post(PATH, json=sighting(services), headers={"Idempotency-Key": key})
        assert answer.status_code == 400
    assert (await client.post(PATH, json=sighting(services, text="x" * 20_000))).status_code == 413
