"""What answers this machine itself without a login answers nobody else without one."""

import httpx
import pytest

from hydroalert.api.app import create_app
from hydroalert.api.services import Services

PRIVATE = (
    "/api/v1/devices",
    "/api/v1/devices/avon-1",
    "/metrics",
    "/health/detailed",
)
PUBLIC = ("/health", "/api/v1/stations", "/schema")


async def ask(services: Services, path: str, *, client: str, **headers: str) -> int:
    transport = httpx.ASGITransport(create_app(services), client=(client, 40_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002") as opened:
        answer = await opened.get(path, headers=headers)
    if answer.status_code == 401:
        assert answer.json()["type"] == "urn:hydroalert:problem:login-needed"
        assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer.status_code


@pytest.mark.parametrize("client", ["192.0.2.7", "10.0.0.1", "::ffff:192.0.2.7", "2001:db8::1", "127.0.0.1.evil", ""])
async def test_a_stranger_reads_only_what_is_public(services: Services, client: str) -> None:
    assert [await ask(services, path, client=client) for path in PRIVATE] == [401] * len(PRIVATE)
    assert [await ask(services, path, client=client) for path in PUBLIC] == [200] * len(PUBLIC)


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
async def test_the_machine_itself_reads_its_health_and_devices(services: Services, client: str) -> None:
    assert [await ask(services, path, client=client) for path in PRIVATE] == [200, 404, 200, 200]


@pytest.mark.parametrize("name", ["X-Forwarded-For", "x-real-ip", "Forwarded", "Via", "X-Forwarded-Host"])
@pytest.mark.parametrize("client", ["127.0.0.1", "192.0.2.7"])
async def test_what_came_through_a_proxy_is_no_loopback_whatever_it_claims(
    services: Services, name: str, client: str
) -> None:
    assert await ask(services, "/api/v1/devices", client=client, **{name: "127.0.0.1"}) == 401


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("rebound.example", 401),
        ("rebound.example:8002", 401),
        ("192.0.2.7:8002", 401),
        ("", 401),
        ("[::1", 401),
        ("localhost:8002", 200),
        ("[::1]:8002", 200),
    ],
)
async def test_a_page_that_rebinds_its_name_to_loopback_is_refused(services: Services, host: str, status: int) -> None:
    assert await ask(services, "/api/v1/devices", client="127.0.0.1", Host=host) == status


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8002", 200),
        ("http://127.0.0.1", 200),
        ("https://evil.example", 401),
        ("null", 401),
        ("", 401),
    ],
)
async def test_a_page_from_elsewhere_cannot_use_a_browser_here(services: Services, origin: str, status: int) -> None:
    assert await ask(services, "/api/v1/devices", client="127.0.0.1", origin=origin) == status
