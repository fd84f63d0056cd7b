"""Laws of `/api/v1/areas/{area}/rules`."""

from typing import Any

import httpx
import pytest

from hydroalert.api.services import Services
from hydroalert.domain.actors import Role
from tests.api.people import logged_in
from tests.api.world import World

AREA = "/api/v1/areas/mytholm"
SQUARE = [[[-2.03, 53.73], [-2.01, 53.73], [-2.01, 53.75], [-2.03, 53.75], [-2.03, 53.73]]]
ALERT = {"name": "alert", "threshold": 1.6, "severity": "minor", "hysteresis": 0.05}
FLOOD = {"name": "flood", "threshold": 2.0, "severity": "severe"}
RIVER = {"code": "river", "levels": [ALERT, FLOOD], "members": [{"station": "hebden", "datastream": "level"}]}


@pytest.fixture(autouse=True)
async def area(world: World, admin: httpx.AsyncClient) -> None:
    """An area, and a station that does not inform it yet."""
    station = await world.add_station("hebden", lon=-2.02, lat=53.74)
    await world.add_datastream(station, "level")
    await world.add_datastream(station, "stage_ft", "ft")
    body = {"names": {"en": "Mytholm"}, "geometry": {"type": "Polygon", "coordinates": SQUARE}}
    assert (await admin.put(AREA, json=body)).status_code == 201


async def put(client: httpx.AsyncClient, **changed: Any) -> httpx.Response:
    """Save the rule `river`."""
    return await client.put(f"{AREA}/rules/river", json=RIVER | changed)


async def test_each_change_is_a_version_of_who_made_it_and_the_same_again_is_none(
    admin: httpx.AsyncClient, services: Services
) -> None:
    answers = [await put(admin)]
    admin.headers.update(await logged_in(services, Role.ADMIN, "bob"))
    answers += [await put(admin), await put(admin, levels=[ALERT])]
    assert [one.status_code for one in answers] == [201, 200, 200]
    assert [one.json()["saved"]["version"] for one in answers] == [1, 1, 2]
    versions = (await admin.get(f"{AREA}/rules/river/versions")).json()["rules"]
    assert [(one["version"], one["author"], len(one["rule"]["levels"])) for one in versions] == [
        (1, "ann", 2),
        (2, "bob", 1),
    ]
    newest = (await admin.get(f"{AREA}/rules/river")).json()
    assert newest == versions[-1] == (await admin.get(f"{AREA}/rules")).json()["rules"][0]


async def test_a_rule_out_of_force_is_kept_and_can_be_put_in_force_again(admin: httpx.AsyncClient) -> None:
    await put(admin)
    assert (await admin.delete(f"{AREA}/rules/river")).status_code == 204
    assert (await admin.get(f"{AREA}/rules")).json()["rules"] == []
    (retired,) = (await admin.get(f"{AREA}/rules", params={"retired": "true"})).json()["rules"]
    assert retired["retired_at"].endswith("Z")
    assert (await admin.delete(f"{AREA}/rules/river")).status_code == 404
    again = await put(admin)
    assert (again.status_code, again.json()["saved"]["version"], again.json()["saved"]["retired_at"]) == (200, 2, None)


async def test_what_looks_odd_is_remarked_and_taken(admin: httpx.AsyncClient) -> None:
    members = [{"station": "hebden", "datastream": code} for code in ("level", "stage_ft")]
    remarks = (await put(admin, members=members)).json()["remarks"]
    for words in ("ft and m", "hebden: no station that informs"):
        assert any(words in remark for remark in remarks)
    await admin.put(f"{AREA}/stations/hebden")
    assert (await put(admin)).json()["remarks"] == []


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"code": "other"}, "code", "path"),
    ({"levels": []}, "rule", "levels"),
    ({"levels": [FLOOD, ALERT]}, "rule", "ascend"),
    ({"levels": [ALERT | {"name": "a\0b"}]}, "rule", "name"),
    ({"levels": [ALERT | {"severity": "dreadful"}]}, "levels[0].severity", "dreadful"),
    ({"levels": [ALERT | {"threshold": "high"}]}, "levels[0].threshold", "float"),
    ({"members": [{"station": "hebden", "datastream": "rainfall"}]}, "members", "hebden/rainfall"),
    ({"members": [{"station": "a\0b", "datastream": "level"}]}, "rule", "member"),
    ({"hazard": "blind"}, "rule", "hazard"),
    ({"k": 2}, "rule", "k must"),
    ({"window_s": 10**30}, "rule", "window_s"),
    ({"signal": "guess"}, "signal", "guess"),
    ({"colour": "red"}, "data", "colour"),
]


async def test_a_rule_that_cannot_be_kept_is_refused_with_the_reason(admin: httpx.AsyncClient) -> None:
    for changed, parameter, words in REFUSED:
        answer = await put(admin, **changed)
        assert (answer.status_code, answer.json()["parameter"]) == (400, parameter), answer.text
        assert words in answer.json()["detail"]
    assert (await admin.get(f"{AREA}/rules/river")).status_code == 404


async def test_a_body_longer_than_any_rule_is_too_large(admin: httpx.AsyncClient) -> None:
    too_long = b" " * (64 * 1024 + 1)
    headers = {"Content-Type": "application/json"}
    answer = await admin.put(f"{AREA}/rules/river", content=too_long, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:hydroalert:problem:too-large")
