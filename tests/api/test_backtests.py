"""Laws of `POST /api/v1/rules/test`."""

import asyncio
from typing import Any

import httpx
import pytest
from lxml import etree

from hydroalert.api.backtests import routes
from hydroalert.api.services import Services
from tests.api.world import World, at

PATH = "/api/v1/rules/test"
SQUARE = [[[-2.03, 53.73], [-2.01, 53.73], [-2.01, 53.75], [-2.03, 53.75], [-2.03, 53.73]]]
RIVER = {
    "code": "river",
    "levels": [{"name": "alert", "threshold": 1.0, "severity": "minor", "hysteresis": 0.1}],
    "members": [{"station": "hebden", "datastream": "level"}],
}
TIME = {"from": "2025-11-01T00:00:00Z", "to": "2025-11-01T03:00:00Z"}


@pytest.fixture(autouse=True)
async def area(world: World, admin: httpx.AsyncClient) -> None:
    """An area under a rule, and a flood that is stored."""
    level = await world.add_series("hebden")
    await world.observe(level, [(at(step), 1.5 if 3 <= step < 6 else 0.5) for step in range(12)])
    body = {"names": {"en": "Mytholm"}, "geometry": {"type": "Polygon", "coordinates": SQUARE}}
    assert (await admin.put("/api/v1/areas/mytholm", json=body)).status_code == 201
    rule = "/api/v1/areas/mytholm/rules/river"
    assert (await admin.put(rule, json=RIVER)).status_code == 201


async def ask(client: httpx.AsyncClient, more: dict[str, Any] | None = None, **headers: str) -> httpx.Response:
    return await client.post(PATH, json=TIME | (more or {}), headers=headers)


async def test_the_rules_in_force_are_tested(admin: httpx.AsyncClient) -> None:
    answer = await ask(admin)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    (area,) = answer.json()["areas"]
    assert (area["area"], area["from"], area["missed"], area["false_alarms"]) == (
        "mytholm", "2025-11-01T00:00:00.000Z", 0, [],
    )  # fmt: skip
    (alert,) = area["alerts"]
    assert (alert["raised_at"], alert["cleared_at"]) == ("2025-11-01T00:45:00.000Z", "2025-11-01T01:30:00.000Z")
    assert [(one["result"], one["threshold"]) for one in [alert["cause"]]] == [(1.5, 1.0)]


async def test_other_rules_are_tested_without_being_stored(admin: httpx.AsyncClient) -> None:
    high = RIVER | {"levels": [{"name": "high", "threshold": 3.0, "severity": "minor"}]}
    (area,) = (await ask(admin, {"rules": {"mytholm": [high]}})).json()["areas"]
    assert (area["alerts"], area["crossings"]) == ([], [])
    (kept,) = (await admin.get("/api/v1/areas/mytholm/rules")).json()["rules"]
    assert kept["rule"]["levels"][0]["threshold"] == 1.0


async def test_a_picture_is_drawn_where_it_is_asked_for(admin: httpx.AsyncClient) -> None:
    answer = await ask(admin, accept="image/svg+xml")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "told: minor" in {one.text for one in etree.fromstring(answer.content).iter("{*}text")}


@pytest.mark.parametrize(
    ("more", "status", "parameter"),
    [
        ({"to": "2026-11-01T00:00:00Z"}, 400, "to"),
        ({"to": "2025-10-01T00:00:00Z"}, 400, "to"),
        ({"from": "today"}, 400, "from"),
        ({"areas": ["nowhere"]}, 404, None),
        ({"areas": ["mytholm"], "rules": {"mytholm": []}}, 400, "areas"),
        ({"rules": {"mytholm": [RIVER | {"k": 9}]}}, 400, "rule"),
    ],
)
async def test_what_cannot_be_tested_says_why(
    admin: httpx.AsyncClient, more: dict[str, Any], status: int, parameter: str | None
) -> None:
    answer = await ask(admin, more)
    assert (answer.status_code, answer.json().get("parameter")) == (status, parameter)


async def test_one_is_tested_at_a_time_and_others_are_told_to_come_back(
    admin: httpx.AsyncClient, services: Services
) -> None:
    async with services.back_testing:
        busy = await ask(admin)
    assert (busy.status_code, busy.json()["type"]) == (503, "urn:hydroalert:problem:unavailable")
    assert "Retry-After" in busy.headers
    assert (await ask(admin)).status_code == 200


async def test_the_api_serves_on_while_rules_are_tested(admin: httpx.AsyncClient, world: World) -> None:
    level = await world.add_series("long")
    await world.observe(level, [(at(step), float(step % 7)) for step in range(1500)])
    long = RIVER | {"members": [{"station": "long", "datastream": "level"}]}
    under_way = asyncio.create_task(ask(admin, {"to": "2025-11-16T00:00:00Z", "rules": {"mytholm": [long]}}))
    served = 0
    while not under_way.done():
        served += (await admin.get("/health")).is_success
    assert served > 1
    assert (await under_way).json()["areas"][0]["judgements"] > 1400


@pytest.mark.parametrize(("bound", "least", "parameter"), [("MAX_POINTS", 5, "from"), ("MAX_RUN_S", 0.0, "to")])
async def test_what_is_too_much_is_stopped_and_says_so(
    admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, bound: str, least: float, parameter: str
) -> None:
    monkeypatch.setattr(routes, bound, least)
    answer = await ask(admin)
    assert (answer.status_code, answer.json()["parameter"]) == (400, parameter)
    monkeypatch.undo()
    assert (await ask(admin)).status_code == 200
