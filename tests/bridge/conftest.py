"""A river: a database of the test's own, the worker's broker, and devices known to both."""

from collections.abc import AsyncIterator

import pytest

from hydroalert.embedded.mosquitto import Broker
from hydroalert.store import open_pool
from tests.bridge.river import Device, River


@pytest.fixture
async def river(database_url: str, mosquitto: Broker) -> AsyncIterator[River]:
    """Nobody on it yet."""
    pool = await open_pool(database_url, size=4)
    # A clone of the template has its share group, and the lanes of former tests would be dealt this test's frames.
    await pool.execute("UPDATE platform SET share_group = replace(gen_random_uuid()::text, '-', '')")
    yield River(database_url, pool, mosquitto)
    pool.terminate()


@pytest.fixture
async def device(river: River) -> Device:
    """A registered device."""
    return await river.add_device()
