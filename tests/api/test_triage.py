"""Laws of triage over HTTP: the queue explains itself, one decision wins, and everyone who must hear of it does."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from hydroalert.api.services import Services
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.reports import Category
from tests.api.alarms import Alarms
from tests.api.people import logged_in, with_key
from tests.api.world import World
from tests.reports.planting import LAT, LON, plant_report

PATH = "/api/v1/triage"


async def test_the_queue_puts_the_most_urgent_first_and_adds_up(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    now, me = services.clock(), await logged_in(services, Role.OPERATOR, "ada")
    minor = await plant_report(world.connection, now - timedelta(minutes=5), lon=10.0, lat=50.0)
    danger = await plant_report(world.connection, now, lon=10.1, category=Category.PEOPLE_IN_DANGER)
    deep = [await plant_report(world.connection, now - timedelta(minutes=n), depth_cm=95) for n in range(3)]
    cluster = deep[2]  # the one that came first

    async def ids(**query: Any) -> list[UUID]:
        answer = (await client.get(PATH, headers=me, params=query)).json()
        assert answer["matching"] >= len(answer["reports"])
        for one in answer["reports"]:
            assert one["priority"] == sum(reason["points"] for reason in one["reasons"])
        return [UUID(one["id"]) for one in answer["reports"]]

    assert await ids() == [danger, deep[2], deep[1], deep[0], minor]
    assert await ids(limit=2) == [danger, deep[2]]
    assert await ids(cluster=cluster) == [deep[2], deep[1], deep[0]]
    assert await ids(category="people-in-danger") == [danger]
    assert await ids(bbox="9,49,11,51") == [minor]
    assert await ids(state="verified") == []
    await client.post(f"{PATH}/{minor}/assignment", headers=me, json={"version": 1, "to": "ada"})
    assert await ids(assigned="me") == await ids(assigned="ada") == [minor]
    assert minor not in await ids(assigned="none")
    found = (await client.get(f"{PATH}/clusters", headers=me)).json()["clusters"]
    assert [(one["id"], one["size"], one["open"], one["severity"]) for one in found] == [(str(cluster), 3, 3, "severe")]
    for wrong in ({"bbox": "1,2"}, {"state": "gone"}, {"limit": 0}, {"cluster": "x"}, {"assigned": "\0"}):
        assert (await client.get(PATH, headers=me, params=wrong)).status_code == 400


async def test_a_report_is_decided_by_who_saw_it_as_it_is_and_others_are_told_what_it_is_now(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    ada, bob = await logged_in(services, Role.OPERATOR, "ada"), await logged_in(services, Role.OPERATOR, "bob")
    admin = await logged_in(services, Role.ADMIN)
    report = await plant_report(world.connection, services.clock(), text="knee-deep at the mill")
    near = await plant_report(world.connection, services.clock())

    async def decide(who: dict[str, str], version: int, to: str, **more: Any) -> httpx.Response:
        body = {"version": version, "to": to} | more
        return await client.post(f"{PATH}/{report}/decision", headers=who, json=body)

    first = await decide(ada, 1, "under_review")
    assert first.json()["steps"] == ["submitted", "verified", "rejected", "duplicate"]
    both = await asyncio.gather(
        decide(ada, 2, "verified", reason="called the miller"), decide(bob, 2, "rejected", reason="the map is dry")
    )
    won, lost = sorted(both, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    problem = lost.json()
    assert problem["type"] == "urn:hydroalert:problem:changed-meanwhile"
    winner = "ada" if won.json()["state"] == "verified" else "bob"
    assert (problem["current"]["state"], problem["current"]["changed_by"]) == (won.json()["state"], winner)
    assert (await decide(ada, 3, "under_review", reason="again")).status_code == 403
    assert (await decide(admin, 3, "under_review")).json()["parameter"] == "reason"
    assert (await decide(admin, 3, "under_review", reason="again")).status_code == 200
    assert (await decide(ada, 4, "resolved")).json()["type"] == "urn:hydroalert:problem:conflict"
    assert (await decide(ada, 4, "duplicate", reason="the same")).json()["parameter"] == "duplicate_of"
    assert (await decide(ada, 4, "duplicate", reason="the same", duplicate_of=str(near))).status_code == 200
    for body in (
        {"version": "x", "to": "verified"},
        {"version": 2**31, "to": "verified"},
        {"version": 1},
        {"version": 5, "to": "gone"},
        {"more": 1},
    ):
        answer = await client.post(f"{PATH}/{report}/decision", headers=ada, json=body)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:hydroalert:problem:invalid-input")
    nowhere = await client.post(f"{PATH}/{uuid4()}/decision", headers=ada, json={"version": 1, "to": "under_review"})
    assert nowhere.status_code == 404


async def test_one_page_holds_all_that_is_known_of_a_report(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    now, me = services.clock(), await logged_in(services, Role.VIEWER)
    await Alarms(world.connection).add_area("valley", lon=LON - 0.05, lat=LAT - 0.05)
    await Alarms(world.connection).revise("valley", "severe")
    stream = await world.add_datastream(await world.add_station("avon", lon=LON, lat=LAT))
    await world.observe(stream, [(now - timedelta(minutes=50), 1.0), (now - timedelta(minutes=5), 2.0)])
    await world.set_latest(stream, now - timedelta(minutes=5), 2.0)
    report, near = [await plant_report(world.connection, now, text="at the mill") for _ in range(2)]
    await world.connection.execute(
        "INSERT INTO evidence (id, report_id, number, sha256, likeness, sent_type, sent_bytes, width, height, "
        "kept_bytes, received_at, hint_off_m) VALUES ($1, $2, 1, 'x', 0, 'image/jpeg', 9, 9, 9, 9, $3, 3100)",
        *(uuid4(), report, now),
    )
    await world.connection.execute(
        "UPDATE report SET state = 'duplicate', duplicate_of = $2 WHERE id = $1", near, report
    )
    page = (await client.get(f"{PATH}/{report}", headers=me)).json()
    assert page["steps"] == []
    assert [reason["points"] for reason in page["report"]["reasons"]] == [8, 10, 9, -4]
    assert [event["kind"] for event in page["story"]] == ["submitted"]
    assert [one["links"]["picture"].partition("?")[0] for one in page["pictures"]] == [
        f"/api/v1/evidence/{page['pictures'][0]['id']}/picture"
    ]
    assert page["joined"] == [str(near)]
    assert [(one["id"], one["possible_duplicate"]) for one in page["nearby"]] == [(str(near), False)]
    assert [(one["station"], one["result"], one["change_per_h"]) for one in page["stations"]] == [("avon", 2.0, 1.333)]
    assert [(one["area"], one["hazard"], one["severity"]) for one in page["areas"]] == [("valley", "flood", "severe")]
    assert (await client.get(f"{PATH}/{uuid4()}", headers=me)).status_code == 404


async def test_an_alert_is_confirmed_because_of_a_verified_report_and_both_say_so(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    me = await logged_in(services, Role.OPERATOR, "ada")
    await Alarms(world.connection).add_area("valley", lon=LON - 0.05, lat=LAT - 0.05)
    by_hand = {"reason": "called", "kind": "raise", "minutes": 60, "severity": "severe"}
    await client.post("/api/v1/areas/valley/overrides/flood", headers=me, json=by_hand)
    (alert,) = (await client.get("/api/v1/alerts", headers=me)).json()["alerts"]
    report = await plant_report(world.connection, services.clock())
    body = {"alert": alert["id"], "reason": "water over the road"}
    assert (await client.post(f"{PATH}/{report}/confirm", headers=me, json=body)).status_code == 409
    for version, to in enumerate(["under_review", "verified"], start=1):
        decision = {"version": version, "to": to, "reason": "called the miller"}
        assert (await client.post(f"{PATH}/{report}/decision", headers=me, json=decision)).status_code == 200
    over = {"alert": str(uuid4()), "reason": "water over the road"}
    assert (await client.post(f"{PATH}/{report}/confirm", headers=me, json=over)).status_code == 404
    narrow = await with_key(services, Role.OPERATOR, Scope.REPORTS_TRIAGE)
    assert (await client.post(f"{PATH}/{report}/confirm", headers=narrow, json=body)).status_code == 403
    answer = await client.post(f"{PATH}/{report}/confirm", headers=me, json=body)
    assert (answer.status_code, answer.json()["version"]) == (200, 4)
    why = (await client.get(f"/api/v1/alerts/{alert['id']}/why", headers=me)).json()
    said = [(one["kind"], one["author"], one["text"]) for one in why["remarks"]]
    assert said == [("confirm", "ada", f"report {report}: water over the road")]
    story = (await client.get(f"{PATH}/{report}", headers=me)).json()["story"]
    assert (story[-1]["kind"], story[-1]["shown"]) == ("alert confirmed", False)
    assert story[-1]["text"] == f"alert {alert['id']}: water over the road"


async def test_how_long_people_waited_is_measured_and_what_waits_is_watched(
    services: Services, client: httpx.AsyncClient, world: World
) -> None:
    now, me = services.clock(), await logged_in(services, Role.VIEWER)
    for minutes in (10, 20, 30):
        report = await plant_report(world.connection, now - timedelta(hours=2), depth_cm=50)
        looked, decided = now - timedelta(minutes=120 - minutes), now - timedelta(minutes=90 - minutes)
        await world.connection.execute(
            "UPDATE report SET state = 'verified', reviewed_at = $2, decided_at = $3 WHERE id = $1",
            *(report, looked, decided),
        )
    await plant_report(world.connection, now - timedelta(minutes=20))
    taken_back = await plant_report(world.connection, now)
    await world.connection.execute("UPDATE report SET withdrawn_at = $2 WHERE id = $1", taken_back, now)
    measures = (await client.get(f"{PATH}/measures", headers=me)).json()
    assert [(one["severity"], one["submitted"], one["withdrawn"]) for one in measures["times"]] == [
        ("all", 5, 1),
        ("severe", 3, 0),
        ("minor", 2, 1),
    ]
    severe = measures["times"][1]
    assert (severe["review_p50_s"], severe["review_p90_s"], severe["decision_p50_s"]) == (1200, 1680, 3000)
    assert measures["open"] == [{"state": "submitted", "from_s": 900, "to_s": 3600, "reports": 1}]
    assert sum(day["verified"] for day in measures["days"]) == 3
    later = rfc3339(now + timedelta(days=1))
    for wrong in ({"since": "yesterday"}, {"since": later}, {"until": "0001-01-01T00:00:00Z"}):
        assert (await client.get(f"{PATH}/measures", headers=me, params=wrong)).status_code == 400
    seen = (await client.get("/metrics")).text
    assert 'hydroalert_reports_open{state="submitted"} 1.0' in seen
    assert 'hydroalert_reports_open{state="under_review"} 0.0' in seen
