"""The stand-in's public HTTP: observations page by page, and device tallies. Only what reconcile reads."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from stand_in import StandIn

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAGE = 7  # small, so that every test pages


@asynccontextmanager
async def serving(platform: StandIn, port: int) -> AsyncIterator[str]:
    """Serve on a loopback port; gives the URL."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        body = _answer(platform, head.split(" ")[1])
        status = "404 Not Found" if body is None else "200 OK"
        payload = json.dumps(body or {}).encode()
        length = f"content-length: {len(payload)}\r\nconnection: close\r\n\r\n"
        writer.write(f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{length}".encode() + payload)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", port):
        yield f"http://127.0.0.1:{port}"


def _answer(platform: StandIn, target: str) -> dict[str, object] | None:
    parts = urlsplit(target)
    if parts.path == "/api/v1/devices":
        devices = {device for device in platform.refused} | set(platform.frames)
        return {"devices": [_tally(platform, device) for device in sorted(devices)], "next": None}
    _, _, _, _, station, _, code, _ = parts.path.split("/")
    start = int(parse_qs(parts.query).get("cursor", ["0"])[0])
    rows = sorted(
        (t, v) for (device, c, t), v in platform.observations.items() if (device, c) == (f"{station}-logger", code)
    )
    rows += platform.extra.get((station, code), [])
    if not rows:
        return None
    page = [{"time": _rfc3339(time_ms), "result": value} for time_ms, value in rows[start : start + PAGE]]
    return {"unit": "m", "observations": page, "next": str(start + PAGE) if start + PAGE < len(rows) else None}


def _tally(platform: StandIn, device: str) -> dict[str, object]:
    refused = Counter(platform.refused[device])
    return {"device": device, "refused": {word: {"frames": n, "records": 0} for word, n in refused.items()}}


def _rfc3339(time_ms: int) -> str:
    return (EPOCH + timedelta(milliseconds=time_ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
