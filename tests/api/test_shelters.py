"""Laws of `/api/v1/shelters`."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from hydroalert.api.services import Services
from hydroalert.domain.actors import Role
from hydroalert.domain.clock import rfc3339
from tests.api.alarms import Alarms
from tests.api.people import Headers, logged_in
from tests.api.walking import collect
from tests.api.world import World

SHELTERS = "/api/v1/shelters"
SCHOOL = {"name": "School", "lon": 80.0, "lat": 7.0, "capacity": 200, "status": "open", "phone": "+94 11 2123456"}


@pytest.fixture
async def admin(services: Services) -> Headers:
    """Who adds and removes."""
    return await logged_in(services, Role.ADMIN)


@pytest.fixture
async def operator(services: Services) -> Headers:
    """Who opens, closes and counts."""
    return await logged_in(services, Role.OPERATOR)


async def test_an_operator_says_how_it_stands_and_an_administrator_that_it_is(
    client: httpx.AsyncClient, admin: Headers, operator: Headers
) -> None:
    path = f"{SHELTERS}/school"
    assert (await client.put(path, json=SCHOOL)).status_code == 401
    assert (await client.put(path, json=SCHOOL, headers=operator)).status_code == 403
    added = await client.put(path, json=SCHOOL | {"status": None}, headers=admin)
    assert (added.status_code, added.json()["status"], added.json()["version"]) == (201, "standby", 1)
    opened = await client.patch(path, json={"version": 1, "status": "open"}, headers=operator)
    assert (opened.json()["status"], opened.json()["version"], opened.json()["phone"]) == ("open", 2, SCHOOL["phone"])
    again = await client.put(path, json=SCHOOL | {"status": None}, headers=admin)
    assert (again.status_code, again.json()["status"], again.json()["version"]) == (200, "open", 2)
    replaced = await client.put(path, json=SCHOOL | {"version": 2, "capacity": 300}, headers=admin)
    assert (replaced.json()["capacity"], replaced.json()["version"]) == (300, 3)
    assert (await client.get(path)).json() == replaced.json()
    assert (await client.put(path, json=SCHOOL | {"version": 2}, headers=admin)).status_code == 409
    assert (await client.delete(path, headers=operator)).status_code == 403
    assert (await client.delete(path, headers=admin)).status_code == 204
    assert (await client.get(path)).status_code == 404
    for method in ("put", "patch"):
        gone = await client.request(method, path, json={**SCHOOL, "version": 3}, headers=admin)
        assert gone.status_code == (404 if method == "put" else 400)


async def test_of_two_who_change_it_at_once_one_wins_and_the_other_is_told(
    client: httpx.AsyncClient, admin: Headers, operator: Headers
) -> None:
    await client.put(f"{SHELTERS}/school", json=SCHOOL, headers=admin)
    attempts = [{"version": 1, "status": "closed", "remarks": f"by {number}"} for number in range(8)]
    answers = await asyncio.gather(
        *(client.patch(f"{SHELTERS}/school", json=one, headers=operator) for one in attempts)
    )
    assert sorted(one.status_code for one in answers) == [200] + [409] * 7
    (won,) = (one for one in answers if one.status_code == 200)
    assert (await client.get(f"{SHELTERS}/school")).json() == won.json()


async def test_the_latest_count_holds_in_whichever_order_they_come_and_all_are_kept(
    client: httpx.AsyncClient, admin: Headers, operator: Headers
) -> None:
    path, now = f"{SHELTERS}/school/occupancy", datetime.now(UTC).replace(microsecond=0)
    unknown = (await client.put(f"{SHELTERS}/school", json=SCHOOL, headers=admin)).json()
    assert (unknown["occupancy"], unknown["free"], unknown["occupancy_is_stale"]) == (None, None, True)
    at = [rfc3339(now - timedelta(hours=hours)) for hours in (9, 1, 3)]
    told = [
        (await client.post(path, json={"occupancy": 100 + index, "at": moment}, headers=operator)).json()
        for index, moment in enumerate(at)
    ]
    assert [one["occupancy"] for one in told] == [100, 101, 101]
    assert [one["occupancy_is_stale"] for one in told] == [True, False, False]
    assert (told[2]["occupancy_at"], told[2]["free"], told[2]["version"]) == (at[1], 99, 1)
    over = (await client.post(path, json={"occupancy": 260}, headers=operator)).json()
    assert (over["occupancy"], over["free"], over["is_over_full"]) == (260, 0, True)
    assert [one["occupancy"] for one in await collect(client, path, "counts", limit=3)] == [260, 101, 102, 100]
    ahead = rfc3339(now + timedelta(minutes=6))
    for body in (
        {"occupancy": -1},
        {"occupancy": 5, "at": ahead},
        {"occupancy": 5, "at": "now"},
        {},
        {"occupancy": "x"},
    ):
        assert (await client.post(path, json=body, headers=operator)).status_code == 400
    assert (await client.post(path, json={"occupancy": 5})).status_code == 401


async def scatter(world: World, number: int) -> None:
    """Shelters around a place, a third of them counted, a third counted long ago, a third never."""
    dice = random.Random(5)
    rows = [
        (f"s{index:04d}", dice.uniform(79.7, 80.3), dice.uniform(6.7, 7.3), dice.choice(["open", "open", "closed"]))
        for index in range(number)
    ]
    await world.connection.executemany(
        "INSERT INTO shelter (code, official_code, name, position, capacity, status, changed_at) "
        "VALUES ($1::text, $1::text, $1::text, ST_SetSRID(ST_MakePoint($2, $3), 4326), 100, $4, now())",
        rows,
    )
    await world.connection.execute(
        "INSERT INTO shelter_occupancy SELECT id, now() - (id % 3) * interval '4 hours', (id * 37) % 120, 'x' "
        "FROM shelter WHERE id % 4 > 0"
    )


async def test_the_nearest_are_those_that_a_look_at_all_of_them_finds(world: World, client: httpx.AsyncClient) -> None:
    await scatter(world, 400)
    everything = await collect(client, SHELTERS, "shelters", limit=300, status="open", bbox="79,6,81,8")
    away = {
        row["code"]: row["m"]
        for row in await world.connection.fetch(
            "SELECT code::text, ST_Distance(position::geography, ST_MakePoint(80, 7)::geography) AS m FROM shelter"
        )
    }
    answer = (await client.get(f"{SHELTERS}/nearest?near=80,7&places=30&limit=50")).json()
    expected = sorted(
        (away[one["code"]] * (2 if one["occupancy_is_stale"] else 1), one["code"])
        for one in everything
        if one["free"] is None or one["free"] >= 30
    )
    assert answer["answer"] == "found"
    assert [one["shelter"]["code"] for one in answer["shelters"]] == [code for _, code in expected[:50]]
    for one in answer["shelters"]:
        assert one["room"] == ("uncertain" if one["shelter"]["occupancy_is_stale"] else "counted")
        assert one["distance_m"] == pytest.approx(away[one["shelter"]["code"]], abs=0.06)


async def test_a_shelter_inside_an_alert_is_marked_and_what_is_not_known_is_never_called_safe(
    alarms: Alarms, world: World, client: httpx.AsyncClient, admin: Headers, operator: Headers
) -> None:
    async def nearest(near: str) -> Any:
        return (await client.get(f"{SHELTERS}/nearest", params={"near": near})).json()

    nothing = await nearest("10,10")
    assert (nothing["answer"], nothing["alert_data"], nothing["shelters"]) == ("no-data", "no-data", [])
    assert "does not mean" in nothing["note"]
    await alarms.add_area("kelani", lon=79.95, lat=6.95)
    await client.put(f"{SHELTERS}/school", json=SCHOOL, headers=admin)
    calm = await nearest("80,7")
    assert (calm["answer"], calm["alert_data"], calm["in_alert_areas"]) == ("no-data", "covered", [])
    await client.post(f"{SHELTERS}/school/occupancy", json={"occupancy": 199}, headers=operator)
    await alarms.revise("kelani", "severe")
    (found,) = (warned := await nearest("80,7"))["shelters"]
    assert (warned["answer"], found["inside_alert"], "inside_alert" in warned["note"]) == ("found", True, True)
    assert found["shelter"]["in_alert_areas"] == [{"area": "kelani", "severity": "severe"}]
    assert (await client.get(f"{SHELTERS}/nearest?near=80,7&places=2")).json()["answer"] == "none-with-room"
    assert (await nearest("80.2,7"))["alert_data"] == "no-data"
    await world.connection.execute("UPDATE area_state SET snapshot = jsonb_set(snapshot, '{blind}', 'true')")
    assert (await nearest("80,7"))["alert_data"] == "no-data"
    for query in ("", "near=7,80,1", "near=200,7", "near=80,7&places=0", "near=80,7&limit=51"):
        assert (await client.get(f"{SHELTERS}/nearest?{query}")).status_code == 400
    drawn = (await client.get(SHELTERS, headers={"Accept": "application/geo+json"})).json()["features"][0]
    assert (drawn["id"], drawn["geometry"]["coordinates"], drawn["properties"]["free"]) == ("school", [80, 7], 1)


@pytest.fixture
async def alarms(world: World) -> Alarms:
    """Areas, and an alerting process that is alive."""
    alarms = Alarms(world.connection)
    await alarms.be_alive()
    return alarms
