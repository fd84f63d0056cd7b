"""People of a platform, seen from outside: who logs in as an operator, who reports what they saw."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.journey._platform import Platform

PASSWORD = "a heron stands in the shallows"
Json = dict[str, Any]


class Person:
    """Somebody with an account, who calls the api with its token; `client` may be used for anything else."""

    def __init__(self, name: str, client: httpx.AsyncClient) -> None:
        self.name = name
        self.client = client

    @property
    def headers(self) -> dict[str, str]:
        """What proves who it is."""
        return {"Authorization": self.client.headers["Authorization"]}

    async def log_in(self, password: str) -> None:
        """By the password that was given out, which must be changed at once."""
        tokens = await self.post("login", {"name": self.name, "password": password})
        self.client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        if tokens["must_change_password"]:
            await self.post("account/password", {"current": password, "new": PASSWORD})

    async def get(self, path: str, **parameters: Any) -> Any:
        """What a path answers, which must be well."""
        return _answer(await self.client.get(path, params=parameters))

    async def post(self, path: str, body: Json) -> Any:
        """What comes of it, which must be well."""
        return _answer(await self.client.post(path, json=body))

    async def put(self, path: str, body: Json) -> Any:
        """The same of a PUT."""
        return _answer(await self.client.put(path, json=body))


class Citizen:
    """Somebody without an account, who has the tracking code of one report."""

    def __init__(self, report: Json, client: httpx.AsyncClient) -> None:
        self.report = report
        self._client = client
        self._client.headers["X-Tracking-Code"] = report["tracking_code"]

    async def send(self, picture: bytes) -> Json:
        """One more picture."""
        sent: Json = _answer(await self._client.post("reports/tracked/evidence", content=picture))
        return sent

    async def look(self) -> Json:
        """The report as its reporter sees it."""
        seen: Json = _answer(await self._client.get("reports/tracked"))
        return seen


class People:
    """Those who come to a platform; they leave together."""

    def __init__(self, platform: Platform, leaving: AsyncExitStack) -> None:
        self._platform = platform
        self._leaving = leaving

    async def join(self, name: str, role: str) -> Person:
        """Somebody with a new account of that role, logged in."""
        made = await asyncio.to_thread(self._platform.ask, "account", "add", name, "--role", role)
        found = Person(name, await self._client())
        await found.log_in(made["password"])
        return found

    async def report(self, lon: float, lat: float, **more: Any) -> Citizen:
        """Somebody who just saw water on a road at that place."""
        client = await self._client()
        said = {"lon": lon, "lat": lat, "seen_at": datetime.now(UTC).isoformat(), "category": "flooded-road"}
        return Citizen(_answer(await client.post("reports", json=said | {"language": "en"} | more)), client)

    async def _client(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(base_url=f"{self._platform.http}/api/v1/", timeout=60)
        return await self._leaving.enter_async_context(client)


def _answer(answer: httpx.Response) -> Any:
    assert answer.is_success, f"{answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None
