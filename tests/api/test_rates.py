"""Who asks too often is held back, by account or by address, and told when to come again."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from hydroalert.api.app import create_app
from hydroalert.api.callers.rates import LOGIN, READING, WORKING, Rates, Standing, bucket_of, standing_of
from hydroalert.api.services import Services
from hydroalert.api.settings import HttpSettings
from hydroalert.domain.actors import Actor, Caller, Role
from hydroalert.domain.errors import Unavailable
from hydroalert.store import open_pool
from hydroalert.store.rates import Taken

ANA = Caller(Actor("account", "ana", 7), Role.OPERATOR)
NOBODY = Caller(Actor("nobody", ""))


@pytest.fixture
async def two_processes(services: Services, database_url: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Clients of two applications that share nothing but the database, behind a proxy on this machine."""
    settings = HttpSettings(trusted_proxies=("127.0.0.1",))
    pools = [await open_pool(database_url) for _ in range(2)]
    apps = [create_app(replace(services, settings=settings, rates=Rates(pool))) for pool in pools]
    transports = [httpx.ASGITransport(app, client=("127.0.0.1", 40_000)) for app in apps]
    yield [httpx.AsyncClient(transport=one, base_url="http://127.0.0.1:8002") for one in transports]
    for pool in pools:
        pool.terminate()


async def test_processes_count_together_and_each_client_behind_a_proxy_by_itself(
    two_processes: list[httpx.AsyncClient], services: Services
) -> None:
    async def ask(process: int, address: str, **headers: str) -> httpx.Response:
        return await two_processes[process].get("/api/v1/stations", headers={"X-Forwarded-For": address, **headers})

    guessing = {"Authorization": "Bearer guessed"}
    first = await ask(0, "192.0.2.7", **guessing)
    assert first.status_code == 401
    assert first.headers["ratelimit-policy"] == '"unproven";q=60;w=60'
    assert first.headers["ratelimit"] == '"unproven";r=59;t=1'
    await services.writings.execute("UPDATE rate SET allowed_at = allowed_at + interval '2 minutes'")
    for process in (0, 1, 0, 1):
        refused = await ask(process, "192.0.2.7", **guessing)
        assert refused.status_code == 429
        assert refused.json()["type"] == "urn:hydroalert:problem:too-many-requests"
        wait_s = int(refused.headers["retry-after"])
        assert 1 < wait_s <= 62
        assert refused.headers["ratelimit"] == f'"unproven";r=0;t={wait_s}'
    assert (await ask(1, "192.0.2.8", **guessing)).status_code == 401
    reading = await ask(1, "192.0.2.7")
    assert reading.status_code == 200
    assert reading.headers["ratelimit"] == '"reading";r=599;t=1'
    here = await two_processes[0].get("/api/v1/stations", headers=guessing)
    assert here.status_code == 401
    assert "ratelimit" not in here.headers


async def test_while_nobody_can_count_people_read_on_and_nobody_logs_in(services: Services, database_url: str) -> None:
    pool = await open_pool(database_url)
    pool.terminate()
    rates = Rates(pool)
    assert await rates.ask(READING, "reading 192.0.2.7") is None
    with pytest.raises(Unavailable):
        await rates.ask(LOGIN, "login 192.0.2.7")
    transport = httpx.ASGITransport(create_app(replace(services, rates=rates)), client=("192.0.2.7", 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002") as client:
        assert (await client.get("/api/v1/stations")).status_code == 200


def test_each_refusal_says_when_one_more_would_pass() -> None:
    full = timedelta(seconds=LOGIN.window_s)
    assert standing_of(LOGIN, Taken(True, full)) == Standing(True, 0, LOGIN.interval_s)
    assert standing_of(LOGIN, Taken(False, full)) == Standing(False, 0, LOGIN.interval_s)
    assert standing_of(LOGIN, Taken(False, full - timedelta(seconds=2))) == Standing(False, 0, LOGIN.interval_s - 2)
    assert standing_of(LOGIN, Taken(True, timedelta(seconds=6))).remaining == LOGIN.quota - 1


@pytest.mark.parametrize(
    ("rate", "caller", "address", "bucket"),
    [
        (WORKING, ANA, "192.0.2.7", "working account 7"),
        (READING, ANA, "192.0.2.7", "reading account 7"),
        (READING, NOBODY, "192.0.2.7", "reading 192.0.2.7"),
        (WORKING, NOBODY, "192.0.2.7", "working 192.0.2.7"),
        (LOGIN, ANA, "192.0.2.7", "login 192.0.2.7"),
        (LOGIN, None, "2001:db8:0:7:aaaa::1", "login 2001:0db8:0000:0007"),
        (LOGIN, None, "2001:db8:0:7:bbbb::2", "login 2001:0db8:0000:0007"),
        (LOGIN, None, "127.0.0.1", "login 127.0.0.1"),
        (LOGIN, None, "", "login "),
    ],
)
def test_an_account_is_counted_wherever_it_asks_from_and_else_an_address(
    rate: object, caller: Caller | None, address: str, bucket: str
) -> None:
    assert bucket_of(rate, caller, address) == bucket  # type: ignore[arg-type]
