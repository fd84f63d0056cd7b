"""A fresh database with registered devices, and a settler as the bridge holds it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from hydroalert.admission.decide import Arrival, Decision, Rules
from hydroalert.admission.settle import Settler
from hydroalert.store import Connection, Pool, open_pool
from hydroalert.store.sealing import Sealer
from tests.admission.gauges import NOW_MS, RULES, Gauge, judged, register, registry_of

Settle = Callable[..., Awaitable[list[Decision]]]


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """A pool on a fresh, migrated database."""
    opened = await open_pool(database_url, size=6)
    yield opened
    opened.terminate()


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    """One connection of it."""
    async with pool.acquire() as taken:
        yield taken


@pytest.fixture
def sealer() -> Sealer:
    """Under this folder's master key."""
    return Sealer(bytes(range(32)))


@pytest.fixture
async def gauge(connection: Connection, sealer: Sealer) -> Gauge:
    """A registered device."""
    return await register(connection, sealer)


@pytest.fixture
async def other(connection: Connection, sealer: Sealer) -> Gauge:
    """Another."""
    return await register(connection, sealer, "gauge-2")


@pytest.fixture
def settle(connection: Connection, sealer: Sealer) -> Settle:
    """Judge arrivals at noon and settle them; returns the settled decisions."""
    settler = Settler()

    async def run(arrivals: Sequence[Arrival], rules: Rules = RULES, now_ms: int = NOW_MS) -> list[Decision]:
        registry = await registry_of(connection, sealer)
        return await settler.settle(connection, judged(arrivals, registry, rules), now_ms)

    return run
