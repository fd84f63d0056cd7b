"""Who of the followers may hear what operators do: proven when they say so, and again every few seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from hydroalert.api.live.clients import Client, Clients
from hydroalert.api.live.events import word
from hydroalert.domain.actors import Access, Caller, Role, Scope
from hydroalert.domain.errors import HydroAlertError

TRIAGE = Access(Role.VIEWER, Scope.REPORTS_READ)

UNAUTHORIZED = word(
    "unauthorized",
    {"reason": f"nothing proves any more that you may hear of triage ({TRIAGE}): log in again, then say so"},
)
"""What who may hear less from now on is told."""

AUTHORIZED = word("authorized", {"reason": "you hear of triage as long as that token is good"})

_EVERY_S = 2.0
_PAUSE_S = 0.1
_UNPROVEN_FOR_S = 15.0
_log = structlog.get_logger("hydroalert.api")

Recognises = Callable[[str], Awaitable[Caller | None]]
"""Whose token that is, None where it proves nothing. Raises Unavailable."""


async def recognise_nobody(_: str) -> Caller | None:
    """For an api without accounts."""
    return None


class Authority:
    """Looks again at every token that somebody follows by; `again`: something changed, look now."""

    def __init__(self, clients: Clients, recognises: Recognises, lost: Callable[[Client], None]) -> None:
        self.again = asyncio.Event()
        self._clients = clients
        self._recognises = recognises
        self._lost = lost
        self._proven_s = time.monotonic()

    async def admits(self, token: str) -> bool:
        """Whether its bearer may hear of triage now. Raises Unavailable."""
        caller = await self._recognises(token)
        return caller is not None and TRIAGE.admits(caller)

    async def watch(self) -> None:
        """For ever. While nothing can be proven, what was proven holds for some seconds and no longer."""
        while True:
            try:
                await self._prove_all()
                self._proven_s = time.monotonic()
            except HydroAlertError as error:
                _log.warning("live_proves_nobody", error=str(error))
                if time.monotonic() - self._proven_s > _UNPROVEN_FOR_S:
                    self._lose(self._tokens())
            await asyncio.sleep(_PAUSE_S)
            await self._wait()

    async def _prove_all(self) -> None:
        for token in self._tokens():
            if not await self.admits(token):
                self._lose({token})

    def _tokens(self) -> set[str]:
        return {client.token for client in self._clients.everybody() if client.token is not None}

    def _lose(self, tokens: set[str]) -> None:
        for client in self._clients.everybody():
            if client.token in tokens:
                self._lost(client)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(_EVERY_S):
                await self.again.wait()
        except TimeoutError:
            return
        self.again.clear()
