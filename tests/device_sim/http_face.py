"""The stand-in's public HTTP: observations page by page, and device tallies. Only what reconcile reads."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from tests.device_sim.stand_in import StandIn

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PAGE = 7  # small, so that every test pages


@asynccontextmanager
async def serving(platform: StandIn, port: int = 0) -> AsyncIterator[str]:
    """Serve on a loopback port; gives the URL."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        method, target, _ = head.split(" ", 2)
        if method == "post":
            frame = await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
            payload, status = _post(platform, target.rsplit("/", 1)[1], frame), "200 OK"
        else:
            body = _answer(platform, target)
            payload, status = json.dumps(body or {}).encode(), "200 OK" if body is not None else "404 Not Found"
        length = f"content-length: {len(payload)}\r\nconnection: close\r\n\r\n"
        writer.write(f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n{length}".encode() + payload)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", port) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def _post(platform: StandIn, device: str, frame: bytes) -> bytes:
    """A frame over HTTP is judged under the topic that it would have had (design 4.4)."""
    topic = f"hydroalert/v1/devices/{device}/{'status' if frame[1] == 2 else 'frames'}"
    wanted = platform.judge(topic, frame)
    return b"" if wanted is None else platform.receipt(topic, *wanted)[1]


def _answer(platform: StandIn, target: str) -> dict[str, object] | None:
    parts = urlsplit(target)
    if parts.path == "/health":
        return {"status": "alive"}
    if parts.path == "/api/v1/devices":
        devices = set(platform.refused) | set(platform.frames)
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
