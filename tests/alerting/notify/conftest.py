"""A town that is warned, and what tells of it."""

from collections.abc import AsyncIterator

import pytest

from hydroalert.store import Pool
from hydroalert.store.sealing import Sealer
from tests.alerting.notify.receivers import (
    Mailbox,
    Trickle,
    Webhook,
    running_mailbox,
    running_trickle,
    running_webhook,
)
from tests.alerting.notify.town import Town
from tests.store.planting_alerts import plant_area


@pytest.fixture
async def town(pool: Pool) -> AsyncIterator[Town]:
    """Nobody has subscribed yet."""
    async with pool.acquire() as connection:
        yield Town(pool, connection, Sealer(bytes(range(32))), await plant_area(connection, "town"))


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    """A receiver of webhooks."""
    async with running_webhook() as running:
        yield running


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """A receiver of mail."""
    async with running_mailbox() as running:
        yield running


@pytest.fixture
async def trickle() -> AsyncIterator[Trickle]:
    """A mail server that keeps whoever sends to it."""
    async with running_trickle() as running:
        yield running
