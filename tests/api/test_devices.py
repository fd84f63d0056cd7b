"""Laws of `/api/v1/devices`."""

from datetime import UTC, datetime, timedelta

import httpx

from hydroalert.store.devices import NewDatastream, NewDevice, register_device
from hydroalert.store.sealing import Sealer
from tests.api.conftest import MASTER_KEY
from tests.api.walking import collect
from tests.api.world import World

HEARD_AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def register(world: World, number: int) -> list[str]:
    """Devices of one station; returns what must never be shown of them."""
    await world.add_station("avon")
    secrets: list[str] = []
    for index in range(number):
        new = NewDevice(f"avon-{index}", "avon", (NewDatastream(f"level_{index}", "m"),))
        async with world.connection.transaction():
            given = await register_device(world.connection, Sealer(MASTER_KEY), new, HEARD_AT)
        secrets += [given.key_hex, given.mqtt_password]
    return secrets


async def test_every_device_is_on_one_page_and_no_secret_is(world: World, client: httpx.AsyncClient) -> None:
    secrets = await register(world, 7)
    shown = await collect(client, "/api/v1/devices", "devices", limit=2)
    assert [one["device"] for one in shown] == [f"avon-{index}" for index in range(7)]
    everything = (await client.get("/api/v1/devices")).text
    assert not any(secret in everything for secret in secrets)


async def test_a_device_shows_what_came_of_its_frames(world: World, client: httpx.AsyncClient) -> None:
    await register(world, 2)
    device_id = await world.connection.fetchval("SELECT id FROM device WHERE code = 'avon-1'")
    await world.connection.execute("INSERT INTO device_tally VALUES ($1, 10, 17, 2, 1, $2)", device_id, HEARD_AT)
    await world.connection.execute("INSERT INTO refusal_tally VALUES ($1, 'bad_tag', 3, 0)", device_id)
    await world.connection.execute("INSERT INTO refusal_tally VALUES ($1, 'wrong_unit', 0, 4)", device_id)
    shown = (await client.get("/api/v1/devices/avon-1")).json()
    assert [shown[name] for name in ("frames", "stored", "duplicates", "conflicts")] == [10, 17, 2, 1]
    assert shown["refused"] == {"bad_tag": {"frames": 3, "records": 0}, "wrong_unit": {"frames": 0, "records": 4}}
    assert shown["last_received_at"] == "2026-11-21T12:00:00.000Z"
    assert (shown["station"], shown["online"], shown["status"]) == ("avon", False, None)
    untouched = (await client.get("/api/v1/devices/avon-0")).json()
    assert (untouched["frames"], untouched["refused"], untouched["last_received_at"]) == (0, {}, None)


async def test_a_key_shows_when_it_ends_and_a_revoked_device_since_when(
    world: World, client: httpx.AsyncClient
) -> None:
    await register(world, 1)
    await world.connection.execute("UPDATE device_key SET expires_at = $1", HEARD_AT + timedelta(days=1))
    await world.connection.execute("UPDATE device SET revoked_at = $1", HEARD_AT)
    shown = (await client.get("/api/v1/devices/avon-0")).json()
    assert [key["expires_at"] for key in shown["keys"]] == ["2026-11-22T12:00:00.000Z"]
    assert shown["revoked_at"] == "2026-11-21T12:00:00.000Z"
