"""Laws of `/api/v1/subscriptions` and `/api/v1/deliveries`."""

import httpx
import pytest

from tests.api.walking import collect
from tests.api.world import World
from tests.store.planting_alerts import PlantedAlert, plant_area

TOKEN = "s3cr3tT0ken9"
PATH = "/api/v1/subscriptions"
SIREN = {"name": "siren", "to": f"https://siren.example.org/{TOKEN}", "least_severity": "minor"}


async def test_a_secret_is_in_the_answer_that_made_it_and_in_no_other(admin: httpx.AsyncClient) -> None:
    made = await admin.post(PATH, json=SIREN)
    assert (made.status_code, made.json()["secret"][:6]) == (201, "whsec_")
    others = [await admin.get(PATH), await admin.get(f"{PATH}/siren"), await admin.patch(f"{PATH}/siren", json={})]
    assert [one.status_code for one in others] == [200, 200, 200]
    assert "whsec_" not in "".join(one.text for one in others)
    assert TOKEN not in "".join(one.text for one in (made, *others))


async def test_a_patch_changes_what_it_names_and_nothing_else(world: World, admin: httpx.AsyncClient) -> None:
    await plant_area(world.connection, "town")
    before = (await admin.post(PATH, json=SIREN)).json()["subscription"]
    after = (await admin.patch(f"{PATH}/siren", json={"area": "town", "drills": True, "enabled": False})).json()
    changed = {name: after[name] for name in after if after[name] != before[name]}
    assert changed == {
        "area": "town",
        "drills": True,
        "enabled": False,
        "disabled_because": "the subscription was disabled",
    }
    again = (await admin.patch(f"{PATH}/siren", json={"area": None, "drills": False, "enabled": True})).json()
    assert again == before


@pytest.mark.parametrize(
    ("given", "status", "kind"),
    [
        (SIREN | {"to": "garbage"}, 400, "invalid-input"),
        (SIREN | {"area": "atlantis"}, 404, "not-found"),
        (SIREN | {"language": "?"}, 400, "invalid-input"),
        (SIREN | {"repeats_per_hour": 0}, 400, "invalid-input"),
        (SIREN | {"severity": "minor"}, 400, "invalid-input"),
        (SIREN | {"name": ""}, 400, "invalid-input"),
    ],
)
async def test_what_cannot_be_subscribed_is_refused(
    admin: httpx.AsyncClient, given: dict[str, object], status: int, kind: str
) -> None:
    answer = await admin.post(PATH, json=given)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, kind)
    assert TOKEN not in answer.text


async def test_a_name_is_taken_once_and_free_again_when_it_is_forgotten(admin: httpx.AsyncClient) -> None:
    statuses = [(await admin.post(PATH, json=SIREN)).status_code for _ in range(2)]
    statuses.append((await admin.delete(f"{PATH}/siren")).status_code)
    statuses.append((await admin.delete(f"{PATH}/siren")).status_code)
    statuses.append((await admin.post(PATH, json=SIREN)).status_code)
    assert statuses == [201, 409, 204, 404, 201]


async def test_every_delivery_is_on_one_page_and_the_dead_can_be_resent(world: World, admin: httpx.AsyncClient) -> None:
    await admin.post(PATH, json=SIREN)
    alert = PlantedAlert(world.connection, await plant_area(world.connection, "town"))
    for step in ("raised", "escalated", "lowered", "cleared"):
        await alert.tell(step)
    shown = await collect(admin, "/api/v1/deliveries", "deliveries", limit=3)
    assert [one["revision"] for one in shown] == [4, 3, 2, 1]
    await world.connection.execute("UPDATE delivery SET state = 'dead'")
    resent = await admin.post(f"/api/v1/deliveries/{shown[0]['id']}/resend")
    assert (resent.status_code, resent.json()["state"]) == (200, "waiting")
    assert (await admin.post(f"/api/v1/deliveries/{shown[1]['id']}/resend")).status_code == 409
    assert (await admin.post("/api/v1/deliveries/999999/resend")).status_code == 404
    dead = (await admin.get("/api/v1/deliveries?state=dead")).json()["deliveries"]
    assert [one["revision"] for one in dead] == [3, 2, 1]
    assert (await admin.get(f"/api/v1/deliveries/{dead[0]['id']}")).json() == dead[0]
    said = await world.connection.fetch("SELECT actor, act, target FROM audit.entry WHERE thing = 'delivery'")
    assert [tuple(one) for one in said] == [("ann", "resent", str(shown[0]["id"]))]
