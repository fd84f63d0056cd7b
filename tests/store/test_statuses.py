"""Online and offline, in whatever order they arrive (SPEC 6.5)."""

from datetime import timedelta
from itertools import permutations

import pytest

from hydroalert.store import Connection
from hydroalert.store.digest import trust_clock
from hydroalert.store.sealing import Sealer
from hydroalert.store.statuses import StatusChange, apply_status, set_offline
from tests.store.planting import NOON, plant_device

ONLINE, OFFLINE = True, False


@pytest.fixture
async def device_id(connection: Connection, sealer: Sealer) -> int:
    """A device that has said nothing yet."""
    return await plant_device(connection, sealer)


def said(device_id: int, online: bool, session: int, minute: int = 0) -> StatusChange:
    """A status of one session."""
    return StatusChange(device_id, online, session, NOON + timedelta(minutes=minute), "1.2.3", 60.0)


async def state(connection: Connection) -> tuple[bool, int]:
    """(online, session) as kept."""
    row = await connection.fetchrow("SELECT online, session FROM device_status")
    assert row is not None
    return row["online"], row["session"]


async def test_an_online_sets_online_with_all_that_it_says(connection: Connection, device_id: int) -> None:
    await apply_status(connection, said(device_id, ONLINE, 7), NOON)
    row = await connection.fetchrow("SELECT online, session, at, firmware, uptime_s FROM device_status")
    assert row is not None
    assert tuple(row) == (True, 7, NOON, "1.2.3", 60.0)


async def test_an_offline_ends_its_own_session(connection: Connection, device_id: int) -> None:
    await apply_status(connection, said(device_id, ONLINE, 7), NOON)
    await apply_status(connection, said(device_id, OFFLINE, 7), NOON)
    assert await state(connection) == (False, 7)


async def test_the_will_of_an_old_session_does_not_end_the_new_one(connection: Connection, device_id: int) -> None:
    await apply_status(connection, said(device_id, ONLINE, 7), NOON)
    await apply_status(connection, said(device_id, ONLINE, 8, 1), NOON)
    await apply_status(connection, said(device_id, OFFLINE, 7), NOON)
    assert await state(connection) == (True, 8)


async def test_a_will_that_overtook_its_own_online_still_ends_it(connection: Connection, device_id: int) -> None:
    await apply_status(connection, said(device_id, OFFLINE, 7), NOON)
    await apply_status(connection, said(device_id, ONLINE, 7), NOON)
    assert not (await state(connection))[0]


@pytest.mark.parametrize("minute", [0, -1])
async def test_an_online_that_is_not_newer_changes_nothing(connection: Connection, device_id: int, minute: int) -> None:
    await apply_status(connection, said(device_id, ONLINE, 7), NOON)
    await apply_status(connection, said(device_id, ONLINE, 6, minute), NOON)
    assert await state(connection) == (True, 7)


async def test_a_replayed_online_of_an_ended_session_revives_nothing(connection: Connection, device_id: int) -> None:
    for change in (said(device_id, ONLINE, 7), said(device_id, OFFLINE, 7), said(device_id, ONLINE, 7)):
        await apply_status(connection, change, NOON)
    assert not (await state(connection))[0]


@pytest.mark.parametrize("order", [*permutations(range(3))])
async def test_the_order_of_arrival_does_not_matter(
    connection: Connection, device_id: int, order: tuple[int, ...]
) -> None:
    """Connected, lost, connected again: in the end it is online, whatever came first."""
    changes = [said(device_id, ONLINE, 7), said(device_id, OFFLINE, 7), said(device_id, ONLINE, 8, 1)]
    for index in order:
        await apply_status(connection, changes[index], NOON)
    assert await state(connection) == (True, 8)


async def test_a_device_that_was_thrown_out_is_offline(connection: Connection, device_id: int) -> None:
    await apply_status(connection, said(device_id, ONLINE, 7), NOON)
    await set_offline(connection, ["gauge-1"], NOON)
    assert await state(connection) == (False, 7)


async def test_an_online_that_was_said_ahead_of_the_clock_silences_none_once_the_clock_is_trusted(
    connection: Connection, device_id: int
) -> None:
    await apply_status(connection, said(device_id, ONLINE, 7, 60 * 24), NOON)
    await apply_status(connection, said(device_id, ONLINE, 8, 1), NOON)
    assert await state(connection) == (True, 7)
    await trust_clock(connection, NOON)
    await apply_status(connection, said(device_id, ONLINE, 8, 1), NOON)
    assert await state(connection) == (True, 8)
