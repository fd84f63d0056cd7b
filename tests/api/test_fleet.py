"""Laws of running the fleet over HTTP: what administrators change of stations, datastreams and devices."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from firmware_protocol.frames import Header, frames_topic, sign_frame

from tests.api.walking import collect
from tests.api.world import World, at

STATIONS = "/api/v1/stations"
DEVICES = "/api/v1/devices"
HEBDEN = {"name": "Hebden Bridge", "lon": -2.01, "lat": 53.74, "river": "Calder"}
LEVEL = f"{STATIONS}/hebden/datastreams/level"
GAUGE = {"device": "gauge-1", "station": "hebden", "datastreams": [{"code": "level", "unit": "m"}]}


async def statuses(client: httpx.AsyncClient, *asked: tuple[str, str, Any]) -> list[int]:
    """What each of these is answered with, in turn."""
    return [(await client.request(method, path, json=body)).status_code for method, path, body in asked]


async def audited(world: World, thing: str) -> list[tuple[str, str, str]]:
    """Who did what to what, in turn."""
    rows = await world.connection.fetch(
        "SELECT actor, act, target FROM audit.entry WHERE thing = $1 ORDER BY id", thing
    )
    return [tuple(row) for row in rows]


async def test_a_station_is_put_kept_while_anything_hangs_on_it_and_forgotten(
    world: World, admin: httpx.AsyncClient
) -> None:
    path, moved = f"{STATIONS}/hebden", HEBDEN | {"lat": 53.75}
    assert await statuses(admin, ("PUT", path, HEBDEN), ("PUT", path, HEBDEN), ("PUT", path, moved)) == [201, 200, 200]
    assert (await admin.get(path)).json()["position"] == {"lon": -2.01, "lat": 53.75}
    await admin.put(LEVEL, json={"unit": "m"})
    kept = await admin.delete(path)
    assert (kept.status_code, "(datastreams: 1)" in kept.json()["detail"]) == (409, True)
    await admin.put(f"{STATIONS}/calder", json=HEBDEN)
    assert await statuses(admin, ("DELETE", f"{STATIONS}/calder", None), ("DELETE", f"{STATIONS}/calder", None)) == [
        204, 404,
    ]  # fmt: skip
    assert await audited(world, "station") == [
        ("ann", "added", "hebden"), ("ann", "changed", "hebden"), ("ann", "added", "calder"),
        ("ann", "removed", "calder"),
    ]  # fmt: skip


async def test_what_can_be_no_station_says_why(admin: httpx.AsyncClient) -> None:
    for code, changed, parameter in (
        ("UPPER", {}, "station"),
        ("hebden", {"lon": 200}, "lon"),
        ("hebden", {"name": "a\0b"}, "name"),
        ("hebden", {"colour": "red"}, "data"),
        ("hebden", {"lat": "north"}, "lat"),
    ):
        answer = await admin.put(f"{STATIONS}/{code}", json=HEBDEN | changed)
        assert (answer.status_code, answer.json()["parameter"]) == (400, parameter), answer.text


async def test_each_row_of_an_import_is_answered_and_the_good_ones_are_saved(admin: httpx.AsyncClient) -> None:
    await admin.put(f"{STATIONS}/hebden", json=HEBDEN)
    table = "code,name,lon,lat\nhebden,Hebden,-2,53.7\nEden 3,Eden,-2.9,54.9\nnowhere,No,200,0\nhebden,Again,0,0\n"
    answer = (await admin.post(STATIONS, content=table, headers={"Content-Type": "text/csv"})).json()
    assert (answer["added"], answer["updated"], answer["refused"]) == (1, 1, 2)
    assert [(one["row"], one["code"], one["outcome"]) for one in answer["rows"]] == [
        (1, "hebden", "updated"), (2, "eden-3", "added"), (3, None, "refused"), (4, None, "refused"),
    ]  # fmt: skip
    assert "row 1" in answer["rows"][3]["detail"]
    named = {"code": "kelani", "name": "Kelani"}
    drawn = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [80, 7]}, "properties": named}
    answer = (await admin.post(STATIONS, json={"type": "FeatureCollection", "features": [drawn]})).json()
    assert (answer["added"], (await admin.get(f"{STATIONS}/kelani")).json()["position"]["lat"]) == (1, 7.0)
    for body in (b"", b"[", b"\xff", b"[1]", b'{"features":[{}]}', b"[" * 100_000):
        assert (await admin.post(STATIONS, content=body)).status_code == 400, body[:20]


async def test_a_unit_stays_once_there_are_values_and_changes_before(world: World, admin: httpx.AsyncClient) -> None:
    await admin.put(f"{STATIONS}/hebden", json=HEBDEN)
    cm, m = {"unit": "cm", "interval_s": 300}, {"unit": "m", "interval_s": 300}
    assert await statuses(admin, ("PUT", LEVEL, cm), ("PUT", LEVEL, m), ("PUT", LEVEL, m)) == [201, 200, 200]
    await world.observe(await world.connection.fetchval("SELECT id FROM datastream"), [(at(0), 1.5)])
    assert await statuses(admin, ("PUT", LEVEL, cm), ("PUT", LEVEL, m | {"interval_s": 900})) == [409, 200]
    assert await statuses(
        admin,
        ("PUT", f"{STATIONS}/nowhere/datastreams/level", m),
        ("PUT", f"{STATIONS}/hebden/datastreams/Level", m),
        ("PUT", LEVEL, m | {"interval_s": 0}),
    ) == [404, 400, 400]  # fmt: skip


async def test_a_datastream_is_tested_as_it_was_put_and_a_value_is_what_a_person_says(
    world: World, admin: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    level = await world.add_series("hebden")
    await world.observe(level, [(at(0), 1.5)])
    put = await admin.put(f"{LEVEL}/quality", json={"sensor_max": 9.0, "off": ["spike"]})
    assert put.json() == (await admin.get(f"{LEVEL}/quality")).json()
    assert put.json()["settings"] == {"sensor_max": 9.0, "off": ["spike"]}
    assert put.json()["in_effect"]["rise_per_h"] > 0
    flag = {"time": at(0).isoformat(), "quality": "suspect", "reason": "ice"}
    asked = [flag, flag, flag | {"reason": " "}, flag | {"quality": "odd"}, flag | {"time": at(1).isoformat()}]
    assert await statuses(operator, *(("POST", f"{LEVEL}/flags", one) for one in asked)) == [204, 409, 400, 400, 404]
    shown = (await operator.get(f"{LEVEL}/observations")).json()["observations"]
    assert [(one["result"], one["quality"]) for one in shown] == [(1.5, 3)]
    assert await world.connection.fetchval("SELECT author FROM flagging") == "asha"
    assert await statuses(
        admin, ("PUT", f"{LEVEL}/quality", {"sensor_min": 5, "sensor_max": 1}), ("PUT", f"{LEVEL}/quality", {"odd": 1})
    ) == [400, 400]


async def test_maintenance_has_an_end_within_a_year_and_can_be_ended(world: World, admin: httpx.AsyncClient) -> None:
    await world.add_series("hebden")
    soon, now = datetime.now(UTC) + timedelta(hours=4), datetime.now(UTC)
    for path in (f"{STATIONS}/hebden/maintenance", f"{LEVEL}/maintenance"):
        assert (await admin.put(path, json={"until": soon.isoformat()})).json()["until"].endswith("Z")
        for wrong in (now - timedelta(hours=1), now + timedelta(days=400)):
            assert (await admin.put(path, json={"until": wrong.isoformat()})).status_code == 400
    seen = "SELECT maintenance_until FROM station UNION ALL SELECT maintenance_until FROM datastream"
    assert [row[0] for row in await world.connection.fetch(seen)] == [soon, soon]
    for path in (f"{STATIONS}/hebden/maintenance", f"{LEVEL}/maintenance"):
        assert await statuses(admin, ("DELETE", path, None), ("DELETE", path, None)) == [204, 204]
    assert [row[0] for row in await world.connection.fetch(seen)] == [None, None]
    assert await statuses(admin, ("DELETE", f"{STATIONS}/nowhere/maintenance", None)) == [404]


async def test_a_device_is_told_its_secrets_once_and_the_audit_never(world: World, admin: httpx.AsyncClient) -> None:
    await admin.put(f"{STATIONS}/hebden", json=HEBDEN)
    made = await admin.post(DEVICES, json=GAUGE | {"rows_per_hour": 500})
    given = made.json()
    assert (made.status_code, made.headers["cache-control"], given["broker"]) == (201, "no-store", "waiting")
    rotated = await admin.post(f"{DEVICES}/gauge-1/keys", json={"overlap_s": 3600})
    assert (rotated.status_code, rotated.headers["cache-control"], rotated.json()["key_id"]) == (201, "no-store", 1)
    secrets = [given["key_hex"], given["mqtt_password"], rotated.json()["key_hex"]]
    assert len(set(secrets)) == 3
    everything = (await admin.get(f"{DEVICES}/gauge-1")).text + str(await world.connection.fetch("TABLE audit.entry"))
    assert not any(secret in everything for secret in secrets)
    assert (await admin.get(f"{DEVICES}/gauge-1")).json()["rows_per_hour"] == 500
    assert await audited(world, "device key") == [
        ("ann", "added", "gauge-1/0"), ("ann", "changed", "gauge-1/0"), ("ann", "added", "gauge-1/1"),
    ]  # fmt: skip
    assert await audited(world, "assignment") == [("ann", "added", "hebden/level/gauge-1")]


async def test_the_broker_is_told_is_said_only_when_it_was(world: World, admin: httpx.AsyncClient) -> None:
    await admin.put(f"{STATIONS}/hebden", json=HEBDEN)
    await admin.post(DEVICES, json=GAUGE)
    assert (await admin.post(f"{DEVICES}/gauge-1/revoke")).json() == {"device": "gauge-1", "broker": "waiting"}
    await world.connection.execute("CREATE RULE told AS ON INSERT TO broker_change DO INSTEAD NOTHING")
    await world.connection.execute("DELETE FROM broker_change")
    assert (await admin.post(f"{DEVICES}/gauge-1/revoke")).json() == {"device": "gauge-1", "broker": "told"}
    assert (await admin.get(f"{DEVICES}/gauge-1")).json()["revoked_at"] is not None


async def test_a_datastream_is_filled_by_one_device_until_another_takes_it_over(admin: httpx.AsyncClient) -> None:
    await admin.put(f"{STATIONS}/hebden", json=HEBDEN)
    await admin.post(DEVICES, json=GAUGE)
    other = GAUGE | {"device": "gauge-2", "datastreams": [{"code": "rain", "unit": "mm"}]}
    filling = f"{DEVICES}/gauge-2/datastreams/level"
    assert await statuses(
        admin,
        ("POST", DEVICES, GAUGE),
        ("POST", DEVICES, other),
        ("PUT", f"{DEVICES}/gauge-1/datastreams/level", {"unit": "m"}),
        ("PUT", filling, {"unit": "m"}),
        ("PUT", filling, {"unit": "ft", "take_over": True}),
        ("PUT", filling, {"unit": "m", "take_over": True}),
        ("PUT", filling, {"unit": "m", "take_over": True}),
        ("PATCH", f"{DEVICES}/gauge-2", {"rows_per_hour": 9}),
        ("PATCH", f"{DEVICES}/gauge-2", {"rows_per_hour": 0}),
        ("PATCH", f"{DEVICES}/gauge-2", {}),
    ) == [409, 201, 204, 409, 409, 204, 204, 204, 400, 400]  # fmt: skip
    unknown = f"{DEVICES}/gauge-9"
    assert await statuses(
        admin,
        ("POST", DEVICES, GAUGE | {"device": "gauge-9", "station": "nowhere"}),
        ("POST", DEVICES, GAUGE | {"device": "Gauge"}),
        ("POST", f"{unknown}/keys", {}),
        ("POST", f"{unknown}/keys", {"overlap_s": 10**9}),
        ("POST", f"{unknown}/revoke", None),
        ("PATCH", unknown, {"rows_per_hour": None}),
        ("PUT", f"{unknown}/datastreams/level", {"unit": "m"}),
    ) == [404, 400, 404, 400, 404, 404, 404]


async def send(client: httpx.AsyncClient, key_hex: str, sequence: int, **readings: float) -> None:
    """A frame of gauge-1, sent until the api has heard of the device and settles it."""
    pack = [{"n": name, "t": at(0).timestamp(), "v": value} for name, value in readings.items()]
    header = Header(0, 1, 0, 7, sequence)
    frame = sign_frame(bytes.fromhex(key_hex), frames_topic("gauge-1"), header, json.dumps(pack).encode())
    async with asyncio.timeout(30):
        while (await client.post("/api/v1/frames/gauge-1", content=frame)).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_what_was_refused_is_looked_at_mended_and_tried_again(world: World, admin: httpx.AsyncClient) -> None:
    await admin.put(f"{STATIONS}/hebden", json=HEBDEN)
    key_hex = (await admin.post(DEVICES, json=GAUGE)).json()["key_hex"]
    await send(admin, key_hex, 0, rain=2.5)
    await send(admin, key_hex, 1, wind=1.5)
    listed = await collect(admin, "/api/v1/refused", "refused", limit=1, device="gauge-1")
    assert [(one["reason"], one["authentic"]) for one in listed] == [("unknown_datastream", True)] * 2
    shown = (await admin.get(f"/api/v1/refused/{listed[0]['id']}")).json()
    assert b'"rain"' in bytes.fromhex(shown["frame_hex"])
    await admin.put(f"{DEVICES}/gauge-1/datastreams/rain", json={"unit": "mm"})
    retried = (await admin.post("/api/v1/refused/retry", json={"device": "gauge-1"})).json()
    assert (retried["stored"], retried["refused"]) == (1, 1)
    assert (await admin.get(f"/api/v1/refused/{listed[0]['id']}")).status_code == 404
    stored = (await admin.get(f"{STATIONS}/hebden/datastreams/rain/observations")).json()["observations"]
    assert [one["result"] for one in stored] == [2.5]
    assert [who[:2] for who in await audited(world, "refused frame")] == [("ann", "retried")]
    assert await statuses(
        admin,
        ("GET", "/api/v1/refused?reason=odd", None),
        ("POST", "/api/v1/refused/retry", {"ids": [0]}),
        ("POST", "/api/v1/refused/retry", {"ids": [10**18]}),
    ) == [400, 400, 200]  # fmt: skip


async def test_an_operator_prefers_one_of_two_values_and_may_prefer_the_other_again(
    world: World, admin: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    await admin.put(f"{STATIONS}/hebden", json=HEBDEN)
    key_hex = (await admin.post(DEVICES, json=GAUGE)).json()["key_hex"]
    for sequence, level_m in enumerate((1.0, 2.0)):
        await send(admin, key_hex, sequence, level=level_m)
    for preferred, former in ((2.0, 1.0), (1.0, 2.0)):
        (conflict,) = await collect(operator, "/api/v1/conflicts", "conflicts", station="hebden")
        assert (conflict["result"], conflict["series_result"]) == (preferred, former)
        assert (await operator.post(f"/api/v1/conflicts/{conflict['id']}/prefer")).status_code == 204
        stored = (await operator.get(f"{LEVEL}/observations")).json()["observations"]
        assert [one["result"] for one in stored] == [preferred]
    assert [who for who, *_ in await audited(world, "conflict")] == ["asha", "asha"]
    assert (await operator.post("/api/v1/conflicts/999999/prefer")).status_code == 404
