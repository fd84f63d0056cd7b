"""Every error is problem details (RFC 9457), whoever raised it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import get
from litestar.params import FromPath

from hydroalert.api.app import application, create_app, served
from hydroalert.api.callers.may import anyone
from hydroalert.api.services import Services
from hydroalert.domain.errors import Conflicting, HydroAlertError, InvalidInput, NotFound, SecretsError, Unavailable


@pytest.fixture
async def inside(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """The application without a socket, with routes that fail."""
    app = application.__wrapped__()  # routes of its own, which no other test shall have
    faults: dict[str, Exception] = {
        "invalid": InvalidInput("no", "limit"),
        "missing": NotFound("no"),
        "conflict": Conflicting("no"),
        "away": Unavailable("no"),
        "secret": SecretsError("the master key is 00ff"),
        "other": HydroAlertError("something of ours"),
        "unforeseen": RuntimeError("password=hunter2"),
    }

    @get("/fail/{name:str}", guards=[anyone()], sync_to_thread=False)
    def fail(name: FromPath[str]) -> None:
        raise faults[name]

    app.register(fail)
    transport = httpx.ASGITransport(served(app, services), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("invalid", 400, "invalid-input"),
        ("missing", 404, "not-found"),
        ("conflict", 409, "conflict"),
        ("away", 503, "unavailable"),
        ("secret", 500, "internal"),
        ("other", 500, "internal"),
        ("unforeseen", 500, "internal"),
    ],
)
async def test_each_fault_has_its_status_and_type(inside: httpx.AsyncClient, name: str, status: int, kind: str) -> None:
    answer = await inside.get(f"/fail/{name}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == f"urn:hydroalert:problem:{kind}"
    assert problem["status"] == status
    assert {"title", "detail"} <= set(problem)
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize("name", ["secret", "unforeseen"])
async def test_a_fault_of_ours_tells_a_stranger_nothing(inside: httpx.AsyncClient, name: str) -> None:
    text = (await inside.get(f"/fail/{name}")).text
    assert "hunter2" not in text
    assert "00ff" not in text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("GET", "/schema/nothing", 404),
        ("GET", "/assets/nothing.js", 404),
        ("GET", "/assets/../app.py", 404),
        ("GET", "/assets/%2e%2e/%2e%2e/app.py", 404),
        ("DELETE", "/api/v1/stations", 405),
        ("GET", "/api/v1/frames/avon", 405),
        ("POST", "/health", 405),
    ],
)
async def test_what_litestar_refuses_is_a_problem_too(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].startswith("urn:hydroalert:problem:")


async def test_who_sends_no_body_is_told_to(client: httpx.AsyncClient) -> None:
    problem = (await client.post("/api/v1/login")).json()
    assert (problem["parameter"], problem["detail"]) == ("data", "Send a body; /schema says which.")


async def test_a_client_that_goes_in_the_midst_of_its_body_is_no_fault_of_ours(services: Services) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/login",
        "query_string": b"",
        "headers": [(b"content-length", b"100"), (b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 40_000),
    }
    received = iter([{"type": "http.request", "body": b"{", "more_body": True}])
    answers = []

    async def receive() -> Any:
        return next(received, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        answers.append(message)

    await create_app(services)(scope, receive, send)  # type: ignore[arg-type]
    assert answers[0]["status"] == 400
    assert b"urn:hydroalert:problem:cut-off" in answers[1]["body"]


async def test_a_database_that_is_away_is_said_and_not_an_error_of_ours(
    services: Services, client: httpx.AsyncClient
) -> None:
    await services.readings.close()
    for path in ("/api/v1/stations", "/api/v1/stations/avon/datastreams/level/observations", "/api/v1/devices"):
        answer = await client.get(path)
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:hydroalert:problem:unavailable"
        assert int(answer.headers["retry-after"]) > 0
    assert (await client.get("/health")).status_code == 200
    assert "hydroalert_database_up 0.0" in (await client.get("/metrics")).text


async def test_every_answer_carries_its_id_and_may_run_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    for path in ("/", "/health", "/nothing", "/schema", "/api/v1/stations?limit=x", "/assets/app.js"):
        headers = (await client.get(path, headers={"X-Request-Id": "drill-7"})).headers
        assert headers["x-request-id"] == "drill-7"
        assert "default-src 'none'; script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    made_up = (await client.get("/health", headers={"X-Request-Id": 'a"b{}'})).headers["x-request-id"]
    assert made_up.isalnum()
