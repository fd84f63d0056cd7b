"""What every answer carries, whoever gives it; and whose pages may read it."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from hydroalert.api.app import create_app
from hydroalert.api.services import Services
from hydroalert.api.settings import HttpSettings

FRIEND = "https://dashboard.example"
ANSWERS = [
    ("GET", "/health", 200),
    ("GET", "/nothing", 404),
    ("DELETE", "/health", 405),
    ("POST", "/api/v1/subscriptions", 401),
    ("POST", "/api/v1/login", 413),
    ("POST", "/api/v1/reports", 413),
    ("OPTIONS", "/health", 204),
]


def door(services: Services, settings: HttpSettings) -> httpx.AsyncClient:
    """A client behind a proxy on this machine."""
    transport = httpx.ASGITransport(create_app(replace(services, settings=settings)), client=("127.0.0.1", 40_000))
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002")


async def test_every_answer_has_its_id_and_says_what_a_browser_must_not_do(services: Services) -> None:
    async with door(services, HttpSettings(trusted_proxies=("127.0.0.1",))) as client:
        for method, path, status in ANSWERS:
            body = b"x" * 100_000 if status == 413 else b""
            answer = await client.request(method, path, content=body, headers={"X-Request-Id": "drill-7"})
            assert answer.status_code == status, path
            assert answer.headers["x-request-id"] == "drill-7"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert "geolocation=(self)" in answer.headers["permissions-policy"]
            assert "strict-transport-security" not in answer.headers
        secure = await client.get("/health", headers={"X-Forwarded-Proto": "https"})
        assert secure.headers["strict-transport-security"] == "max-age=31536000"
    async with door(services, HttpSettings()) as client:
        claimed = await client.get("/health", headers={"X-Forwarded-Proto": "https"})
        assert "strict-transport-security" not in claimed.headers


async def test_a_websocket_is_refused_with_a_problem_and_its_id(base_url: str) -> None:
    for path, headers, status, kind in (
        ("/api/v1/ws?kind=nothing", {}, 400, "invalid-input"),
        ("/api/v1/ws", {"Authorization": "Bearer guessed"}, 401, "invalid-token"),
        ("/api/v1/nothing", {}, 404, "not-found"),
    ):
        given = {"X-Request-Id": "drill-7", **headers}
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"{base_url.replace('http', 'ws')}{path}", additional_headers=given, proxy=None)
        answer = refused.value.response
        assert answer.status_code == status
        assert answer.headers["x-request-id"] == "drill-7"
        assert answer.headers["content-type"] == "application/problem+json"
        assert f'"urn:hydroalert:problem:{kind}"'.encode() in (answer.body or b"")


async def test_a_page_of_a_named_site_may_read_and_nothing_else(services: Services) -> None:
    async with door(services, HttpSettings(cors_origins=(FRIEND,))) as client:

        async def asked(method: str, path: str, origin: str, **more: str) -> httpx.Headers:
            headers = {"Origin": origin, **{name.replace("_", "-"): value for name, value in more.items()}}
            return (await client.request(method, path, headers=headers)).headers

        for path in ("/api/v1/stations", "/nothing"):
            read = await asked("GET", path, FRIEND)
            assert read["access-control-allow-origin"] == FRIEND
            assert "RateLimit" in read["access-control-expose-headers"]
            assert "Origin" in read["vary"]
        for headers in (
            await asked("GET", "/health", "https://evil.example"),
            await asked("GET", "/health", "null"),
            await asked("GET", "/health", FRIEND + ".evil.example"),
            await asked("POST", "/api/v1/login", FRIEND),
        ):
            assert "access-control-allow-origin" not in headers
            assert "Origin" in headers["vary"]
        assert "Origin" in (await client.get("/health")).headers["vary"]
        wanted: dict[str, Any] = {"Access_Control_Request_Method": "GET"}
        preflight = await asked("OPTIONS", "/api/v1/stations", FRIEND, **wanted)
        assert preflight["access-control-allow-methods"] == "GET, HEAD"
        assert "authorization" not in preflight["access-control-allow-headers"].lower()
        assert "x-request-id" in preflight
        for origin, method in ((FRIEND, "DELETE"), ("https://evil.example", "GET")):
            refused = await asked("OPTIONS", "/api/v1/stations", origin, Access_Control_Request_Method=method)
            assert "access-control-allow-methods" not in refused


async def test_no_site_may_read_unless_it_is_said_and_all_may_where_that_is(services: Services) -> None:
    for origins, seen in (((), None), (("*",), "*")):
        async with door(services, HttpSettings(cors_origins=origins)) as client:
            answer = await client.get("/health", headers={"Origin": FRIEND})
            assert answer.headers.get("access-control-allow-origin") == seen
            assert "access-control-allow-credentials" not in answer.headers
            assert "vary" not in answer.headers
