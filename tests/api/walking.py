"""Walks through pages as a client does."""

from collections.abc import AsyncIterator
from typing import Any

import httpx

Page = dict[str, Any]


async def pages(client: httpx.AsyncClient, path: str, **query: Any) -> AsyncIterator[Page]:
    """Each page's JSON, following `next`."""
    cursor: dict[str, str] = {}
    while True:
        answer = await client.get(path, params={**query, **cursor})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


async def collect(client: httpx.AsyncClient, path: str, key: str, **query: Any) -> list[Any]:
    """Everything under `key` of all pages."""
    return [item async for page in pages(client, path, **query) for item in page[key]]
