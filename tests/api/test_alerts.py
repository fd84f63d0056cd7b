"""Laws of `/api/v1/alerts`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.alarms import Alarms
from tests.api.walking import collect, pages
from tests.api.world import World

ALERTS = "/api/v1/alerts"
START = datetime.now(UTC) - timedelta(hours=2)


@pytest.fixture
async def alarms(world: World) -> Alarms:
    """Four areas: two warned, one only for operators, one that is over; and an exercise."""
    alarms = Alarms(world.connection)
    for step, code in enumerate(("avon", "calder", "dove", "eden")):
        await alarms.add_area(code, lon=80.0 + 10 * step)
    await alarms.revise("avon", "minor", at=START)
    await alarms.revise("avon", "severe", at=START + timedelta(minutes=10))
    await alarms.revise("calder", "moderate", at=START + timedelta(minutes=20), hazard="surface-water")
    await alarms.revise("dove", "extreme", at=START + timedelta(minutes=30), public=False)
    await alarms.revise("eden", "minor", at=START + timedelta(minutes=40))
    await alarms.revise("eden", None, at=START + timedelta(minutes=50))
    await alarms.revise("avon", "extreme", at=START, drill=True)
    return alarms


async def areas(client: httpx.AsyncClient, **query: Any) -> list[str]:
    """The areas of the alerts that a query finds, in its order."""
    return [one["area"] for one in await collect(client, ALERTS, "alerts", limit=1, **query)]


async def test_a_query_finds_what_meets_all_of_it_the_newest_first(alarms: Alarms, operator: httpx.AsyncClient) -> None:
    since = (START + timedelta(minutes=15)).isoformat()
    for query, expected in (
        ({}, ["calder", "avon"]),
        ({"state": "cleared"}, ["eden"]),
        ({"state": "all"}, ["eden", "calder", "avon"]),
        ({"severity": "severe"}, ["avon"]),
        ({"hazard": "surface-water"}, ["calder"]),
        ({"area": ["avon", "eden"]}, ["avon"]),
        ({"area": "nowhere"}, []),
        ({"bbox": "90,0,91,10"}, ["calder"]),
        ({"bbox": "85,0,81,10"}, ["calder", "avon"]),
        ({"since": since}, ["calder"]),
        ({"drill": "true"}, ["avon"]),
        ({"operators": "true"}, ["dove", "calder", "avon"]),
        ({"operators": "true", "severity": "extreme"}, ["dove"]),
    ):
        assert await areas(operator, **query) == expected, query


async def test_every_alert_is_on_one_page_while_others_are_raised(alarms: Alarms, client: httpx.AsyncClient) -> None:
    seen: list[str] = []
    async for page in pages(client, ALERTS, state="all", limit=1):
        seen += [one["area"] for one in page["alerts"]]
        await alarms.revise("eden", "minor")
        await alarms.revise("eden", None)
    assert seen == ["eden", "calder", "avon"]


async def test_an_alert_has_its_revisions_and_the_polygon_of_its_area(
    alarms: Alarms, client: httpx.AsyncClient
) -> None:
    (feature,) = (await client.get(ALERTS, params={"area": "avon", "format": "geojson"})).json()["features"]
    assert feature["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert feature["properties"]["severity"] == "severe"
    found = (await client.get(f"{ALERTS}/{feature['id']}")).json()
    assert found["alert"]["state"] == "active"
    assert "operators" not in found["alert"]
    assert [(one["revision"], one["severity"]) for one in found["revisions"]] == [(1, "minor"), (2, "severe")]


async def test_the_public_sees_nothing_of_what_only_operators_hear(
    alarms: Alarms, client: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    (hidden,) = (await operator.get(ALERTS, params={"operators": "true", "area": "dove"})).json()["alerts"]
    assert (await client.get(f"{ALERTS}/{hidden['id']}")).status_code == 404
    shown = f"{ALERTS}/{hidden['id']}"
    for path in (f"{ALERTS}?operators=true", f"{shown}?operators=true", f"{shown}/why", "/api/v1/areas/dove/why"):
        assert ((await client.get(path)).status_code, (await operator.get(path)).status_code) == (401, 200)


async def test_operators_see_why_and_why_not(alarms: Alarms, operator: httpx.AsyncClient) -> None:
    (alert,) = (await operator.get(ALERTS, params={"area": "avon"})).json()["alerts"]
    why = (await operator.get(f"{ALERTS}/{alert['id']}/why")).json()
    assert [one["findings"][0]["version"] for one in why["revisions"]] == [3, 3]
    await alarms.connection.execute(
        """UPDATE area_state SET findings = '[{"rule": "level", "level": 0, "time": "2025-11-28T06:30:00Z"}]'"""
    )
    quiet = (await operator.get("/api/v1/areas/eden/why")).json()
    assert quiet["findings"] == [{"rule": "level", "level": 0, "time": "2025-11-28T06:30:00.000Z"}]
    assert (await operator.get("/api/v1/areas/nowhere/why")).status_code == 404


async def test_what_an_operator_does_is_a_revision(alarms: Alarms, operator: httpx.AsyncClient) -> None:
    deed = {"reason": "the bridge is under water"}
    decided = await operator.post(
        "/api/v1/areas/eden/overrides/flood", json=deed | {"kind": "raise", "minutes": 60, "severity": "severe"}
    )
    assert decided.status_code == 204, decided.text
    (alert,) = (await operator.get(ALERTS, params={"area": "eden"})).json()["alerts"]
    assert (alert["severity"], alert["state"]) == ("severe", "active")
    assert (await operator.post(f"{ALERTS}/{alert['id']}/acknowledge", json=deed)).status_code == 204
    assert (await operator.post(f"{ALERTS}/{alert['id']}/comment", json=deed)).status_code == 204
    why = (await operator.get(f"{ALERTS}/{alert['id']}/why")).json()
    assert {one["author"] for one in why["revisions"]} == {"asha"}
    assert [one["kind"] for one in why["remarks"]] == ["acknowledge", "comment"]
    assert (await operator.post("/api/v1/areas/eden/overrides/flood/end", json=deed)).status_code == 204
    assert (await operator.post("/api/v1/areas/eden/overrides/flood/end", json=deed)).status_code == 404


async def test_an_act_that_cannot_be_right_says_what_to_change(alarms: Alarms, operator: httpx.AsyncClient) -> None:
    deed = {"reason": "seen"}
    (alert,) = (await operator.get(ALERTS, params={"area": "avon"})).json()["alerts"]
    path = f"{ALERTS}/{alert['id']}"
    for url, body, status in (
        (f"{path}/acknowledge", deed | {"author": "asha"}, 400),
        (f"{path}/acknowledge", {}, 400),
        (f"{path}/acknowledge", deed | {"reason": " "}, 400),
        (f"{path}/applaud", deed, 400),
        (f"{ALERTS}/00000000-0000-4000-8000-000000000000/confirm", deed, 404),
        ("/api/v1/areas/nowhere/overrides/flood/end", deed, 404),
        ("/api/v1/areas/avon/overrides/blind", deed | {"kind": "raise", "minutes": 5, "severity": "minor"}, 400),
        ("/api/v1/areas/avon/overrides/flood", deed | {"kind": "raise", "minutes": 5}, 400),
        ("/api/v1/areas/avon/overrides/flood", deed | {"kind": "raise", "minutes": 0, "severity": "minor"}, 400),
        ("/api/v1/areas/calder/overrides/flood", deed | {"kind": "hold", "minutes": 5}, 409),
    ):
        answer = await operator.post(url, json=body)
        assert answer.status_code == status, (url, answer.text)
        assert answer.json()["detail"]
