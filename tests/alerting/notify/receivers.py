"""Receivers that notifications really arrive at: an HTTP server and an SMTP server on loopback."""

import asyncio
import email
import email.message
import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Webhook:
    """What arrived at an HTTP server, and what it answers: the statuses of `answers` in turn, then 204."""

    url: str = ""
    arrived: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    answered: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    """While this is clear it takes requests and answers none."""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(body) for _, body in self.arrived]

    @property
    def revisions(self) -> list[int]:
        return [body["data"]["revision"] for body in self.bodies]

    @property
    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.arrived]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
            signed = dict(line.split(": ", 1) for line in head[1:] if line.lower().startswith("webhook-signature"))
            headers |= {name.lower(): value for name, value in signed.items()}
            body = await reader.readexactly(int(headers["content-length"]))
            status = self.answers.pop(0) if self.answers else 204
            self.arrived.append((headers, body))
            await self.opened.wait()
            writer.write(f"HTTP/1.1 {status} X\r\nLocation: {self.url}\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            self.answered += 1
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def running_webhook() -> AsyncIterator[Webhook]:
    """An HTTP server that takes webhooks at `url`."""
    webhook = Webhook()
    webhook.opened.set()
    server = await asyncio.start_server(webhook.serve, "127.0.0.1", 0)
    webhook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token-9f3a7c"
    try:
        yield webhook
    finally:
        webhook.opened.set()
        server.close()
        await asyncio.sleep(0)


@dataclass
class Mailbox:
    """What arrived at an SMTP server; `refusing`: it takes nothing."""

    url: str = ""
    refusing: bool = False
    arrived: list[email.message.EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """One mail."""
        if self.refusing:
            return "451 try again later"
        assert isinstance(envelope.content, bytes)
        self.arrived.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 taken"


@asynccontextmanager
async def running_mailbox() -> AsyncIterator[Mailbox]:
    """An SMTP server that takes mail at `url`."""
    mailbox = Mailbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, hostname="localhost", loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    mailbox.url = f"mailto://127.0.0.1:{port}/?from=alerts@example.org&to=officer@example.org&mode=insecure"
    try:
        yield mailbox
    finally:
        server.close()


@dataclass
class Trickle:
    """A mail server that greets at `url` with one byte after the other, and never comes to an end."""

    url: str = ""
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """No wait for an answer is long, and all of them together are."""
        with suppress(OSError):
            while not self.let_go.is_set():
                writer.write(b"2")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()


@asynccontextmanager
async def running_trickle() -> AsyncIterator[Trickle]:
    """Trickles until it lets go."""
    trickle = Trickle()
    server = await asyncio.start_server(trickle.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    trickle.url = f"mailto://127.0.0.1:{port}/?from=a@example.org&to=b@example.org&mode=insecure"
    try:
        yield trickle
    finally:
        trickle.let_go.set()
        server.close()
        await asyncio.sleep(0.1)
