"""Devices: registered once, with units that never change; taken over, rotated, revoked."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from hydroalert.domain.clock import to_ms
from hydroalert.domain.errors import Conflicting, InvalidInput, NotFound
from hydroalert.domain.registry import Device
from hydroalert.store import Connection, Pool
from hydroalert.store.broker_changes import broker_accounts, claim_broker_changes
from hydroalert.store.devices import (
    MAX_INTERVAL_S,
    MAX_OVERLAP,
    NewDatastream,
    NewDevice,
    Registered,
    Rotated,
    parse_datastream,
    register_device,
    revoke_device,
    rotate_key,
)
from hydroalert.store.registry import load_registry
from hydroalert.store.sealing import Sealer
from hydroalert.store.stations import NewStation, save_stations

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
LEVEL = NewDatastream("level", "m")
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
async def station(connection: Connection) -> None:
    """The place where devices stand."""
    await save_stations(connection, [NewStation("avon", "Avon", -1.9, 52.1)])


async def register(
    connection: Connection,
    sealer: Sealer,
    device: str = "gauge-1",
    *datastreams: NewDatastream,
    take_over: bool = False,
) -> Registered:
    """In a transaction of its own, as the command line does it."""
    new = NewDevice(device, "avon", datastreams or (LEVEL,))
    async with connection.transaction():
        return await register_device(connection, sealer, new, NOW, take_over=take_over)


async def known(connection: Connection, sealer: Sealer, device: str = "gauge-1") -> Device:
    """As admission sees it."""
    return (await load_registry(connection, sealer, [device]))[device]


async def test_a_registered_device_is_in_the_registry_with_its_key(connection: Connection, sealer: Sealer) -> None:
    registered = await register(connection, sealer)
    device = await known(connection, sealer)
    assert (device.code, device.station, device.revoked) == ("gauge-1", "avon", False)
    assert device.keys[0].secret.hex() == registered.key_hex
    assert device.datastreams["level"][0].unit == "m"


async def test_neither_key_nor_password_stands_readable_in_the_database(connection: Connection, sealer: Sealer) -> None:
    registered = await register(connection, sealer)
    row = await connection.fetchrow("SELECT password, sealed FROM device JOIN device_key ON device_id = id")
    assert bytes.fromhex(registered.key_hex) not in row["sealed"]  # type: ignore[index]
    assert registered.mqtt_password.encode() not in row["password"]  # type: ignore[index]


async def test_under_another_master_key_no_key_of_a_device_is_known(connection: Connection, sealer: Sealer) -> None:
    await register(connection, sealer)
    device = (await load_registry(connection, Sealer(bytes(32)))).get("gauge-1")
    assert device is None or device.keys == {}


async def test_a_device_is_registered_once(connection: Connection, sealer: Sealer) -> None:
    await register(connection, sealer)
    with pytest.raises(Conflicting, match="registered already"):
        await register(connection, sealer)


async def test_a_unit_never_changes_and_a_refused_registration_leaves_nothing(
    connection: Connection, sealer: Sealer
) -> None:
    await register(connection, sealer)
    with pytest.raises(Conflicting, match="kept in m, not cm"):
        await register(connection, sealer, "gauge-2", NewDatastream("level", "cm"), take_over=True)
    assert await connection.fetchval("SELECT count(*) FROM device") == 1


async def test_one_device_at_a_time_fills_a_datastream(connection: Connection, sealer: Sealer) -> None:
    await register(connection, sealer)
    with pytest.raises(Conflicting, match="filled by device gauge-1"):
        await register(connection, sealer, "gauge-2")


async def test_a_take_over_hands_over_at_this_very_millisecond(connection: Connection, sealer: Sealer) -> None:
    await register(connection, sealer)
    await register(connection, sealer, "gauge-2", take_over=True)
    former, later = await known(connection, sealer), await known(connection, sealer, "gauge-2")
    assert former.datastreams["level"][0].id == later.datastreams["level"][0].id
    assert former.datastreams["level"][0].until_ms == to_ms(NOW) - 1
    assert later.datastreams["level"][0].from_ms == to_ms(NOW)


@pytest.mark.parametrize(
    ("new", "error"),
    [
        (NewDevice("Gauge", "avon", (LEVEL,)), InvalidInput),
        (NewDevice("_admin", "avon", (LEVEL,)), InvalidInput),
        (NewDevice("gauge-1", "avon", ()), InvalidInput),
        (NewDevice("gauge-1", "avon", (LEVEL, LEVEL)), InvalidInput),
        (NewDevice("gauge-1", "avon", (LEVEL,), 0), InvalidInput),
        (NewDevice("gauge-1", "avon", (LEVEL,), 2**31), InvalidInput),
        (NewDevice("gauge-1", "avon", (NewDatastream("level", "m", 0),)), InvalidInput),
        (NewDevice("gauge-1", "avon", (NewDatastream("level", "m", MAX_INTERVAL_S + 1),)), InvalidInput),
        (NewDevice("gauge-1", "avon", (NewDatastream("Level", "m"),)), InvalidInput),
        (NewDevice("gauge-1", "avon", (NewDatastream("a" * 33, "m"),)), InvalidInput),
        (NewDevice("gauge-1", "avon", (NewDatastream("level", ""),)), InvalidInput),
        (NewDevice("gauge-1", "avon", (NewDatastream("level", "m\0"),)), InvalidInput),
        (NewDevice("gauge-1", "nowhere", (LEVEL,)), NotFound),
    ],
)
async def test_what_cannot_be_right_is_not_registered(
    connection: Connection, sealer: Sealer, new: NewDevice, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await register_device(connection, sealer, new, NOW)


@pytest.mark.parametrize(
    ("new", "rows_per_hour"),
    [(NewDatastream("a", "m", 1), 1), (NewDatastream("a" * 32, "m", MAX_INTERVAL_S), 2**31 - 1)],
    ids=["least", "most"],
)
async def test_a_device_may_be_at_every_bound(
    connection: Connection, sealer: Sealer, new: NewDatastream, rows_per_hour: int
) -> None:
    await register_device(connection, sealer, NewDevice("g", "avon", (new,), rows_per_hour), NOW)
    row = await connection.fetchrow("SELECT rows_per_hour, interval_s FROM device, datastream")
    assert tuple(row or ()) == (rows_per_hour, new.interval_s)


@pytest.mark.parametrize(
    "text", ["level", "level:", ":m", "Level:m", "level:m:0", "level:m:x", "level:m:-1", "level:m:9999999999"]
)
def test_a_datastream_is_a_code_a_unit_and_perhaps_an_interval(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_datastream(text)


async def test_a_rotated_key_is_new_and_the_former_stays_good_for_the_overlap(
    connection: Connection, sealer: Sealer
) -> None:
    registered = await register(connection, sealer)
    rotated = await rotate_key(connection, sealer, "gauge-1", NOW, WEEK)
    keys = (await known(connection, sealer)).keys
    assert (rotated.key_id, rotated.former_keys_end_at) == (1, NOW + WEEK)
    assert keys[1].secret.hex() == rotated.key_hex != registered.key_hex
    assert (keys[0].expires_ms, keys[1].expires_ms) == (to_ms(NOW + WEEK), float("inf"))


async def test_a_second_rotation_never_lengthens_an_overlap(connection: Connection, sealer: Sealer) -> None:
    await register(connection, sealer)
    await rotate_key(connection, sealer, "gauge-1", NOW, timedelta(hours=1))
    await rotate_key(connection, sealer, "gauge-1", NOW, WEEK)
    keys = (await known(connection, sealer)).keys
    assert keys[0].expires_ms == to_ms(NOW + timedelta(hours=1))


async def test_key_ids_wrap_after_256_past_those_still_good(connection: Connection, sealer: Sealer) -> None:
    await register(connection, sealer)
    await connection.execute("UPDATE device_key SET key_id = 254")
    await connection.execute("UPDATE device_key SET sealed = $1", sealer.seal(bytes(32), "device-key/gauge-1/254"))
    ids = [(await rotate_key(connection, sealer, "gauge-1", NOW, WEEK)).key_id for _ in range(3)]
    assert ids == [255, 0, 1]


async def test_no_key_id_is_given_twice_while_all_256_are_good(connection: Connection, sealer: Sealer) -> None:
    await register(connection, sealer)
    await connection.execute(
        "INSERT INTO device_key (device_id, key_id, sealed, expires_at) "
        "SELECT device_id, n, sealed, $1 FROM device_key, generate_series(1, 255) AS n",
        NOW + WEEK,
    )
    with pytest.raises(Conflicting, match="256"):
        await rotate_key(connection, sealer, "gauge-1", NOW, WEEK)
    assert (await rotate_key(connection, sealer, "gauge-1", NOW + WEEK, WEEK)).key_id == 1


async def test_two_rotations_at_once_give_two_keys_that_both_work(
    pool: Pool, connection: Connection, sealer: Sealer
) -> None:
    await register(connection, sealer)

    async def rotate() -> Rotated:
        async with pool.acquire() as own, own.transaction():
            return await rotate_key(own, sealer, "gauge-1", NOW, WEEK)

    rotated = await asyncio.gather(*(rotate() for _ in range(4)))
    keys = (await known(connection, sealer)).keys
    assert sorted(one.key_id for one in rotated) == [1, 2, 3, 4]
    assert all(keys[one.key_id].secret.hex() == one.key_hex for one in rotated)
    assert sorted(key.expires_ms for key in keys.values()) == [to_ms(NOW + WEEK)] * 4 + [float("inf")]


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), MAX_OVERLAP + timedelta(seconds=1)])
async def test_an_overlap_has_an_end_within_a_year(connection: Connection, sealer: Sealer, overlap: timedelta) -> None:
    await register(connection, sealer)
    with pytest.raises(InvalidInput, match="overlap"):
        await rotate_key(connection, sealer, "gauge-1", NOW, overlap)


async def test_one_damaged_key_stops_no_other_device(connection: Connection, sealer: Sealer) -> None:
    await register(connection, sealer)
    sound = await register(connection, sealer, "gauge-2", NewDatastream("flow", "m3/s"))
    await connection.execute(
        "UPDATE device_key SET sealed = set_byte(sealed, 20, 255 - get_byte(sealed, 20)) FROM device "
        "WHERE id = device_id AND code = 'gauge-1'"
    )
    registry = await load_registry(connection, sealer)
    assert registry["gauge-1"].keys == {}
    assert registry["gauge-2"].keys[0].secret.hex() == sound.key_hex


async def test_one_damaged_password_keeps_no_other_device_from_the_broker(
    connection: Connection, sealer: Sealer
) -> None:
    await register(connection, sealer)
    sound = await register(connection, sealer, "gauge-2", NewDatastream("flow", "m3/s"))
    await connection.execute("UPDATE device SET password = 'damaged' WHERE code = 'gauge-1'")
    accounts = await broker_accounts(connection, sealer)
    assert [(one.device, one.password) for one in accounts] == [("gauge-2", sound.mqtt_password)]


async def test_a_revoked_device_stays_revoked_since_then(connection: Connection, sealer: Sealer) -> None:
    await register(connection, sealer)
    await revoke_device(connection, "gauge-1", NOW)
    await revoke_device(connection, "gauge-1", NOW + WEEK)
    assert (await known(connection, sealer)).revoked
    assert await connection.fetchval("SELECT revoked_at FROM device") == NOW


async def test_the_broker_is_told_of_every_change_once(connection: Connection, sealer: Sealer) -> None:
    registered = await register(connection, sealer)
    await revoke_device(connection, "gauge-1", NOW)
    changes = await claim_broker_changes(connection)
    accounts = await broker_accounts(connection, sealer, changes)
    assert [(one.device, one.password, one.enabled) for one in accounts] == [
        ("gauge-1", registered.mqtt_password, False)
    ]
    assert await claim_broker_changes(connection) == []


async def test_the_broker_hears_of_revoked_devices_before_a_fleet_that_is_being_registered(
    connection: Connection,
) -> None:
    await connection.execute(
        "INSERT INTO device (code, station_id, password, revoked_at) "
        "SELECT 'g-' || n, id, '', CASE WHEN n > 58 THEN now() END FROM station, generate_series(1, 60) AS n"
    )
    await connection.execute("INSERT INTO broker_change (device_id) SELECT id FROM device ORDER BY id")
    revoked = {row["id"] for row in await connection.fetch("SELECT id FROM device WHERE revoked_at IS NOT NULL")}
    first, second = [await claim_broker_changes(connection) for _ in range(2)]
    assert (len(first), len(second), len({*first, *second})) == (50, 10, 60)
    assert (len(revoked), revoked - set(first)) == (2, set())


async def test_no_key_is_given_to_a_device_that_nobody_registered(connection: Connection, sealer: Sealer) -> None:
    with pytest.raises(NotFound, match="no device gauge-9"):
        await rotate_key(connection, sealer, "gauge-9", NOW, WEEK)


async def test_nobody_is_shut_out_whom_nobody_registered(connection: Connection) -> None:
    with pytest.raises(NotFound, match="no device gauge-9"):
        await revoke_device(connection, "gauge-9", NOW)
