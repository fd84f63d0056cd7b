"""Laws of following reports and shelters: everybody hears what is public, operators what waits, and nobody more."""

import json
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from hydroalert.api.services import Services
from hydroalert.domain.actors import Role, Scope
from hydroalert.domain.clock import rfc3339
from hydroalert.domain.reports import State
from hydroalert.store.report_events import NewEvent
from hydroalert.store.reports import change_report, lock_report
from hydroalert.store.writing import writing
from tests.api.alarms import Alarms
from tests.api.live.following import Heard, following
from tests.api.live.test_websocket import talking, until
from tests.api.people import Headers, logged_in, with_key

SECRET = "grandmother lives in the blue house"
LON, LAT = 80.0412345, 7.0456789


async def submit(client: httpx.AsyncClient, text: str = SECRET) -> UUID:
    """What a citizen does."""
    seen = {"lon": LON, "lat": LAT, "seen_at": rfc3339(datetime.now(UTC)), "category": "flooded-building"}
    said = {"depth": "knee", "text": text, "language": "en", "contact": "+94 11 7654321"}
    answer = await client.post("/api/v1/reports", json=seen | said)
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def decide(services: Services, report_id: UUID, state: State) -> None:
    """What an operator does."""
    now = services.clock()
    async with writing(services.writings) as connection:
        report = await lock_report(connection, report_id)
        assert report is not None
        changed = msgspec.structs.replace(report, state=state, reviewed_at=now, decided_at=now)
        await change_report(connection, changed, NewEvent(state.value, "op"), now)


def told(heard: list[Heard], name: str) -> list[Any]:
    """The data of the events of that name."""
    return [one.data for one in heard if one.name == name]


async def test_operators_hear_what_waits_and_a_citizen_what_the_public_list_says_and_nothing_else(
    alarms: Alarms, client: httpx.AsyncClient, base_url: str, services: Services
) -> None:
    await alarms.add_area("kelani")
    viewer = await logged_in(services, Role.VIEWER)
    queries: list[dict[str, Any]] = [{}, {"kind": "report,triage"}, {"area": "kelani", "last_id": "kelani:1"}]
    house = f"{LON - 1e-4:.7f},{LAT - 1e-4:.7f},{LON + 1e-4:.7f},{LAT + 1e-4:.7f}"
    async with AsyncExitStack() as stack:
        public = [await stack.enter_async_context(following(client, **query)) for query in queries]
        inside = await stack.enter_async_context(following(client, headers=viewer, kind="triage", area="kelani"))
        narrow = await stack.enter_async_context(following(client, bbox=house))
        socket = await stack.enter_async_context(talking(base_url))
        for one in (*public, narrow, inside):
            await one.until("heartbeat")
        await until(socket, "heartbeat")
        await socket.send('{"subscribe": {"kind": ["triage", "report"]}}')
        await until(socket, "heartbeat")
        report = await submit(client)
        new = (await inside.until("triage"))[-1].data
        assert (new["id"], new["state"], new["text"], new["position"]["lon"]) == (str(report), "submitted", SECRET, LON)
        assert "7654321" not in json.dumps(new)
        for state in (State.UNDER_REVIEW, State.VERIFIED, State.RESOLVED):
            await decide(services, report, state)
            if state is State.VERIFIED:
                listed = (await client.get("/api/v1/reports")).json()["reports"]
                heard = [(await one.until("report")) for one in public]
                over_socket = await until(socket, "report")
        assert [told(one, "report") for one in heard] == [listed] * 3
        assert over_socket[-1]["data"] == listed[0]
        left = [await one.until("report") for one in public]
        assert [one[-1].data for one in left] == [{"id": listed[0]["id"], "gone": True}] * 3
        everything = json.dumps([[event.data for event in one] for one in (*heard, *left)]) + json.dumps(over_socket)
        assert not any(word in everything for word in (SECRET, str(LON), str(LAT), str(report), "triage", "version"))
        assert {event.name for one in (*heard, *left) for event in one} <= {"alert", "report", "heartbeat"}
        await open_shelter(client, services, LON, LAT)
        assert {one.name for one in await narrow.until("shelter")} <= {"alert", "shelter", "heartbeat"}
        states = [(await inside.until("triage"))[-1].data["state"]]
        while states[-1] != "resolved":
            states += [(await inside.until("triage"))[-1].data["state"]]
        assert states == [state for state in ("under_review", "verified", "resolved") if state in states]


