"""Laws of who may hear of triage: what proved it once must prove it again, and what cannot be proven counts no more."""

import asyncio

import pytest

from hydroalert.api.live import authority
from hydroalert.api.live.authority import Authority
from hydroalert.api.live.clients import Client, Clients
from hydroalert.api.live.filters import Filter
from hydroalert.domain.actors import Actor, Caller, Role, Scope
from hydroalert.domain.errors import Unavailable

VIEWER = Caller(Actor("account", "vera"), Role.VIEWER)


class Doorkeeper:
    """Whose token is whose; away while `away`."""

    def __init__(self) -> None:
        self.known = {"vera's": VIEWER, "olga's": Caller(Actor("account", "olga"), Role.OPERATOR)}
        self.away = False

    async def recognise(self, token: str) -> Caller | None:
        """As `Recognises` says."""
        if self.away:
            raise Unavailable("away")
        return self.known.get(token)


async def first_lost(doorkeeper: Doorkeeper) -> Client:
    """Who of vera, olga and a citizen is the first to hear no more."""
    clients, lost = Clients(), asyncio.Queue[Client]()
    for token in ("vera's", "olga's", None):
        clients.add(Client(Filter(), token))
    watching = asyncio.create_task(Authority(clients, doorkeeper.recognise, lost.put_nowait).watch())
    try:
        return await asyncio.wait_for(lost.get(), 20)
    finally:
        watching.cancel()


@pytest.mark.parametrize(
    "now", [None, Caller(VIEWER.actor, None), Caller(VIEWER.actor, Role.ADMIN, frozenset({Scope.METRICS})),
            Caller(VIEWER.actor, Role.OPERATOR, confined="second-factor")]
)  # fmt: skip
async def test_whose_token_proves_less_than_before_hears_no_more_and_the_others_do(now: Caller | None) -> None:
    doorkeeper = Doorkeeper()
    doorkeeper.known["vera's"] = now  # type: ignore[assignment]
    assert (await first_lost(doorkeeper)).token == "vera's"


async def test_where_nothing_can_be_proven_for_a_while_nobody_counts_as_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(authority, "_UNPROVEN_FOR_S", 0.0)
    doorkeeper = Doorkeeper()
    doorkeeper.away = True
    assert (await first_lost(doorkeeper)).token is not None
