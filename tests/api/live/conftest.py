"""Followers of an api that has a broker and a database, as it has in the field."""

from collections.abc import AsyncIterator

import pytest

from hydroalert.embedded.mosquitto import Broker
from tests.api.alarms import Alarms
from tests.api.live.following import Voice, connected_voice
from tests.api.world import World


@pytest.fixture
def broker_url(mosquitto: Broker) -> str:
    """Where the broker is."""
    return mosquitto.url


@pytest.fixture
async def alarms(world: World) -> Alarms:
    """Areas, and an alerting process that is alive."""
    alarms = Alarms(world.connection)
    await alarms.be_alive()
    return alarms


@pytest.fixture
async def voice(mosquitto: Broker) -> AsyncIterator[Voice]:
    """Publishes hints as alerting does."""
    async with connected_voice(mosquitto) as voice:
        yield voice