async def test_who_joins_is_told_what_waits_if_they_may_hear_it(client: httpx.AsyncClient, services: Services) -> None:
    report = await submit(client)
    key = await with_key(services, Role.OPERATOR, Scope.REPORTS_READ)
    other = await with_key(services, Role.ADMIN, Scope.SHELTERS_WRITE)
    async with following(client, headers=key) as follower:
        waiting = (await follower.until("triage"))[-1].data  # once this process has looked
        assert waiting["id"] == str(report)
    async with following(client, headers=key) as follower:
        assert [one["id"] for one in told(await follower.state(), "triage")] == [str(report)]
    for headers in ({}, other):
        async with following(client, headers=headers) as follower:
            assert told(await follower.state(), "triage") == []
        refused = await client.get("/api/v1/stream?kind=triage", headers=headers)
        assert refused.status_code == (403 if headers else 401)


async def test_a_login_that_ends_hears_no_more_and_another_may_take_its_place(
    client: httpx.AsyncClient, base_url: str, services: Services
) -> None:
    operator = await logged_in(services, Role.OPERATOR)
    async with following(client, headers=operator) as follower, talking(base_url) as socket:
        await follower.state()
        await until(socket, "heartbeat")
        await authorize(socket, operator)
        await until(socket, "authorized")
        await submit(client, "the first")
        assert (await until(socket, "triage"))[-1]["data"]["text"] == "the first"
        assert (await follower.until("triage"))[-1].data["text"] == "the first"
        await authorize(socket, await logged_in(services, Role.VIEWER))
        assert {one["event"] for one in await until(socket, "authorized")} <= {"authorized", "heartbeat"}
        await authorize(socket, operator)
        await until(socket, "authorized")
        assert (await client.post("/api/v1/logout", headers=operator)).status_code in {200, 204}
        assert "log in again" in (await follower.until("unauthorized"))[-1].data["reason"]
        with pytest.raises(StopAsyncIteration):
            await follower.next()
        await until(socket, "unauthorized")
        assert "triage" not in {one["event"] for one in await until(socket, "heartbeat")}
        await submit(client, "the second")
        await socket.send('{"subscribe": {"kind": ["triage", "shelter"]}}')
        await until(socket, "heartbeat")
        await submit(client, "the third")
        await open_shelter(client, services)
        assert [one["event"] for one in await until(socket, "shelter") if one["event"] != "heartbeat"] == ["shelter"]
        await socket.send('{"authorize": "eyJ.eyJ.eyJ"}')
        await until(socket, "unauthorized")
        await authorize(socket, await logged_in(services, Role.VIEWER))
        waiting = [one["data"]["text"] for one in await until(socket, "heartbeat") if one["event"] == "triage"]
        while len(waiting) < 3:
            waiting += [(await until(socket, "triage"))[-1]["data"]["text"]]
        assert waiting == ["the first", "the second", "the third"]


async def test_a_shelter_is_told_when_it_opens_fills_and_is_gone(
    alarms: Alarms, client: httpx.AsyncClient, services: Services
) -> None:
    await alarms.add_area("kelani")
    path = "/api/v1/shelters/school"
    async with following(client, area="kelani", kind="shelter") as near, following(client, bbox="0,0,1,1") as far:
        await near.state()
        await far.state()
        admin = await open_shelter(client, services)
        assert (await near.until("shelter"))[-1].data["status"] == "open"
        await client.post(f"{path}/occupancy", json={"occupancy": 120}, headers=admin)
        counted = (await near.until("shelter"))[-1].data
        assert (counted["occupancy"], counted["free"]) == (120, 80)
        assert counted.items() <= (await client.get(path)).json().items()
        async with following(client, kind="shelter") as late:
            assert told(await late.state(), "shelter") == [counted]
        await client.delete(path, headers=admin)
        assert (await near.until("shelter"))[-1].data == {"code": "school", "gone": True}
        await alarms.add_area("nile", lon=0.0, lat=0.0)
        heard = await far.until("alert")
        assert told(heard, "shelter") == []


async def open_shelter(client: httpx.AsyncClient, services: Services, lon: float = 80.05, lat: float = 7.05) -> Headers:
    """Returns who may change it."""
    admin = await logged_in(services, Role.ADMIN)
    body = {"name": "School", "lon": lon, "lat": lat, "capacity": 200, "status": "open"}
    assert (await client.put("/api/v1/shelters/school", json=body, headers=admin)).status_code == 201
    return admin


async def authorize(socket: Any, headers: Headers) -> None:
    """Say on the way who one is."""
    await socket.send(json.dumps({"authorize": headers["Authorization"].removeprefix("Bearer ")}))
