"""Requests whose head does not end, over a real socket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import msgspec
import pytest

from hydroalert.api import heads
from hydroalert.api.heads import MAX_HEAD_BYTES

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

MORE_THAN_ENOUGH = MAX_HEAD_BYTES + 512 * 1024
BODY = b"POST /api/v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


ENDLESS = {
    "address": (b"GET /health?", b"a"),
    "field": (b"GET /health HTTP/1.1\r\nX: ", b"a"),
    "fields": (b"GET /health HTTP/1.1\r\n", b"X: a\r\n"),
    "chunk extension": (BODY + b"1;", b"a"),
    "trailers": (BODY + b"0\r\n", b"X: a\r\n"),
}


@contextlib.asynccontextmanager
async def connected(base_url: str) -> AsyncIterator[Streams]:
    """A connection to the api."""
    where = urlsplit(base_url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    yield reader, writer
    writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Status and kind of problem."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
    kind: str = msgspec.json.decode(await reader.readexactly(length))["type"].rpartition(":")[2]
    return int(head.split()[1]), kind


async def test_what_never_becomes_a_request_is_not_kept(base_url: str) -> None:
    for what, (begun, endless) in ENDLESS.items():
        async with connected(base_url) as (reader, writer):
            writer.write(begun + endless * (MORE_THAN_ENOUGH // len(endless)))
            answers = [await answer(reader)]
            while answers[-1][0] in {400, 413}:  # what the route thinks of such a body
                answers.append(await answer(reader))
        assert (what, *answers[-1]) == (what, 431, "head-too-large")


async def test_a_body_may_be_longer_than_a_head(base_url: str) -> None:
    async with connected(base_url) as (reader, writer):
        writer.write(BODY + b"%x\r\n" % (2 * MAX_HEAD_BYTES) + b"a" * (2 * MAX_HEAD_BYTES))
        assert await answer(reader) == (413, "too-large")


async def test_who_does_not_end_a_head_is_let_go(base_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_PATIENCE_S", 0.01)
    for begun in (b"", b"GET /health HTTP/1.1\r\nX: a"):
        async with connected(base_url) as (reader, writer):
            writer.write(begun)
            assert await reader.read() == b""


async def test_what_is_no_http_is_a_problem_too(base_url: str) -> None:
    async with connected(base_url) as (reader, writer):
        writer.write(b"NONSENSE\r\n\r\n")
        assert await answer(reader) == (400, "bad-request")
